import type { Actor } from '../../../lib/actor.js';
import type { Chart } from '../../../lib/chart.types.js';
import type { Money } from '../../../lib/money.js';
import type { WriteTime } from '../../../lib/write-time.js';

/**
 * Decides how a value is written: text, a whole number, one with two decimals at the most, an amount, days, a rate (0 to 1;
 * more where more was used than there was), a month `YYYY-MM`.
 */
export const columnTypes = ['text', 'count', 'decimal', 'money', 'days', 'rate', 'month'] as const;
export type ColumnType = (typeof columnTypes)[number];

export interface Column<Name extends string = string> {
  readonly name: Name;
  readonly type: ColumnType;
  readonly title: string;
  readonly description: string;
  /** The value may be missing: an average of nothing. */
  readonly nullable?: true;
  /** What is said in its place: there is nothing to divide by. A dash by default. */
  readonly nothing?: string;
  /** A number of people, or a figure that tells one: hidden where it is small. */
  readonly persons?: true;
  /** Counts so few as a rule that hardly a row could be shown with it: left out where small counts are hidden. */
  readonly fine?: true;
  /**
   * The figure of several rows together: their sum, or the sums of other columns over one another (`a / (b + c)`). Counts
   * that are not of people add up by default; of all else there is none by default. `own`: the report tells it itself (`Merged.all`).
   */
  readonly total?: 'sum' | 'none' | 'own' | { readonly part: string; readonly whole: readonly string[] };
  /** Sorted by it, the rows are in the report's own order: words that have an order of their own. */
  readonly order?: 'own';
  /** Among the few figures that a manager sees first. */
  readonly headline?: true;
}

export type Value = string | number | Money | null;
export type Row = Readonly<Record<string, Value>>;

/** A statement of Postgres with `?` for each binding. */
export interface SqlQuery {
  readonly text: string;
  readonly bindings: readonly unknown[];
}

/** An aggregation of MongoDB. */
export interface MongoQuery {
  readonly collection: string;
  readonly pipeline: readonly Readonly<Record<string, unknown>>[];
}

/** What a report asks of each store; a store that is not named is not asked. */
export interface Sources {
  readonly mongodb?: MongoQuery;
  /** All of them see one snapshot. */
  readonly postgres?: Readonly<Record<string, SqlQuery>>;
}

/** The rows that the stores gave, by the names of the sources. */
export interface Results {
  readonly mongodb: readonly object[];
  readonly postgres: Readonly<Record<string, readonly object[]>>;
}

/** What one store was asked, and when the answer held. Times in milliseconds. */
export interface StoreReading<T> {
  readonly rows: T;
  readonly as_of: Date | null;
  readonly ms: number;
  /** The store's own account of how it worked, when asked for. */
  readonly plan?: unknown;
}

export interface ReadOptions {
  readonly explain: boolean;
  /** Aborted when nobody waits for the answer any more: nothing is left running in the stores. */
  readonly signal?: AbortSignal | undefined;
  /** MongoDB answers with what was written at that moment, or later. */
  readonly after?: WriteTime | undefined;
  /** MongoDB answers with what was there at that moment; an error that `isMomentGone` knows where it cannot. */
  readonly at?: WriteTime | undefined;
}

/** Computes sources. `native` asks the stores themselves. */
export interface ReportEngine {
  readonly name: string;
  /** Throws the stores' own time-limit errors, which are told as `timed_out`. */
  read(
    sources: Sources,
    options: ReadOptions,
  ): Promise<{
    readonly mongodb: StoreReading<Results['mongodb']> | null;
    readonly postgres: StoreReading<Results['postgres']> | null;
  }>;
}

export interface PerStore<T> {
  readonly mongodb: T;
  readonly postgres: T;
}

export const reportPaths = ['mirror', 'definition'] as const;
export type ReportPath = (typeof reportPaths)[number];

/** What an answer was made from. */
export const pathWords: Readonly<Record<ReportPath, string>> = {
  mirror: 'the rows of all records in memory',
  definition: 'every single record',
};

/** How far an answer may be behind the records, in tenths of a second, rounded up; null where it was made from them. */
export function behindWords({ path, behind_seconds }: Pick<Provenance, 'path' | 'behind_seconds'>) {
  if (path === 'definition') return null;
  const tenths = Math.max(1, Math.ceil(behind_seconds * 10));
  return `at most ${(tenths / 10).toFixed(1)} seconds behind the records`;
}

export interface Provenance {
  /** The file whose pipeline says what the figures mean. */
  readonly definition: string;
  readonly version: number;
  /** As the stores were asked: days and years as instants, regions as hospitals. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly as_of: PerStore<Date | null>;
  /** What had been acknowledged so long before the figures were computed is in them; 0: all was. */
  readonly behind_seconds: number;
  /** null where a total would tell the figures of a row that is hidden. */
  readonly rows_read: PerStore<number> | null;
  /** The figures are those known at that moment; left out: those known now. */
  readonly known_at?: Date;
  readonly engine: string;
  /**
   * Whether the figures were summed from the rows that this process holds of the records (`mirror`), or from every record
   * (`definition`).
   */
  readonly path: ReportPath;
  readonly engine_ms: PerStore<number | null> & { readonly merge: number };
  readonly plans?: PerStore<unknown>;
}

/** REP-13: a figure of which another report says something else, and why both are right. */
export interface CountNote {
  /** The column of the figure. */
  readonly about: string;
  /** The other report's name. */
  readonly than: string;
  readonly why: string;
  /** The sum that is in no row, where there is one and it may be told. */
  readonly left_out?: Money;
}

/** REP-11: which figures the asker may not see, because they count few people. */
export interface SmallCells {
  /** The least count that is shown. */
  readonly below: number;
  /** So many of the rows, the last ones, have no figures. */
  readonly hidden_rows: number;
}

export interface ReportAnswer {
  readonly report: string;
  /** As asked for, with what stands in for the parameters that were left out. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** How many rows there are, those beyond the limit too. Left out of records, which are listed in pages. */
  readonly of?: number;
  /** REP-13: the figures of all of these together, by column. Left out where they would tell one that is hidden. */
  readonly totals?: Row;
  readonly receipt?: object;
  /** Left out where there are none. */
  readonly notes?: readonly CountNote[];
  /** For an asker from whom small counts are hidden. */
  readonly small_cells?: SmallCells;
  readonly provenance: Provenance;
}

/** The parameters that hold a question to places and doctors. Each may have several values: see `lib/either-of.ts`. */
export const placeParameters = ['region', 'hospital_id', 'department_id', 'doctor_id'] as const;

/** REP-14: what figures are to be, in their chart. */
export interface ChartGoals {
  /** Equal tags, equal goals. */
  readonly tag: string;
  drawnIn(chart: Chart): Chart;
}

/** Who asks; a command on the server itself asks as an admin. */
export type Asker = Pick<Actor, 'role' | 'doctor_id'> & Partial<Pick<Actor, 'user_id'>>;

/** The part of a query that says whose figures they are. */
export interface AskedOf {
  readonly doctor_id?: string | undefined;
}
