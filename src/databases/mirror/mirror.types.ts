import type { WriteTime } from '../../lib/write-time.js';

/** What a column holds: text, a whole number of 32 or of 64 bits. Each may be missing. */
export type ColumnType = 'text' | 'integer' | 'bigint';
export type MirrorValue = string | number | null;

export interface MirrorColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The field at the top of the document, or of the element, that it is made of; null and what is missing are null. */
  readonly from: string;
  /** Throws for a value that cannot be counted. The value itself by default. */
  of?(value: unknown): MirrorValue;
}

/** A collection as a table: a row for each document, by its `_id`, or one for each element of an array of it. */
export interface MirrorTable {
  readonly name: string;
  readonly collection: string;
  /** The array, at the top of the document, whose elements are the rows. */
  readonly each?: string;
  /** What `_id` is called. */
  readonly key: string;
  readonly columns: readonly MirrorColumn[];
}

/** A statement over the mirror's tables with `?` for each binding. */
export interface MirrorQuery {
  readonly text: string;
  readonly bindings: readonly MirrorValue[];
}

/** How the mirror stands. */
export interface MirrorStanding {
  /** The moment of the last change of a row: equal versions, equal figures, in any process. */
  readonly version: WriteTime;
  /** Everything up to this moment is in. */
  readonly position: WriteTime;
}

export interface MirrorReading extends MirrorStanding {
  readonly rows: readonly Record<string, unknown>[];
  readonly ms: number;
}

/** The values of a row, in the order of the columns. */
export type MirrorRow = readonly MirrorValue[];

/**
 * What happened to a document: its rows are others, some columns of its row are, it is gone, it cannot be counted any more, or
 * something within its fields has changed, and only the whole of it says what its rows are.
 */
export type RowChange =
  | { readonly kind: 'put'; readonly rows: readonly MirrorRow[] }
  | { readonly kind: 'set'; readonly values: ReadonlyMap<string, MirrorValue> }
  | { readonly kind: 'remove' }
  | { readonly kind: 'uncountable'; readonly reason: string }
  | { readonly kind: 'within' };

/** The change of each document by its key, for each table. */
export type RowChanges = ReadonlyMap<MirrorTable, ReadonlyMap<string, RowChange>>;
