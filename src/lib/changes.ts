import { isDeepStrictEqual } from 'node:util';

/** The fields of `replacement` that are not in `record` already: what a PUT asks to change. */
export function differences<R extends object, C extends object>(record: R, replacement: C): Partial<C> {
  const current = record as Record<string, unknown>;
  const different = Object.entries(replacement).filter(
    ([field, value]) => !isDeepStrictEqual(current[field], value),
  );
  return Object.fromEntries(different) as Partial<C>;
}

/** The fields that are given: without those that are undefined. */
export const given = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
