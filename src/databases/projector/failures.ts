import { loggable } from '../../lib/logger.js';
import {
  isPassingMongoFailure,
  isPassingPostgresFailure,
  isPostgresConflict,
  isTimeLimit,
} from '../failures.js';
import { Gap } from './stream.js';

/** Somebody else may write now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What is stored is not what this process has stored last: it must read it anew. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Whether nothing is wrong with what was to be taken in: the same may succeed later, or is no longer wanted. */
export const isPassing = (error: unknown): boolean =>
  error instanceof LeaseLost ||
  error instanceof Overtaken ||
  error instanceof Gap ||
  [isPassingMongoFailure, isPassingPostgresFailure, isPostgresConflict, isTimeLimit].some((is) => is(error));

/** What an error is called, without what a store says of a document's values. */
export function reasonOf(error: unknown): string {
  const { name, code, message } = loggable(error);
  return [name, code, message]
    .filter((part) => part !== undefined)
    .map(String)
    .join(': ');
}
