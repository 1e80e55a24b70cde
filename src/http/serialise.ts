import type Joi from 'joi';

/** A value as JSON text; undefined where it has none. */
type Write = (value: unknown) => string | undefined;

interface Described {
  type?: string;
  metas?: { wire?: 'instant' | 'date' | 'money' }[];
  keys?: Record<string, Described>;
  items?: Described[];
  patterns?: { rule: Described }[];
}

const dayMs = 86_400_000;
const digits = (length: number): string[] =>
  Array.from({ length: 10 ** length }, (_, n) => String(n).padStart(length, '0'));
const [two, three] = [digits(2), digits(3)];
/** The days of records are few; most come again and again. */
let days = new Map<number, string>();
const mostDays = 10_000;

/** `toISOString`, which takes most of the time that a list takes to write, of a day that was written before. */
export function isoText(date: Date): string {
  const ms = date.getTime();
  const day = Math.floor(ms / dayMs);
  let text = days.get(day);
  if (text === undefined) {
    text = date.toISOString().slice(0, -13);
    if (days.size >= mostDays) days = new Map();
    days.set(day, text);
  }
  const left = ms - day * dayMs;
  const seconds = Math.floor(left / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${text}${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}.${three[left % 1000]}Z`;
}

/** Nothing that JSON writes otherwise: a quote, a backslash, a control character, half of a pair. */
const plain = /^[^"\\\p{Cc}\p{Cs}]*$/u;

const scalar: Write = (value) => {
  if (typeof value === 'string') return plain.test(value) ? `"${value}"` : JSON.stringify(value);
  return typeof value === 'bigint' ? `${Number(value)}` : JSON.stringify(value);
};

const wires: Record<'instant' | 'date' | 'money', Write> = {
  instant: (value) => (value instanceof Date ? `"${isoText(value)}"` : scalar(value)),
  date: (value) => (value instanceof Date ? `"${isoText(value).slice(0, 10)}"` : scalar(value)),
  money: (value) => scalar(Number(value)),
};

const orNull = (write: Write, value: unknown): string => (value === null ? 'null' : (write(value) ?? 'null'));

/** Only what the shape names leaves: a field that is not documented can't leak. */
function objectWriter(keys: Record<string, Described>, patterns: { rule: Described }[]): Write {
  const named = Object.entries(keys).map(
    ([key, field]) => [key, `${JSON.stringify(key)}:`, writer(field)] as const,
  );
  const rest = patterns[0] && writer(patterns[0].rule);
  return (value) => {
    if (typeof value !== 'object' || value === null) return scalar(value);
    const source = value as Record<string, unknown>;
    let text = '';
    for (const [key, label, write] of named) {
      const field = source[key];
      if (field !== undefined) text += `${text === '' ? '' : ','}${label}${orNull(write, field)}`;
    }
    if (rest)
      for (const key of Object.keys(source))
        if (!(key in keys) && source[key] !== undefined)
          text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${orNull(rest, source[key])}`;
    return `{${text}}`;
  };
}

function writer(field: Described): Write {
  const wire = field.metas?.find((meta) => meta.wire)?.wire;
  if (wire) return wires[wire];
  if (field.type === 'object' && (field.keys || field.patterns)) {
    return objectWriter(field.keys ?? {}, field.patterns ?? []);
  }
  if (field.type === 'array' && field.items?.[0]) {
    const write = writer(field.items[0]);
    return (value) =>
      Array.isArray(value) ? `[${value.map((item) => orNull(write, item)).join(',')}]` : scalar(value);
  }
  return scalar;
}

/** Compiles the response shape, once and when it first has a value to write, to a function from it to JSON. */
export function serialiser(schema: Joi.Schema): (value: unknown) => string {
  let write: Write | undefined;
  return (value) => orNull((write ??= writer(schema.describe())), value);
}
