import { createHash } from 'node:crypto';
import { Problem } from './errors.js';

/**
 * A request that its client may send again: what the header `Idempotency-Key` (IETF draft
 * draft-ietf-httpapi-idempotency-key-header) stands for. A transaction that is given one stores it with its result, and
 * anyone who comes with it again gets that result and no second effect.
 */
export interface Once {
  /** A digest of who asks, the route and the key: the same key of somebody else is another request. */
  readonly id: string;
  /** A digest of what was asked. */
  readonly request_hash: string;
  /** Called when the answer is the stored one. */
  replayed(): void;
}

/** As long as Stripe's; what is longer is no key but content. */
const keyPattern = /^[\x21-\x7e]{1,255}$/;

/** How long an answer is kept for its key. */
export const keptForDays = 7;

const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** The same text for the same value, in whichever order its fields came. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member) && !(member instanceof Date)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/**
 * Reads the header. `principal` is the user, `route` the method and pattern, `request` the parsed parameters and body.
 * Throws `invalid_idempotency_key`.
 */
export function onceOf(
  key: string,
  principal: string,
  route: string,
  request: unknown,
  replayed: () => void,
): Once {
  if (!keyPattern.test(key))
    throw new Problem('invalid_idempotency_key', 'It must be 1 to 255 visible ASCII characters.');
  return { id: digest(principal, route, key), request_hash: digest(canonical(request)), replayed };
}

/** The stored result for a request that comes again. Throws `idempotency_key_reused` when it asks for something else. */
export function replay<T>(
  once: Once,
  stored: { readonly request_hash: string; readonly result: unknown },
): T {
  if (stored.request_hash !== once.request_hash) throw new Problem('idempotency_key_reused');
  once.replayed();
  return stored.result as T;
}
