import type { Mirror } from '../../../databases/mirror/mirror.js';
import type { MirrorQuery, MirrorReading, MirrorSide } from '../../../databases/mirror/mirror.types.js';
import type { LastWrite, WriteTime } from '../../../lib/write-time.js';
import type { AnyReport, Asked, Merged, ReportQuery } from './reports.definition.js';
import type { Turns } from './reports.turns.js';
import type { Results, StoreReading } from './reports.types.js';

type AskedReport = Asked<ReportQuery>;

/** Longer than a mirror that keeps up ever lags behind, and shorter than it takes to sum up the records. */
const inStepMs = 2_000;

const versionOf = (standing: readonly { readonly version: string }[]): string =>
  standing.map(({ version }) => version).join('-');

/** The stores whose rows the mirror answers a report from. */
const sidesOf = ({ mirror }: AnyReport, asked: AskedReport): readonly MirrorSide[] =>
  mirror.of?.(asked as never) ?? ['mongodb'];

function queriesOf({ mirror }: AnyReport, asked: AskedReport): Readonly<Record<string, MirrorQuery>> {
  const mongodb = mirror.mongodb?.(asked as never);
  return { ...mirror.postgres?.(asked as never), ...(mongodb && { mongodb }) };
}

/** SQL counts in whole numbers of 64 bits. */
const plainRow = (row: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );

/** By what `sources` of the definition calls them. */
function resultsOf({ results }: MirrorReading, row: (one: never) => object): Results {
  const { mongodb = { rows: [] }, ...postgres } = results;
  const plain = ({ rows }: { readonly rows: readonly Record<string, unknown>[] }) => rows.map(plainRow);
  return {
    mongodb: plain(mongodb).map((one) => row(one as never)),
    postgres: Object.fromEntries(Object.entries(postgres).map(([name, found]) => [name, plain(found)])),
  };
}

/** What the queries for one store's rows took. */
const msOf = ({ results: { mongodb, ...others } }: MirrorReading, side: MirrorSide): number =>
  side === 'mongodb' ? (mongodb?.ms ?? 0) : Object.values(others).reduce((sum, { ms }) => sum + ms, 0);

export interface MirroredReading {
  readonly mongodb: StoreReading<Results['mongodb']> | null;
  readonly postgres: StoreReading<Results['postgres']> | null;
  readonly behind_seconds: number;
  /** Of the rows that answer: equal versions, equal answers. */
  readonly version: string;
  /** At which the records of MongoDB were what these rows are; undefined where none of them is asked. */
  readonly moment: WriteTime | undefined;
  /** As the report's own `merge`. */
  merge(): Merged<object>;
}

/** Answers reports from the rows that the process holds. */
export function createMirroredReports(
  mirror: Pick<Mirror, 'standing' | 'isCatchingUp' | 'read'>,
  turns: Turns,
) {
  return {
    /** Of the rows that would answer, once everything up to `after` is in; null when they cannot. */
    async versionOf(report: AnyReport, asked: AskedReport, after: LastWrite | undefined) {
      const standing = await mirror.standing(sidesOf(report, asked), after, inStepMs);
      return standing && versionOf(standing);
    },

    /** They cannot, and will soon. */
    isCatchingUp: (report: AnyReport, asked: AskedReport): boolean =>
      mirror.isCatchingUp(sidesOf(report, asked)),

    /** When it is its turn; null when the rows cannot answer after all. Throws as `Mirror.read` and `Turns.take`. */
    async read(
      report: AnyReport,
      asked: AskedReport,
      signal: AbortSignal | undefined,
    ): Promise<MirroredReading | null> {
      const sides = sidesOf(report, asked);
      const queries = queriesOf(report, asked);
      const reading = await turns.take(signal, () => mirror.read(queries, sides, signal));
      if (!reading) return null;
      const { row = (one: never) => one, merge = report.merge } = report.mirror;
      const results = resultsOf(reading, row);
      const of = <T>(side: MirrorSide, rows: T): StoreReading<T> | null =>
        sides.includes(side) ? { rows, as_of: reading.standing[side].at, ms: msOf(reading, side) } : null;
      return {
        mongodb: of('mongodb', results.mongodb),
        postgres: of('postgres', results.postgres),
        behind_seconds: reading.behind_seconds,
        version: versionOf(sides.map((side) => reading.standing[side])),
        moment: sides.includes('mongodb') ? BigInt(reading.standing.mongodb.version) : undefined,
        merge: () => merge(results as never, asked as never),
      };
    },
  };
}

export type MirroredReports = ReturnType<typeof createMirroredReports>;
