import type { Connection } from 'mongoose';
import { invalidField } from '../lib/errors.js';
import { laterOf, type LastWrite, type WriteTime, type WriteTimes } from '../lib/write-time.js';

/** Longer than any copy of what was written lags behind. */
const ageMs = 60_000;
const maxUsers = 10_000;

/** As much as fits in the 64 bits. */
const decimal = /^\d{1,20}$/;

export function createWriteTimes(connection: Connection): WriteTimes {
  /** In the order in which they were remembered. */
  const users = new Map<string, LastWrite>();
  let last: WriteTime | undefined;
  /** How far the cluster's clock has come, at the least. */
  let reached: WriteTime | undefined;

  /** Asks the primary, whose clock is past every write that was acknowledged; the driver takes it over from there. */
  async function askClock(): Promise<void> {
    const session = await connection.startSession();
    try {
      await connection.db!.command({ ping: 1 }, { session, readPreference: 'primary' });
      reached = laterOf(reached, session.clusterTime?.clusterTime.toBigInt());
    } finally {
      await session.endSession();
    }
  }

  const isReached = (time: WriteTime): boolean => reached !== undefined && time <= reached;

  /** A moment that has not been would be waited for in vain. */
  async function read(given: string): Promise<WriteTime> {
    const refused = invalidField('/header/read-after', 'is not what Written-At said');
    if (!decimal.test(given)) throw refused;
    const time = BigInt(given);
    if (!isReached(time)) await askClock();
    if (!isReached(time)) throw refused;
    return time;
  }

  return {
    committed(at) {
      last = laterOf(last, at);
    },
    last: () => last,
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
