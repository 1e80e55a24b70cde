import { ObjectId, type Binary, type ClientSession } from 'mongodb';
import pLimit, { type LimitFunction } from 'p-limit';
import mongoose, { type Connection } from 'mongoose';
import { UniqueViolation } from '../../lib/errors.js';
import { keptForDays, replay, type Once } from '../../lib/idempotency.js';
import type { MongoTransaction, Transact } from '../../lib/transaction.js';
import type { WriteTime } from '../../lib/write-time.js';
import { within } from '../../lib/within.js';
import { deadlines } from '../deadlines.js';
import { isPassingMongoFailure } from '../failures.js';
import { retry, writeDeadlineMs } from '../retry.js';
import { AttemptOver, endWithAttempt } from './command-deadlines.js';
import { by, daySeconds } from './mongo-index.js';
import { createSeal } from './sealed-result.js';
import { defineCollection } from './mongo-model.js';

export { queryLimitMs } from './mongo-model.js';

/**
 * Connects to a replica set. `connectTimeoutMS` and `heartbeatFrequencyMS` are what makes a hung primary noticed in
 * 3 s and not in 40 s; server selection keeps its default of 30 s, which must outlast an election.
 * Throws with one clear line when the server is not a replica set.
 */
export async function connectMongo(
  uri: string,
  options: { dbName?: string; poolSize?: number } = {},
): Promise<Connection> {
  const connection = await mongoose
    .createConnection(uri, {
      ...(options.dbName ? { dbName: options.dbName } : {}),
      autoIndex: false,
      autoCreate: false,
      maxPoolSize: options.poolSize ?? 10,
      connectTimeoutMS: 2000,
      heartbeatFrequencyMS: 1000,
      // A connection is given back by its command's deadline: an operation that finds none for as long had better fail.
      waitQueueTimeoutMS: deadlines().writeMs,
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority' },
      ignoreUndefined: true,
    })
    .asPromise();
  const hello = await connection.db!.admin().command({ hello: 1 });
  if (hello['setName']) return connection;
  await connection.close();
  throw new Error(
    'MONGODB_URI names a standalone server; transactions need a replica set (rs.initiate() makes it one of one).',
  );
}

/** Closes it; what a server that is away keeps open longer than `closeMs` is its own affair. */
export async function closeMongo(connection: Connection): Promise<void> {
  await within(deadlines().closeMs, connection.close(), () => undefined);
}

/** The driver's option for a read or write inside `tx`; nothing outside of one. */
export function sessionOf(tx: MongoTransaction | undefined): { session?: ClientSession } {
  return tx ? { session: tx as unknown as ClientSession } : {};
}

/** Runs a write and tells a duplicate key as `UniqueViolation` of the fields of the index. */
export async function uniqueViolations<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code, keyPattern } = error as { code?: unknown; keyPattern?: Record<string, unknown> };
    if (code === 11000 && keyPattern) throw new UniqueViolation(Object.keys(keyPattern).join(', '));
    throw error;
  }
}

function late(): never {
  throw new AttemptOver('the transaction had no answer in time');
}

interface TransactionResult {
  _id: ObjectId;
  /** Sealed: only the process that left it reads it. */
  result: Binary;
  at: Date;
}

export const transactionResults = defineCollection<TransactionResult>({
  collection: 'transaction_results',
  fields: { _id: 'objectId', result: 'binary', at: 'date' },
  indexes: [
    {
      key: by('at'),
      expireAfterSeconds: 3600,
      serves: 'results outlive the deadline of a write by far',
    },
  ],
});

/** Answers that a client may ask for again by its key. */
interface KeptAnswer {
  _id: string;
  request_hash: string;
  /** Of the transaction that left it. */
  run?: ObjectId;
  result: unknown;
  at: Date;
}

export const idempotencyKeys = defineCollection<KeptAnswer>({
  collection: 'idempotency_keys',
  fields: { _id: 'string', request_hash: 'string', run: 'objectId', result: 'object', at: 'date' },
  indexes: [
    {
      key: by('at'),
      expireAfterSeconds: keptForDays * daySeconds,
      serves: 'BILL-3: answers are kept for a week',
    },
  ],
});

/** What is done exactly once; see `Transact`. */
interface Work<T> {
  readonly id: ObjectId;
  readonly work: (tx: MongoTransaction) => Promise<T>;
  readonly once: Once | undefined;
  readonly made: ((tx: MongoTransaction) => Promise<T | null>) | undefined;
}

const { seal, unseal } = createSeal();

const isOwnMarker = (error: unknown): boolean => {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  // Of two requests with one key that run at once, the second finds the first's answer when it tries again.
  return (
    code === 11000 &&
    [transactionResults, idempotencyKeys].some(({ collection }) => message.includes(collection))
  );
};

/**
 * The one way to write. Each transaction leaves its result under an id of its own, or beside the key of a client's request, or
 * is known by what it made; when the primary dies and the driver can't say whether the commit was done, the next attempt looks for
 * that first. The unique `_id` is what makes the effect happen once, however the attempts overlap. `committed` is told when each
 * commit was.
 */
export function createTransact(
  connection: Connection,
  deadlineMs = writeDeadlineMs,
  committed: (at: WriteTime) => void = () => undefined,
): Transact {
  const results = transactionResults.on(connection);
  const keys = idempotencyKeys.on(connection);
  // A transaction that waits for a connection keeps its snapshot, and the longer it does the likelier it conflicts: one that
  // finds none free waits before it begins. So no work may wait for a transaction that it begins itself.
  let limit: LimitFunction | undefined;

  /** What an earlier run left or made, or an earlier request with the same key. */
  async function findLeft<T>(
    { id, once, made }: Work<T>,
    isRerun: boolean,
    session: ClientSession,
  ): Promise<{ result: T } | null> {
    if (once) {
      const kept = await keys.findOne({ _id: once.id }, { session });
      // Our own is no replay: its request is answered for the first time.
      return kept && { result: kept.run?.equals(id) ? (kept.result as T) : replay<T>(once, kept) };
    }
    if (!isRerun) return null;
    if (made) {
      const result = await made(session as unknown as MongoTransaction);
      return result && { result };
    }
    const left = await results.findOne({ _id: id }, { session });
    return left && { result: unseal(left.result) as T };
  }

  /** For a client's key, one document is the answer that is kept and the mark of this transaction. */
  async function leave<T>({ id, once, made }: Work<T>, result: T, session: ClientSession): Promise<void> {
    const left = { result, at: new Date() };
    if (once) {
      const { id: _id, request_hash } = once;
      await keys.insertOne({ _id, request_hash, run: id, ...left }, { session });
    } else if (!made) await results.insertOne({ _id: id, result: seal(result), at: left.at }, { session });
  }

  async function attempt<T>(task: Work<T>, tried: { runs: number }, ms: number): Promise<T> {
    const session = await connection.startSession();
    endWithAttempt(session, ms);
    const over = performance.now() + ms;
    const done = session.withTransaction(
      async () => {
        // The driver would begin anew for two minutes.
        if (performance.now() >= over) late();
        // Asked inside the transaction, so that the work sees what the earlier run did only if this sees its result.
        const left = await findLeft(task, tried.runs++ > 0, session);
        if (left) return left.result;
        const result = await task.work(session as unknown as MongoTransaction);
        await leave(task, result, session);
        return result;
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' }, readPreference: 'primary' },
    );
    try {
      const answer = await within(ms, done, late);
      if (session.operationTime) committed(session.operationTime.toBigInt());
      return answer;
    } catch (error) {
      if (isPassingMongoFailure(error)) abandon(session);
      throw error;
    } finally {
      const end = (): Promise<void> => session.endSession();
      void done.then(end, end);
    }
  }

  /** The server may still have it open, and its locks would hold up the next attempt; or its commit is on its way, and known by its marker. */
  function abandon(session: ClientSession): void {
    if (!session.id) return;
    const kill = { killSessions: [{ id: session.id.id }] };
    connection.db!.command(kill, { readPreference: 'primary' }).catch(() => undefined);
  }

  return <T>(
    work: Work<T>['work'],
    once?: Once,
    made?: (tx: MongoTransaction) => Promise<T | null>,
  ): Promise<T> => {
    const task = { id: new ObjectId(), work, once, made };
    const tried = { runs: 0 };
    const deadline = performance.now() + deadlineMs;
    return retry(
      () => {
        // The size of the pool is known when the connection is open.
        limit ??= pLimit(connection.getClient().options.maxPoolSize);
        const begun = limit(() => {
          const ms = Math.min(deadlines().writeMs, deadline - performance.now());
          return ms > 0 ? attempt(task, tried, ms) : late();
        });
        return within(deadline - performance.now(), begun, late);
      },
      (error) => isPassingMongoFailure(error) || isOwnMarker(error),
      deadlineMs,
    );
  };
}
