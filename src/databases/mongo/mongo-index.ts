import type { IndexDirection } from 'mongodb';

/** An index of MongoDB that we own. `serves` says which query or rule needs it. */
export interface MongoIndex {
  readonly collection: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  /** For a TTL index: seconds after the time in the (only) field. */
  readonly expireAfterSeconds?: number;
  /** Only documents that match are in it. */
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
  /** Of a text index. */
  readonly default_language?: 'none';
  readonly serves: string;
}

/** The total order of a list, behind what it filters by. The direction does not matter: an index is read both ways. */
export const by = (...fields: readonly string[]): Readonly<Record<string, 1>> =>
  Object.fromEntries(fields.map((field) => [field, 1]));
