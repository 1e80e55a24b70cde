import type { Actor } from './actor.js';
import { Problem } from './errors.js';

/** How long a code of the second factor counts for what must not be done by who finds a session open. */
export const freshCodeMs = 10 * 60_000;

/** AUTH-11. Who has no second factor is asked for none: their role would demand it. Throws `second_factor_required`. */
export function requireFreshCode({ code_given_at }: Pick<Actor, 'code_given_at'>, now: Date): void {
  if (code_given_at === undefined || now.getTime() - code_given_at < freshCodeMs) return;
  throw new Problem('second_factor_required', 'Show a code of your second factor at /auth/step-up first.');
}
