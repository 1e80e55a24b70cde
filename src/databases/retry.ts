import { setTimeout as sleep } from 'node:timers/promises';

/** From the first attempt; what can't be done by then is answered as 503. */
export const writeDeadlineMs = 30_000;

/**
 * Runs `attempt(tries)` until it succeeds, fails for good (`passes(error)` is false), or `deadlineMs` is over; then the
 * last error is thrown. Waits 50 ms at first, doubling to 500 ms, with jitter so that clients do not come back at once.
 * The attempt must be idempotent: anyone who calls this says in a comment by which key.
 */
export async function retry<T>(
  attempt: (tries: number) => Promise<T>,
  passes: (error: unknown) => boolean,
  deadlineMs = writeDeadlineMs,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (let tries = 0, delay = 50; ; tries++, delay = Math.min(delay * 2, 500)) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (!passes(error) || Date.now() > deadline) throw error;
      await sleep(delay * (0.5 + Math.random() / 2));
    }
  }
}
