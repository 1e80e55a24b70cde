import type { IndexDescription, IndexDirection } from 'mongodb';

/**
 * An index of MongoDB that we own. `serves` says which query or rule needs it. A report's carries every field that the report
 * reads: one that only narrows the period is up to four times slower than no index when the period is long.
 */
export interface MongoIndex {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  /** For a TTL index: seconds after the time in the (only) field. */
  readonly expireAfterSeconds?: number;
  /** Only documents that match are in it. */
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
  readonly serves: string;
}

/** The total order of a list, behind what it filters by. The direction does not matter: an index is read both ways. */
export const by = (...fields: readonly string[]): Readonly<Record<string, 1>> =>
  Object.fromEntries(fields.map((field) => [field, 1]));

/** Seconds, for what a TTL index lets go. */
export const daySeconds = 86_400;

export const mongoIndexName = ({ key }: MongoIndex): string =>
  Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');

/** As `createIndexes` takes it. */
export function mongoIndexDescription(index: MongoIndex): IndexDescription {
  const { serves: _serves, key, ...options } = index;
  return { key: { ...key }, name: mongoIndexName(index), ...options };
}
