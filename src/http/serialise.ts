import type Joi from 'joi';

type Write = (value: unknown) => unknown;

interface Described {
  type?: string;
  metas?: { wire?: 'instant' | 'date' | 'money' }[];
  keys?: Record<string, Described>;
  items?: Described[];
  patterns?: { rule: Described }[];
}

const scalar: Write = (value) => {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? Number(value) : value;
};

const wires: Record<'instant' | 'date' | 'money', Write> = {
  instant: scalar,
  date: (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : value),
  money: (value) => Number(value),
};

/** Only what the shape names leaves: a field that is not documented can't leak. */
function objectWriter(keys: Record<string, Described>, patterns: { rule: Described }[]): Write {
  const named = Object.entries(keys).map(([key, field]) => [key, writer(field)] as const);
  const rest = patterns[0] && writer(patterns[0].rule);
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const source = value as Record<string, unknown>;
    const target: Record<string, unknown> = {};
    for (const [key, write] of named)
      if (source[key] !== undefined) target[key] = writeOrNull(write, source[key]);
    if (rest)
      for (const key of Object.keys(source)) if (!(key in keys)) target[key] = writeOrNull(rest, source[key]);
    return target;
  };
}

const writeOrNull = (write: Write, value: unknown): unknown => (value === null ? null : write(value));

function writer(field: Described): Write {
  const wire = field.metas?.find((meta) => meta.wire)?.wire;
  if (wire) return wires[wire];
  if (field.type === 'object' && (field.keys || field.patterns)) {
    return objectWriter(field.keys ?? {}, field.patterns ?? []);
  }
  if (field.type === 'array' && field.items?.[0]) {
    const write = writer(field.items[0]);
    return (value) => (Array.isArray(value) ? value.map((item) => writeOrNull(write, item)) : value);
  }
  return scalar;
}

/** Compiles the response shape, once and when it first has a value to write, to a function from it to plain JSON. */
export function serialiser(schema: Joi.Schema): Write {
  let write: Write | undefined;
  return (value) => writeOrNull((write ??= writer(schema.describe())), value);
}
