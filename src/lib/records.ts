import { Problem, UniqueViolation, type ProblemCode } from './errors.js';

/** `If-Match` names a version that is not the record's any more → 412. No `If-Match`, no check. */
export function checkVersion(record: { readonly version: number }, ifMatch: number | undefined): void {
  if (ifMatch !== undefined && ifMatch !== record.version) {
    throw new Problem('stale_version', `The record is at version ${record.version}.`, {
      more: { version: record.version },
    });
  }
}

/** Tells a unique key that the store refused as a 409 that names it. */
export async function refuseTaken<T>(
  what: string,
  write: () => Promise<T>,
  code: ProblemCode = 'already_exists',
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    const key = error.key === '_id' ? `${what}_id` : error.key;
    throw new Problem(code, `A ${what} with this ${key} exists.`, { more: { key } });
  }
}
