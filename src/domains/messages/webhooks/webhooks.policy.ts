import type { Actor } from '../../../lib/actor.js';
import { testKind, type Webhook, type WebhookDelivery } from './webhooks.types.js';

/** Its owner's alone, with all that was sent to it. */
export const isOwn = (actor: Actor, { user_id }: { readonly user_id: string }): boolean =>
  actor.user_id === user_id;

export const takes = (
  { is_active, kinds }: Pick<Webhook, 'is_active' | 'kinds'>,
  kind: WebhookDelivery['kind'],
): boolean => kind === testKind || (is_active && (kinds === null || kinds.includes(kind)));

const seconds = 1000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

/** Between one attempt and the next: about half a day in all. */
const pausesMs = [10 * seconds, minutes, 5 * minutes, 30 * minutes, 2 * hours, 4 * hours, 6 * hours];

/**
 * How long after its nth failed attempt (n from 1) a delivery is tried again; null: not any more. Up to a fifth longer, by `chance` in
 * [0, 1): those that failed together do not come back together. A test has its answer at once.
 */
export function pauseAfter(
  { kind }: Pick<WebhookDelivery, 'kind'>,
  n: number,
  chance: number,
): number | null {
  const pause = kind === testKind ? undefined : pausesMs[n - 1];
  return pause === undefined ? null : Math.round(pause * (1 + chance / 5));
}

/** What is wrong with the address by its letters alone; undefined for nothing. */
export function faultInUrl(given: string, privateHosts: boolean): string | undefined {
  if (!URL.canParse(given)) return 'must be an address like https://example.com/hook';
  const { protocol, username, password, hash, port } = new URL(given);
  if (protocol !== 'https:' && !(privateHosts && protocol === 'http:')) return 'must begin with https://';
  if (username !== '' || password !== '') return 'must hold no user and no password';
  if (hash !== '') return 'must have no fragment';
  // Below are the services of a system, and some of them would take a request for a command.
  if (port !== '' && Number(port) < 1024) return 'must have the port 443, or one from 1024 on';
  return undefined;
}
