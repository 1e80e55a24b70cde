/*
 * What the drivers throw when a store is away, sorted by what to do about it. The classes are compared by name: the
 * drivers subclass freely between versions, and the names are their documented contract.
 */
interface DriverError {
  name?: string;
  code?: number | string;
  message?: string;
  hasErrorLabel?: (label: string) => boolean;
  errorResponse?: unknown;
}

/**
 * Codes that MongoDB gives while a primary is lost or elected: notes of the specifications of retryable writes and reads (134:
 * ReadConcernMajorityNotAvailableYet), plus WriteConcernFailed (64), which does not say whether the write was done, and Interrupted
 * (11601): a member that becomes primary kills the sessions that are busy on it (`SessionCatalogMongoDB::onStepUp`), without a label.
 */
const mongoPassing = new Set([
  6, 7, 64, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436,
]); // prettier-ignore

const asDriverError = (error: unknown): DriverError =>
  typeof error === 'object' && error !== null ? error : {};

/**
 * Whether a MongoDB operation may be tried again, given that trying it twice does no harm. The label alone is not
 * enough: when the primary dies, the Node driver (7.9, `decorateCommandError`) leaves it off all but the first of the
 * writes in flight.
 */
export function isPassingMongoFailure(error: unknown): boolean {
  const { name = '', code, hasErrorLabel, errorResponse } = asDriverError(error);
  if (
    hasErrorLabel?.call(error, 'RetryableWriteError') ||
    hasErrorLabel?.call(error, 'TransientTransactionError')
  )
    return true;
  if (
    /^(MongoNetwork|MongoPoolCleared|PoolCleared|MongoServerSelection|MongoWaitQueueTimeout|MongoNotConnected)/.test(
      name,
    )
  )
    return true;
  if (name === 'MongooseServerSelectionError') return true;
  // What kept a bulk write from being sent or answered is wrapped.
  if (name === 'MongoBulkWriteError' && isPassingMongoFailure(errorResponse)) return true;
  return typeof code === 'number' && mongoPassing.has(code);
}

/** Connection failures of Postgres (SQLSTATE classes 08 and 57P, and the sockets' own codes), and an empty pool. */
export function isPassingPostgresFailure(error: unknown): boolean {
  const { name, code, message = '' } = asDriverError(error);
  if (name === 'KnexTimeoutError') return true;
  if (typeof code === 'string' && /^(08|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)/.test(code))
    return true;
  // pg's own have no code, as all of the server's have; knex writes the statement before their message.
  return (
    code === undefined &&
    /(^| - )(Connection terminated|timeout expired|Client (has encountered|was closed))/.test(message)
  );
}

/** Serialization failure or deadlock: Postgres asks to run the transaction again (manual, chapter 13.5). */
export function isPostgresConflict(error: unknown): boolean {
  const { code } = asDriverError(error);
  return code === '40001' || code === '40P01';
}

/** Our own clock's, for what no store would stop. (Not `AbortSignal.timeout`: the driver takes its reason for one of its own.) */
export class TimeLimit extends Error {
  override readonly name = 'TimeLimit';
}

/** The time limit that we set ourselves: MongoDB's `maxTimeMS`, Postgres' `statement_timeout`, or `TimeLimit`. */
export function isTimeLimit(error: unknown): boolean {
  const { code } = asDriverError(error);
  return code === 50 || code === '57014' || error instanceof TimeLimit;
}

/** A store that answers, and lets us not in: a wrong password, no such database. */
const refusedByMongo = new Set<unknown>([13, 18]);
const refusedByPostgres = new Set<unknown>(['28000', '28P01', '3D000', 'ENOTFOUND']);

/** The store that is away or lets us not in, by what its driver has thrown; undefined for any other failure. */
export function storeOf(error: unknown): 'MongoDB' | 'Postgres' | undefined {
  const { name = '', code } = asDriverError(error);
  if (isPassingMongoFailure(error) || (name.startsWith('Mongo') && refusedByMongo.has(code)))
    return 'MongoDB';
  return isPassingPostgresFailure(error) || refusedByPostgres.has(code) ? 'Postgres' : undefined;
}

/** A store that could not be opened: `message` says in one line which, where (without its password) and why. */
export class CannotConnect extends Error {
  override readonly name = 'CannotConnect';
}

/** `mongodb://api:secret@db1:27017,db2/x?tls=true` → `db1:27017,db2` */
const hostsOf = (uri: string): string => /^[a-z+]+:\/\/(?:[^/?]*@)?([^/?]*)/i.exec(uri)?.[1] ?? '';

/** Runs `open`; a store that is away or lets us not in is a `CannotConnect` that names the hosts of its `uri`. */
export async function opening<T>(uri: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const store = storeOf(error);
    if (store === undefined) throw error;
    const { message, errors = [] } = error as Error & { errors?: readonly Error[] };
    const why = message || errors.map((one) => one.message).join(', ');
    throw new CannotConnect(`${store} at ${hostsOf(uri)} cannot be reached: ${why}`, { cause: error });
  }
}

/** SnapshotTooOld, SnapshotUnavailable. */
const goneCodes = new Set<unknown>([239, 246]);

/** Whether MongoDB cannot read at the moment that it was asked for, any more or yet. */
export const isMomentGone = (error: unknown): boolean => goneCodes.has((error as { code?: unknown }).code);
