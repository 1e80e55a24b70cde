/** The stores whose rows a mirror holds. */
export type MirrorSide = 'mongodb' | 'postgres';

/**
 * What a column holds: text, text that repeats (a word: an id, a status), a whole number of 32 or of 64 bits. Each may be missing. A word
 * is held as a number, and `words (code, word)` has them all.
 */
export type ColumnType = 'text' | 'word' | 'integer' | 'bigint';
export type MirrorValue = string | number | null;

export interface MirrorColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The field at the top of the document, or of the element, that it is made of; null and what is missing are null. */
  readonly from: string;
  /** Throws for a value that cannot be counted. The value itself by default. */
  of?(value: unknown): MirrorValue;
}

export interface MirrorTable {
  readonly name: string;
  /** The array, at the top of the document, whose elements are the rows; the document itself is the one row by default. */
  readonly each?: string;
  /** What the document's id is called. */
  readonly key: string;
  /**
   * How the id is held: by default as a digest, by which a row is found again and nothing else; as a word where rows of other tables
   * name it; not at all where rows are only ever added.
   */
  readonly keyType?: 'digest' | 'word' | 'none';
  readonly columns: readonly MirrorColumn[];
}

/** A collection as a table: a row for each document, by its `_id`, or one for each element of an array of it. */
export interface CollectionTable extends MirrorTable {
  readonly collection: string;
}

/**
 * Rows of Postgres that are only ever added: a query that gives the key, each field of the columns, and `written_by`, the number of
 * the transaction that has added the row (xid8).
 */
export interface AppendedTable extends MirrorTable {
  readonly keyType: 'none';
  readonly rows: string;
  /** The tables that the rows are of. */
  readonly of: readonly string[];
  /** Gives another value when rows that were there are not what they were: they are read from the beginning then. */
  readonly rewrites?: string;
}

export interface MirrorTables {
  readonly mongodb: readonly CollectionTable[];
  readonly postgres: readonly AppendedTable[];
}

/** A statement over the mirror's tables with `?` for each binding; a text among them stands for a word. */
export interface MirrorQuery {
  readonly text: string;
  readonly bindings: readonly MirrorValue[];
  /** The columns of the answer that hold words. */
  readonly words?: readonly string[];
}

/** How the rows of one store stand. */
export interface MirrorStanding {
  /** Of the last change of a row: equal versions, equal figures, in any process. */
  readonly version: string;
  /** Everything up to this moment is in. */
  readonly at: Date;
}

/** The rows of each query, and how those of each store stand, at one moment of the mirror. */
export interface StoreAnswer {
  readonly results: Readonly<
    Record<string, { readonly rows: readonly Record<string, unknown>[]; readonly ms: number }>
  >;
  readonly standing: Readonly<Record<MirrorSide, MirrorStanding>>;
}

export interface MirrorReading extends StoreAnswer {
  /** What had been acknowledged so many seconds before it was read is in. */
  readonly behind_seconds: number;
}

/** The values of a row, in the order of the columns. */
export type MirrorRow = readonly MirrorValue[];

/**
 * What happened to a document: it is new, its rows are others, some columns of its row are, it is gone, it cannot be counted any more,
 * or something within its fields has changed, and only the whole of it says what its rows are.
 */
export type RowChange =
  | { readonly kind: 'add' | 'put'; readonly rows: readonly MirrorRow[] }
  | { readonly kind: 'set'; readonly values: ReadonlyMap<string, MirrorValue> }
  | { readonly kind: 'remove' }
  | { readonly kind: 'uncountable'; readonly reason: string }
  | { readonly kind: 'within' };

/** The change of each document by its key, for each table. */
export type RowChanges<Table extends MirrorTable = MirrorTable> = ReadonlyMap<
  Table,
  ReadonlyMap<string, RowChange>
>;

/** A document that cannot be counted: nothing of the mirror answers until it is put right or removed. */
export interface Uncountable {
  readonly collection: string;
  readonly id: string;
  readonly reason: string;
}

export interface MirrorReport {
  /** `off`: it was not started. `failed`: a document cannot be counted, it is full, or there is no memory to open it. */
  readonly status: 'off' | 'building' | 'live' | 'failed';
  readonly position: Date | null;
  /** For how long something that was written may not be in it; null while it is built. */
  readonly lag_seconds: number | null;
  readonly uncountable: readonly Uncountable[];
  /** All rows do not fit into MIRROR_MEGABYTES; it is tried again after ten minutes. */
  readonly is_full: boolean;
}

/** How the rows of one store stand, and from where whoever follows it goes on. */
export interface MirrorPlace extends MirrorStanding {
  /** JSON, of the follower's own. */
  readonly place: string;
}

/** From where the follower of each store goes on. */
export type MirrorPlaces = Readonly<Record<MirrorSide, string>>;
