import { given } from '../../../lib/changes.js';
import { eitherText } from '../../../lib/either-of.js';
import type { AnyReport, ReportQuery } from '../engine/reports.definition.js';
import { parametersOf } from '../engine/reports.schema.js';
import type { Facts } from './verification.repository.js';

/* Questions for a report that are made from what there is to ask for. Pure: the same seed, the same questions. */

/** From 0 to 1, for ever. mulberry32 (Tommy Ettinger, public domain). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Query = Readonly<Record<string, unknown>>;

interface Described {
  readonly keys: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly allow?: readonly unknown[];
        readonly rules?: readonly { readonly name: string; readonly args?: { readonly limit?: number } }[];
      }
    >
  >;
}

/** What the report's own parameters can be; undefined: left out. */
function choicesOf(report: AnyReport, facts: Facts): Map<string, readonly unknown[]> {
  const { keys } = parametersOf(report).describe() as unknown as Described;
  const choices = new Map<string, readonly unknown[]>();
  for (const name of Object.keys(report.params)) {
    const { type, allow, rules = [] } = keys[name]!;
    const most = rules.find((rule) => rule.name === 'max')?.args?.limit;
    if (name === 'year') choices.set(name, [undefined, ...facts.years]);
    else if (name === 'disease') choices.set(name, [undefined, ...facts.diseases]);
    else if (type === 'boolean') choices.set(name, [undefined, true, false]);
    else if (type === 'number') choices.set(name, [undefined, most]);
    else if (allow) choices.set(name, allow);
  }
  return choices;
}

const text = (year: number, month = 1, day = 1): string =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** Whole years, quarters, months and days, runs of them, open ones, and one that begins within a day. */
function periodsOf({ years }: Facts, random: () => number): Query[] {
  const upTo = (n: number): number => Math.floor(random() * n);
  return years.flatMap((year) => {
    const [month, day] = [1 + upTo(12), 1 + upTo(28)];
    const quarter = 1 + 3 * upTo(4);
    return [
      { from: text(year), to: text(year + 1) },
      { from: text(year), to: text(year + 2) },
      { from: text(year, quarter), to: text(year, quarter + 3) },
      { from: text(year, month), to: text(year, month + 1) },
      { from: text(year, month), to: text(year, month + 1 + upTo(18)) },
      { from: text(year, month, day), to: text(year, month, day + 1) },
      { from: text(year, month, day), to: text(year, month, day + 1 + upTo(400)) },
      { from: text(year, month) },
      { to: text(year, month) },
      { from: `${text(year, month, day)}T05:30:00Z`, to: text(year + 1) },
    ];
  });
}

/** All ways to choose one of each, the first ones first; not more than `most`. */
function combinations(choices: ReadonlyMap<string, readonly unknown[]>, most: number): Query[] {
  let found: Query[] = [{}];
  for (const [name, values] of choices)
    found = found.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))).slice(0, most);
  return found;
}

/**
 * At the most `sample` questions, each once: every choice of the report's own words about everything, about each year, and
 * then by chance. Some of them may be refused.
 */
export function questionsFor(
  report: AnyReport,
  facts: Facts,
  { sample, seed }: { readonly sample: number; readonly seed: number },
): ReportQuery[] {
  const random = randomOf(seed);
  const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)];
  /** One of them, or some. */
  const pickSome = (values: readonly string[]): string | undefined => {
    const some = random() < 0.6 ? 1 : 2 + Math.floor(random() * 3);
    return eitherText(Array.from({ length: some }, () => pick(values)).filter((one) => one !== undefined));
  };
  const choices = choicesOf(report, facts);
  const words = new Map([...choices].filter(([, values]) => values[0] !== undefined));
  const periods = periodsOf(facts, random);
  const found = new Map<string, ReportQuery>();
  const shape = parametersOf(report);
  const add = (query: Query): void => {
    const { value, error } = shape.validate(given(query)) as { value: ReportQuery; error?: unknown };
    if (!error && found.size < sample) found.set(JSON.stringify(value), value);
  };
  const all = combinations(words, sample);
  for (const one of all) add(one);
  for (const year of facts.years) add({ ...pick(all), from: text(year), to: text(year + 1) });
  for (let tries = 0; tries < 10 * sample && found.size < sample; tries++) {
    const own = [...choices].map(([name, values]) => [name, pick(values)] as const);
    const scope = {
      hospital_id: random() < 0.3 ? pickSome(facts.hospitals) : undefined,
      region: random() < 0.15 ? pickSome(facts.regions) : undefined,
      department_id: random() < 0.3 ? pickSome(facts.departments) : undefined,
      doctor_id: random() < 0.25 ? pickSome(facts.doctors) : undefined,
    };
    add({ ...(Object.fromEntries(own) as Query), ...(random() < 0.8 ? pick(periods) : {}), ...scope });
  }
  return [...found.values()];
}
