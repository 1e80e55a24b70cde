import { DateTime } from 'luxon';
import pLimit from 'p-limit';
import type { Scope } from '../../../../aggregations/stages/filters.js';
import { years } from '../../../lib/time.js';
import type { AnyReport, Asked, ReportQuery } from './reports.definition.js';
import { countColumns, countsOf } from './reports.small-cells.js';
import type { Column, Row } from './reports.types.js';

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
  /** By key: what the rest of the question counts at the least. */
  readonly near: ReadonlyMap<string, readonly number[]>;
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
 * What the answer to a part tells of a row beside the answer to the whole: `telling` where a difference gives a small count away,
 * that of the rest. People are counted once wherever they are, so that the rest has as many as any part of it (`rest`), and the
 * difference only those who are nowhere else. Nothing in a part that is `far` is near: its rest is no smaller.
 */
function distanceOf(
  columns: readonly Column[],
  [whole, part, rest]: readonly [readonly number[], readonly number[], readonly number[]],
  below: number,
): Distance {
  let isNear = false;
  for (const [at, { persons }] of columns.entries()) {
    const [count, counted] = [whole[at]!, part[at] ?? 0];
    const difference = count - counted;
    if (count === 0 || difference >= below || (persons && (rest[at] ?? 0) >= below)) continue;
    isNear = true;
    if (difference > 0 && counted >= below) return 'telling';
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

/** A part one step within another one, and parts of that which are not in it. */
interface Step {
  readonly part: Part;
  readonly others: readonly Part[];
}

/** No more parts may be asked for. */
class Spent extends Error {}

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
  const answers = new Map<string, Promise<Counts>>();

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
    /** What is queued is not asked any more: nobody waits for it. */
    stop: (): void => limited.clearQueue(),

    /** Throws `Spent` when no more may be asked. */
    countsIn(part: Part): Promise<Counts> {
      const name = nameOf(part);
      const known = answers.get(name);
      if (known) return known;
      if (answers.size >= most) return Promise.reject(new Spent());
      const asking = limited(async () => counted(report, await rowsOf(askedOf(asked, part))));
      answers.set(name, asking);
      return asking;
    },

    /** Without its first or last month, and in the largest of the places within its own; each with what it leaves out. */
    async within(part: Part): Promise<readonly Step[]> {
      const { from, to, depth } = part;
      const shorter: Step[] =
        to - from > 1
          ? [
              { part: { ...part, from: from + 1 }, others: [{ ...part, to: from + 1 }] },
              { part: { ...part, to: to - 1 }, others: [{ ...part, from: to - 1 }] },
            ]
          : [];
      const places = hasPlaces ? await placesIn(part.scope) : [];
      const smaller = places.map((place): Part => ({ ...part, scope: place, depth: depth + 1 }));
      return [
        ...shorter,
        ...smaller.map((one) => ({ part: one, others: smaller.filter((other) => other !== one) })),
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

const largest = (...all: readonly (readonly number[] | undefined)[]): number[] => {
  const length = Math.max(...all.map((counts) => counts?.length ?? 0));
  return Array.from({ length }, (_, at) => Math.max(0, ...all.map((counts) => counts?.[at] ?? 0)));
};

/** In how many larger parts a row is near, and what the rest of the question counts of it at the least. */
interface Compared {
  readonly times: number;
  readonly rest: readonly number[];
}

/** The parts one step within these, each with the rows that are to be compared in it: those that are near in all larger ones. */
async function nextLevel(parts: Parts, root: Part, level: readonly Level[]): Promise<Level[]> {
  const next = new Map<string, { part: Part; near: Map<string, Compared> }>();
  for (const { part, near } of level) {
    if (near.size === 0) continue;
    for (const step of await parts.within(part)) {
      const others = await Promise.all(step.others.map(parts.countsIn));
      const name = nameOf(step.part);
      const entry = next.get(name) ?? { part: step.part, near: new Map<string, Compared>() };
      for (const [key, rest] of near) {
        const known = entry.near.get(key);
        const counts = others.map((one) => one.get(key));
        entry.near.set(key, {
          times: (known?.times ?? 0) + 1,
          rest: largest(known?.rest, rest, ...counts),
        });
      }
      next.set(name, entry);
    }
  }
  return [...next.values()].flatMap(({ part, near }) => {
    const larger = largerOf(part, root);
    const all = [...near].filter(([, { times }]) => times === larger);
    return all.length > 0 ? [{ part, near: new Map(all.map(([key, { rest }]) => [key, rest])) }] : [];
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
  const columns = countColumns(report);
  const hidden = new Set<string>();
  const parts = createParts(report, asked, neighbours);

  /** Compares, hides what is told, and gives what is near. */
  function judge({ near }: Pick<Level, 'near'>, counts: Counts): Level['near'] {
    const still = [...near].filter(([key, rest]) => {
      const distance = distanceOf(columns, [whole.get(key)!, counts.get(key) ?? [], rest], below);
      if (distance === 'telling') hidden.add(key);
      return distance === 'near';
    });
    return new Map(still);
  }

  const undecided = ({ part, near }: Level): Level => ({
    part,
    near: new Map([...near].filter(([key]) => !hidden.has(key))),
  });

  async function firstLevel(near: Level['near']): Promise<Level> {
    let first: Level = { part: parts.all, near };
    if (!asked.period.from || !asked.period.to) {
      const dated = await parts.countsIn(parts.all);
      first = { part: await datedPart(parts, asked, dated), near: judge(first, dated) };
    }
    for (const query of report.parts?.(asked.query as never) ?? [])
      judge(first, await parts.countsIn({ ...first.part, query: query as ReportQuery }));
    return first;
  }

  const shown = [...whole].filter(([, counts]) => counts.every((count) => count === 0 || count >= below));
  let level: readonly Level[] = [{ part: parts.all, near: new Map(shown.map(([key]) => [key, []])) }];
  if (shown.length === 0) return hidden;
  try {
    level = [await firstLevel(level[0]!.near)];
    const root = level[0]!.part;
    while (level.some(({ near }) => near.size > 0)) {
      const next = await nextLevel(parts, root, level.map(undecided));
      const counts = await Promise.all(next.map(({ part }) => parts.countsIn(part)));
      level = next.map((one, at) => ({ part: one.part, near: judge(one, counts[at]!) }));
    }
  } catch (error) {
    if (!(error instanceof Spent)) throw error;
    for (const { near } of level) for (const key of near.keys()) hidden.add(key);
  } finally {
    parts.stop();
  }
  return hidden;
}
