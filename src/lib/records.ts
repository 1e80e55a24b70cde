import { Problem, UniqueViolation, type ProblemCode } from './errors.js';

/** `If-Match` names a version that is not the record's any more → 412. No `If-Match`, no check. */
export function checkVersion(record: { readonly version: number }, ifMatch: number | undefined): void {
  if (ifMatch !== undefined && ifMatch !== record.version) {
    throw new Problem('stale_version', `The record is at version ${record.version}.`, {
      more: { version: record.version },
    });
  }
}

/** The record that another one names; `unknown_reference` when there is none. */
export function referred<R>(what: string, id: string, record: R | null): R {
  if (record === null) throw new Problem('unknown_reference', `There is no ${what} ${id}.`);
  return record;
}

/** Whether a record is still to be linked to its user. Throws `already_exists` when it is somebody else's. */
export function isToLink(
  record: { readonly user_id: string | null },
  user_id: string,
  what: string,
): boolean {
  if (record.user_id !== null && record.user_id !== user_id)
    throw new Problem('already_exists', `The ${what} has another account.`);
  return record.user_id === null;
}

/** Refuses a change of fields that only an admin may set, naming each. */
export function refuseFields(fields: readonly string[]): void {
  if (fields.length === 0) return;
  throw new Problem('forbidden', `Only an admin may change ${fields.join(', ')}.`, {
    errors: fields.map((field) => ({ pointer: `/body/${field}`, message: 'only an admin may change it' })),
  });
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
