import type { Document } from 'mongodb';
import type { MongoIndex } from '../../../databases/mongo/mongo-index.js';

/** What the figures depend on beside the documents: another setting is another definition, and they are built anew. */
export interface RollupContext {
  /** Whose calendar days and months they are by. */
  readonly timeZone: string;
  /** A longer gap starts a new episode of treatment. */
  readonly gapDays: number;
}

/**
 * Adds `figures` (whole numbers; money in cents) to the document of this key. A name with dots, `completed.days.15`, is a path
 * into the document.
 */
export interface Cell {
  /** In the order of the rollup's `key`. */
  readonly key: readonly (string | number | null)[];
  readonly figures: Readonly<Record<string, number>>;
}

interface RollupBase {
  /** Raised when its figures come to mean something else. */
  readonly version: number;
  /** `rollup_…`: documents `{ _id: JSON of the key, …the key's parts, …the figures }`. */
  readonly collection: string;
  /** Names of the parts of its key. */
  readonly key: readonly string[];
  readonly indexes: readonly MongoIndex[];
  readonly source: 'appointments' | 'prescriptions' | 'patients';
  /** Of the source's documents, beside `_id`. */
  readonly fields: readonly string[];
}

/** Figures that each document adds to by itself. Pure: what a document added is what is taken away when it changes. */
export interface DocumentRollup extends RollupBase {
  cells(document: Document, context: RollupContext): readonly Cell[];
}

/** What of a document counts in a unit. */
export interface UnitRecord {
  readonly unit: string;
  readonly record: string;
}

/**
 * Figures of what several documents make together, such as distinct patients or episodes: a unit is the records that they
 * have in common, kept as a multiset in `rollup_units`; what it adds is worked out from all of them. Pure.
 */
export interface UnitRollup extends RollupBase {
  /** Rollups that name the same units, with the same `records`, share them: they are kept once. */
  readonly units?: string;
  /** Which units a document belongs to, and what of it counts there. */
  records(document: Document, context: RollupContext): readonly UnitRecord[];
  /** Of the records, each with how often it is there (1 or more). */
  cells(unit: string, records: ReadonlyMap<string, number>, context: RollupContext): readonly Cell[];
}

export type Rollup = DocumentRollup | UnitRollup;

export const isUnitRollup = (rollup: Rollup): rollup is UnitRollup => 'records' in rollup;

/** The `_id` of the document of a key. */
export const rollupId = (key: Cell['key']): string => JSON.stringify(key);
