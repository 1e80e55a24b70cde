import type Joi from 'joi';
import type { DiseaseFilter } from '../../../../aggregations/stages/diseases.js';
import type { Scope } from '../../../../aggregations/stages/filters.js';
import type { MirrorQuery, MirrorSide } from '../../../databases/mirror/mirror.types.js';
import type { Shape } from '../../../lib/fields.js';
import type { Money } from '../../../lib/money.js';
import type { Period } from '../../../lib/period.js';
import type { Chart } from '../../../lib/chart.types.js';
import type { Column, MongoQuery, PerStore, Sources, SqlQuery, Value } from './reports.types.js';

type Fields = Record<string, Joi.Schema>;

/** What every report can be asked with. `from` and `to` are text until the zone is known. */
export interface CommonQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** This and the next three: one value or several, see `lib/either-of.ts`. */
  readonly hospital_id?: string | undefined;
  readonly region?: string | undefined;
  readonly department_id?: string | undefined;
  readonly doctor_id?: string | undefined;
  /** A day or an instant, as `from` and `to`. */
  readonly as_of?: string | undefined;
}

/** A report's query after parsing: its own parameters beside the common ones. */
export type ReportQuery = CommonQuery & { readonly disease?: string | undefined } & Readonly<
    Record<string, unknown>
  >;

/** A question with everything in it resolved: nothing is left to look up, the answer depends on the stores alone. */
export interface Asked<Q> {
  readonly query: Q & CommonQuery;
  /** For instants: a day in `from` and `to` is its midnight in `timeZone`. */
  readonly period: Period;
  /** For calendar dates, which are kept as midnight UTC. */
  readonly days: Period;
  readonly scope: Scope;
  /** What `disease=` means, where it was asked. */
  readonly diseases: DiseaseFilter | undefined;
  readonly timeZone: string;
  /** Of all amounts: ISO 4217. */
  readonly currency: string;
  /** A longer gap starts a new episode, unless the query says otherwise. */
  readonly gapDays: number;
  /** The figures are to be those known at that moment; undefined: those known now. */
  readonly known_at?: Date | undefined;
}

export interface Merged<Row> {
  readonly rows: readonly Row[];
  /** Of a report that is cut: how many rows there are, and the figures of all of them together. */
  readonly all?: { readonly of: number; readonly totals: Readonly<Record<string, Value>> };
  readonly receipt?: object;
  /** The records that the figures are made of. */
  readonly rows_read: PerStore<number>;
}

/** The records that a figure is made of: a list of one store in a total order, and what its columns mean. */
export type Drilldown = {
  readonly columns: readonly Column[];
  /** The columns that put the records into their total order, ascending, whatever is missing first. */
  readonly order: readonly string[];
} & (
  | {
      readonly mongodb: MongoQuery;
      /** The fields, before they are sorted, of when a record begins and of whose it is; a day is midnight UTC. */
      readonly of: { readonly begin: string; readonly isDay: boolean; readonly patient: string };
    }
  | { readonly postgres: SqlQuery }
);

/**
 * How the mirror answers the same question, by SQL over its rows: row by row and receipt included what the definition gives
 * (`npm run verify-reports`). Pure. Its numbers are JavaScript's; what may be larger comes as text.
 */
export interface MirrorPath<Q, Row, M> {
  /** The stores whose rows are asked; MongoDB's alone by default. */
  of?(asked: Asked<Q>): readonly MirrorSide[];
  /** The rows that `sources` asks MongoDB for. */
  mongodb?(asked: Asked<Q>): MirrorQuery | undefined;
  /** One of them, of a row as SQL gives it. The row itself by default. */
  row?(row: never): M;
  /** The rows that `sources` asks Postgres for, by name. */
  postgres?(asked: Asked<Q>): Readonly<Record<string, MirrorQuery>>;
  /** Where some of the rows are others than the definition's. */
  merge?(
    results: {
      readonly mongodb: readonly never[];
      readonly postgres: Readonly<Record<string, readonly never[]>>;
    },
    asked: Asked<Q>,
  ): Merged<Row>;
}

/** REP-13: a figure of which another report says something else, and rightly. */
export interface CountsDifferently {
  /** The column of the figure. */
  readonly about: string;
  /** The other report's name. */
  readonly than: string;
  /** In a sentence: what counts here, and what there. */
  readonly why: string;
  /** The sum that is in no row, out of the receipt: where it is nothing, nothing is said. */
  leftOut?(receipt: never): Money;
}

/** A report, defined once: its JSON, CSV, OpenAPI entry and command are made from this. */
export interface Report<
  F extends Fields,
  Row,
  M extends object,
  S extends Record<string, readonly object[]>,
> {
  /** Its name in the route, the command and `aggregations/`. */
  readonly id: string;
  readonly operationId: string;
  /** Raised when the figures come to mean something else. */
  readonly version: number;
  readonly title: string;
  readonly description: string;
  /** What it answers, in a sentence for anyone who runs a hospital; the title by default. */
  readonly question?: string;
  /** Its own parameters, beside the common ones. */
  readonly params: F;
  readonly columns: readonly Column<keyof Row & string>[];
  readonly receipt?: Joi.Schema;
  readonly counts_differently?: readonly CountsDifferently[];
  /** Its rows name diseases, or drugs, which tell them (PAT-8). */
  readonly namesDiseases?: true;
  /** The questions whose figures are parts of those of this one, beside those of other periods and places. */
  parts?(query: Shape<F>): readonly Shape<F>[];
  /** Whether the figures can be told apart by doctor; if not, no doctor may ask. */
  namesDoctor?(query: Shape<F>): boolean;
  /** What stands in for what was left out, and refusals that no single field can tell. `today` is `YYYY-MM-DD` in the report time zone. */
  prepare?(query: Shape<F> & CommonQuery, today: string): Shape<F> & CommonQuery;
  /** Whether what the records said at an earlier time is still known; if not, no `as_of` may be asked for. */
  knownAt?(query: Shape<F>): boolean;
  /** Pure. */
  sources(asked: Asked<Shape<F>>): Sources;
  /** Pure: all that is joined, filled up, rounded or ranked after the stores have summed exactly. */
  merge(
    results: { readonly mongodb: readonly M[]; readonly postgres: S },
    asked: Asked<Shape<F>>,
  ): Merged<Row>;
  readonly mirror: MirrorPath<Shape<F>, Row, M>;
  /** The columns whose values tell a row from all others: what `drill` is given. */
  readonly key: readonly (keyof Row & string)[];
  /** The records behind the row of that key. Pure. Left out where there are none to show. */
  drilldown?(asked: Asked<Shape<F>>, key: Readonly<Record<string, Value>>): Drilldown;
  /** The picture of the rows; null when there is nothing to draw. Pure. */
  chart?(rows: readonly Row[], asked: Asked<Shape<F>>): Chart | null;
}

/** Any report, with the types of its parts forgotten. */
export type AnyReport = Omit<
  Report<Fields, never, never, never>,
  | 'columns'
  | 'parts'
  | 'namesDoctor'
  | 'prepare'
  | 'knownAt'
  | 'sources'
  | 'merge'
  | 'mirror'
  | 'key'
  | 'drilldown'
  | 'chart'
> & {
  readonly columns: readonly Column[];
  parts?(query: never): readonly object[];
  namesDoctor?(query: never): boolean;
  prepare?(query: never, today: string): CommonQuery;
  knownAt?(query: never): boolean;
  sources(asked: never): Sources;
  merge(results: never, asked: never): Merged<object>;
  readonly mirror: {
    of?(asked: never): readonly MirrorSide[];
    mongodb?(asked: never): MirrorQuery | undefined;
    row?(row: never): object;
    postgres?(asked: never): Readonly<Record<string, MirrorQuery>>;
    merge?(results: never, asked: never): Merged<object>;
  };
  readonly key: readonly string[];
  drilldown?(asked: never, key: Readonly<Record<string, Value>>): Drilldown;
  chart?(rows: never, asked: never): Chart | null;
};

export function defineReport<
  Row extends object,
  M extends object,
  S extends Record<string, readonly object[]> = Record<string, never>,
>() {
  return <const F extends Fields>(report: Report<F, Row, M, S>): AnyReport => report;
}
