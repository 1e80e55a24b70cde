import type { BulkResult } from './bulk.js';

/** Which of these ids exist. */
export type Existing = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** A field of a record that names a record of another kind; null names none. */
interface Reference<R> {
  readonly field: keyof R & string;
  readonly existing: Existing;
}

/**
 * A bulk import that keeps what a single write keeps: a record that `fault` finds wrong, or that names one that does
 * not exist, is rejected with the reason; the others go on to `store`.
 */
export async function importChecked<R extends object>(
  records: readonly R[],
  options: {
    readonly idOf: (record: R) => string;
    /** What is wrong with the record by itself, in a few words. */
    readonly fault?: (record: R) => string | undefined;
    readonly references: readonly Reference<R>[];
    readonly store: (records: readonly R[]) => Promise<BulkResult>;
  },
): Promise<BulkResult> {
  const { idOf, fault, references, store } = options;
  const known = await Promise.all(
    references.map(async ({ field, existing }) => {
      const ids = records.map((record) => record[field]).filter((id) => id !== null) as string[];
      return { field, ids: await existing([...new Set(ids)]) };
    }),
  );
  const reasonOf = (record: R): string | undefined => {
    const dangling = known.find(
      ({ field, ids }) => record[field] !== null && !ids.has(record[field] as string),
    );
    return dangling ? `${dangling.field} names no record` : fault?.(record);
  };
  const rejected: { id: string; reason: string }[] = [];
  const good = records.filter((record) => {
    const reason = reasonOf(record);
    if (reason !== undefined) rejected.push({ id: idOf(record), reason });
    return reason === undefined;
  });
  const done = await store(good);
  return { ...done, rejected: [...rejected, ...done.rejected] };
}
