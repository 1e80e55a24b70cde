import type { Connection } from 'mongoose';
import {
  RateLimiterMemory,
  RateLimiterMongo,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { rateLimits } from '../../../http/limits.js';
import { Problem } from '../../../lib/errors.js';

const daySeconds = 86_400;
const longestPauseSeconds = 1800;

/** The pause after the `n`th attempt beyond the free ones: 2 s, 4 s, 8 s, …, at the most half an hour. */
export const pauseAfter = (n: number): number => Math.min(2 ** n, longestPauseSeconds);

export interface Guesses {
  /** Counts an attempt, before its hash. Throws `too_many_requests` while the counter pauses. */
  claim(counter: string): Promise<void>;
  /** It was right: the next attempts are free again. */
  forget(counter: string): Promise<void>;
}

/** Whether the point is to be had, and the seconds until the next one is. */
async function take(
  limiter: RateLimiterAbstract,
  key: string,
  customDuration?: number,
): Promise<{ taken: boolean; wait: number }> {
  const of = (taken: boolean, { msBeforeNext }: RateLimiterRes) => ({
    taken,
    wait: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
  try {
    return of(true, await limiter.consume(key, 1, customDuration === undefined ? {} : { customDuration }));
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return of(false, refused);
  }
}

/**
 * AUTH-14: attempts of an account, over all processes and addresses. `free` of a day come without a pause; after that one at a
 * time, with growing pauses between them. An attempt that is refused is not counted, so that knocking makes no pause longer.
 * The counters are in MongoDB; while it is away each process counts for itself.
 */
export function createGuesses(connection: Connection, free: number): Guesses {
  const limiter = (keyPrefix: string, points: number): RateLimiterAbstract => {
    const options = { keyPrefix, points, duration: daySeconds };
    return new RateLimiterMongo({
      ...options,
      insuranceLimiter: new RateLimiterMemory(options),
      storeClient: connection,
      disableIndexesCreation: true,
      tableName: rateLimits.collection,
    });
  };
  const unpaused = limiter('guess', free);
  const turn = limiter('guess_turn', 1);
  const paused = limiter('guess_paused', Number.MAX_SAFE_INTEGER);
  return {
    async claim(counter) {
      if ((await take(unpaused, counter)).taken) return;
      const before = (await paused.get(counter))?.consumedPoints ?? 0;
      const { taken, wait } = await take(turn, counter, pauseAfter(before + 1));
      if (taken) return void (await paused.consume(counter));
      throw new Problem('too_many_requests', `Too many attempts; try again in ${wait} s.`, {
        retryAfter: wait,
      });
    },
    async forget(counter) {
      await Promise.all([unpaused, turn, paused].map((each) => each.delete(counter)));
    },
  };
}
