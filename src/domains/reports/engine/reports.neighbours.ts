import { DateTime } from 'luxon';
import pLimit from 'p-limit';
import type { Scope } from '../../../../aggregations/stages/filters.js';
import { years } from '../../../lib/time.js';
import type { AnyReport, Asked, ReportQuery } from './reports.definition.js';
import { countsOf } from './reports.small-cells.js';
import type { Row } from './reports.types.js';

type AskedReport = Asked<ReportQuery>;

/** By the row’s key, the figures that count: what is not there counts nobody. */
type Counts = ReadonlyMap<string, readonly number[]>;

/** A question that is a part of another one: of the months from `from` to before `to`, counted from year 0. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly scope: Scope;
  /** By how many steps its places are smaller than those of the question. */
  readonly depth: number;
  readonly query: ReportQuery;
}

/** A part, and the rows whose figures in it are near those of the question. */
interface Level {
  readonly part: Part;
  readonly keys: readonly string[];
}

export interface Neighbours {
  /** The rows of a part of the question, all of them. */
  rowsOf(asked: AskedReport): Promise<readonly Row[]>;
  /** The largest scopes below this one that may be asked for. */
  scopesWithin(scope: Scope): Promise<readonly Scope[]>;
  /** How many are asked at once. */
  readonly atOnce: number;
  /** How many are asked at the most; what is not decided by then is hidden. */
  readonly most: number;
}

const monthOf = (time: Date, zone: string): number => {
  const { year, month } = DateTime.fromJSDate(time, { zone });
  return year * 12 + month - 1;
};

const timeOf = (month: number, zone: string): Date =>
  DateTime.fromObject({ year: Math.floor(month / 12), month: (month % 12) + 1 }, { zone }).toJSDate();

/** The name of a row that is the same in all answers: what a code is called may differ. */
export const careKey = ({ key: [code, name] }: Pick<AnyReport, 'key'>, row: Row): string =>
  JSON.stringify(row[code!] ?? [row[name!] ?? null]);

const askedOf = (asked: AskedReport, { from, to, scope, query }: Part): AskedReport => {
  const between = (zone: string) => ({ from: timeOf(from, zone), to: timeOf(to, zone) });
  return { ...asked, query, scope, period: between(asked.timeZone), days: between('UTC') };
};

const nameOf = ({ from, to, scope, query }: Part): string => JSON.stringify([from, to, scope, query]);

type Distance = 'far' | 'near' | 'telling';

/**
 * What the answer to a part tells of a row beside the answer to the whole: `telling` where a difference is a small count. None of
 * the parts of a part that is `far` is near: the parts of a count are no larger than it.
 */
function distanceOf(whole: readonly number[], part: readonly number[] | undefined, below: number): Distance {
  let isNear = false;
  for (const [at, count] of whole.entries()) {
    const counted = part?.[at] ?? 0;
    const rest = count - counted;
    if (count === 0 || rest >= below) continue;
    isNear = true;
    if (rest > 0 && counted >= below) return 'telling';
  }
  return isNear ? 'near' : 'far';
}

const isSame = (a: Counts, b: Counts): boolean =>
  a.size === b.size &&
  [...a].every(([key, counts]) => {
    const others = b.get(key);
    return others !== undefined && counts.every((count, at) => count === others[at]);
  });

/** The greatest step from `low` on, where it holds, for which it still does: it does not hold at `high`. */
async function lastWhere(
  low: number,
  high: number,
  holds: (at: number) => Promise<boolean>,
): Promise<number> {
  let [first, last] = [low, high];
  while (last - first > 1) {
    const middle = Math.floor((first + last) / 2);
    if (await holds(middle)) first = middle;
    else last = middle;
  }
  return first;
}

const counted = (report: AnyReport, rows: readonly Row[]): Counts =>
  new Map(rows.map((row) => [careKey(report, row), countsOf(report, row)]));

/** What a question is made of, and the counts of each part. */
function createParts(
  report: AnyReport,
  asked: AskedReport,
  { rowsOf, scopesWithin, atOnce, most }: Neighbours,
) {
  const { period, timeZone, query, scope } = asked;
  const limited = pLimit(atOnce);
  const within = new Map<string, Promise<readonly Scope[]>>();
  const hasPlaces = report.namesDoctor?.(query as never) ?? true;
  let left = most;

  function placesIn(whole: Scope): Promise<readonly Scope[]> {
    const name = JSON.stringify(whole);
    const found = within.get(name) ?? scopesWithin(whole);
    within.set(name, found);
    return found;
  }

  return {
    all: {
      from: period.from ? monthOf(period.from, timeZone) : years.first * 12,
      to: period.to ? monthOf(period.to, timeZone) : years.last * 12,
      ...{ scope, query, depth: 0 },
    },
    areLeft: (count: number): boolean => count <= left,

    countsIn(part: Part): Promise<Counts> {
      left -= 1;
      return limited(async () => counted(report, await rowsOf(askedOf(asked, part))));
    },

    /** Without its first or last month, and in the largest of the places within its own. */
    async within(part: Part): Promise<readonly Part[]> {
      const { from, to } = part;
      const shorter =
        to - from > 1
          ? [
              { ...part, from: from + 1 },
              { ...part, to: to - 1 },
            ]
          : [];
      const smaller = hasPlaces ? await placesIn(part.scope) : [];
      return [
        ...shorter,
        ...smaller.map((place) => ({
          ...{ ...part, scope: place, depth: part.depth + 1 },
        })),
      ];
    },
  };
}

type Parts = ReturnType<typeof createParts>;

/** Of a period without an end or a beginning, the months in which there is anything. */
async function datedPart({ all, countsIn }: Parts, { period }: AskedReport, dated: Counts): Promise<Part> {
  const isWhole = async (part: Part) => isSame(dated, await countsIn(part));
  const from = period.from
    ? all.from
    : await lastWhere(all.from, all.to, (month) => isWhole({ ...all, from: month }));
  const to = period.to
    ? all.to
    : -(await lastWhere(-all.to, -from, (month) => isWhole({ ...all, to: -month })));
  return { ...all, from, to };
}

/** How many larger parts it is one step within. */
const largerOf = ({ from, to, depth }: Part, root: Part): number =>
  Number(from > root.from) + Number(to < root.to) + Number(depth > 0);

/** The parts one step within these, each with the rows that are to be compared in it: those that are near in all larger ones. */
async function nextLevel(parts: Parts, root: Part, level: readonly Level[]): Promise<Level[]> {
  const next = new Map<string, { readonly part: Part; readonly near: Map<string, number> }>();
  for (const { part, keys } of level) {
    if (keys.length === 0) continue;
    for (const smaller of await parts.within(part)) {
      const name = nameOf(smaller);
      const entry = next.get(name) ?? { part: smaller, near: new Map<string, number>() };
      for (const key of keys) entry.near.set(key, (entry.near.get(key) ?? 0) + 1);
      next.set(name, entry);
    }
  }
  return [...next.values()].flatMap(({ part, near }) => {
    const larger = largerOf(part, root);
    const keys = [...near].filter(([, count]) => count === larger).map(([key]) => key);
    return keys.length > 0 ? [{ part, keys }] : [];
  });
}

/**
 * REP-11: the keys of the rows of `rows` that nobody may be shown who may ask for parts of the question too (fewer months, one
 * region, hospital or department of several, one kind of several), for the difference to one of their answers is a count from 1 to
 * `below` − 1. Parts of parts are asked for as long as one of them may be so near.
 */
export async function toldByParts(
  report: AnyReport,
  asked: AskedReport,
  rows: readonly Row[],
  below: number,
  neighbours: Neighbours,
): Promise<ReadonlySet<string>> {
  const whole = counted(report, rows);
  const hidden = new Set<string>();
  const parts = createParts(report, asked, neighbours);

  /** Compares, hides what is told, and gives what is near. */
  const judge = (keys: Iterable<string>, counts: Counts): string[] =>
    [...keys].filter((key) => {
      const distance = distanceOf(whole.get(key)!, counts.get(key), below);
      if (distance === 'telling') hidden.add(key);
      return distance === 'near';
    });

  let near = [...whole]
    .filter(([, counts]) => counts.every((count) => count === 0 || count >= below))
    .map(([key]) => key);
  if (near.length === 0) return hidden;
  let root: Part = parts.all;
  if (!asked.period.from || !asked.period.to) {
    const dated = await parts.countsIn(parts.all);
    near = judge(near, dated);
    root = await datedPart(parts, asked, dated);
  }
  for (const query of report.parts?.(asked.query as never) ?? [])
    judge(near, await parts.countsIn({ ...root, query: query as ReportQuery }));

  const undecided = (keys: readonly string[]) => keys.filter((key) => !hidden.has(key));
  let level: readonly Level[] = [{ part: root, keys: near }];
  while (level.length > 0) {
    const open = level.map(({ part, keys }) => ({ part, keys: undecided(keys) }));
    const next = await nextLevel(parts, root, open);
    if (!parts.areLeft(next.length)) {
      for (const { keys } of next) for (const key of keys) hidden.add(key);
      break;
    }
    const compared = async ({ part, keys }: Level): Promise<Level> => ({
      part,
      keys: judge(keys, await parts.countsIn(part)),
    });
    level = await Promise.all(next.map(compared));
  }
  return hidden;
}
