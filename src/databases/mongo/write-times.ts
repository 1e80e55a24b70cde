import type { Connection } from 'mongoose';
import { invalidField } from '../../lib/errors.js';
import { laterOf, type LastWrite, type WriteTime, type WriteTimes } from '../../lib/write-time.js';
import { retry } from '../retry.js';

/** Longer than any copy of what was written lags behind. */
const ageMs = 60_000;
const maxUsers = 10_000;

/** As much as fits in the 64 bits. */
const decimal = /^\d{1,20}$/;

/** A set that signs its clock tells no time in the first moments after a start, before it has a key for that. */
class NoTimeYet extends Error {
  override readonly name = 'NoTimeYet';
}
const noTimeMs = 10_000;

async function askTimes(connection: Connection): Promise<{ clock: WriteTime; newest: WriteTime }> {
  const session = await connection.startSession();
  try {
    await connection.db!.command({ ping: 1 }, { session, readPreference: 'primary' });
    const { clusterTime: clock, operationTime: newest } = session;
    if (!clock || !newest) throw new NoTimeYet();
    return { clock: clock.clusterTime.toBigInt(), newest: newest.toBigInt() };
  } finally {
    await session.endSession();
  }
}

/** What the primary says of its time: its clock, and the moment of its newest write. */
const primaryTimes = (connection: Connection) =>
  retry(
    () => askTimes(connection),
    (error) => error instanceof NoTimeYet,
    noTimeMs,
  );

/** A moment after every write that was acknowledged so far: the primary's clock is past them. */
export const clusterTime = async (connection: Connection): Promise<WriteTime> =>
  (await primaryTimes(connection)).clock;

/**
 * The moment of the primary's newest write. Not that of the clock, which a write that came to nothing leaves ahead of all writes, until
 * the primary writes something by itself, every ten seconds.
 */
export const lastOperation = async (connection: Connection): Promise<WriteTime> =>
  (await primaryTimes(connection)).newest;

const earliest = 1n << 32n;

/** Who wrote when, as far as this process has heard; and whether a moment that a client brings can have been. */
export function createWriteTimes(connection: Connection): WriteTimes {
  /** In the order in which they were remembered. */
  const users = new Map<string, LastWrite>();
  let last: WriteTime | undefined;
  let lastSqlAt: number | undefined;
  /** How far the cluster's clock has come, at the least. */
  let reached: WriteTime | undefined;

  const isReached = (time: WriteTime): boolean => reached !== undefined && time <= reached;

  /** A moment that has not been would be waited for in vain. */
  async function read(given: string): Promise<WriteTime> {
    const refused = invalidField('/header/read-after', 'is not what Written-At said');
    if (!decimal.test(given)) throw refused;
    const time = BigInt(given);
    // MongoDB takes one of the first second of 1970 for none.
    if (time < earliest) throw refused;
    // The driver takes the clock over from there.
    if (!isReached(time)) reached = laterOf(reached, await clusterTime(connection));
    if (!isReached(time)) throw refused;
    return time;
  }

  return {
    committed(at) {
      last = laterOf(last, at);
    },
    last: () => last,
    committedSql() {
      lastSqlAt = performance.now();
    },
    lastSqlAt: () => lastSqlAt,
    remember(user_id) {
      users.delete(user_id);
      users.set(user_id, { time: last, heard_at: performance.now() });
      if (users.size > maxUsers) users.delete(users.keys().next().value!);
      return last;
    },
    of(user_id) {
      const known = users.get(user_id);
      return known && performance.now() - known.heard_at <= ageMs ? known : undefined;
    },
    async laterOf(own, given) {
      return { time: laterOf(own?.time, await read(given)), heard_at: performance.now() };
    },
  };
}
