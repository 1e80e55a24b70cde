import type { Middleware } from 'koa';
import { Problem } from '../../lib/errors.js';
import { within } from '../../lib/within.js';

/**
 * Whatever a request waits for, and however often, its client is answered by then. What it has begun may still come to its
 * end: the same Idempotency-Key tells.
 */
export function answerInTime(ms: number): Middleware {
  return (_ctx, next) =>
    within(ms, next() as Promise<void>, () => {
      throw new Problem('unavailable', undefined, { retryAfter: 2 });
    });
}
