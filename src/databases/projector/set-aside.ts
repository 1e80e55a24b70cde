import { isDeepStrictEqual } from 'node:util';
import { BSON, type Document } from 'mongodb';
import type { Change, SetAside } from './projector.types.js';

/*
 * A document that no figures can be worked out of (a text where an amount must be) must not hold up all the others, and the
 * stream tells of it only once. It is set aside, as messages are in a dead-letter queue, with what the figures hold of it and
 * what it has become: its next change, or another attempt, puts it right without a build. Pure.
 */

const most = 1_000;
/** Characters: a state is stored whole with each batch. */
const mostImages = 2_000_000;

const keyOf = ({ collection, id }: { readonly collection: string; readonly id: string }): string =>
  `${collection} ${id}`;

type Images = readonly [before: Document | null, after: Document | null];

export const changeOf = ({ collection, id, images }: SetAside): Change => {
  const [before, after] = BSON.EJSON.parse(images) as unknown as Images;
  return { collection, id, before, after };
};

/** Changes of one document as one, from what the figures hold of it; those that come to nothing are left out. */
export function combined(changes: readonly Change[], aside: readonly SetAside[]): Change[] {
  const held = new Map(aside.map((one) => [keyOf(one), one]));
  const all = new Map<string, Change>();
  for (const change of changes) {
    const key = keyOf(change);
    const kept = held.get(key);
    const earlier = all.get(key) ?? (kept && changeOf(kept));
    all.set(key, earlier ? { ...change, before: earlier.before } : change);
  }
  return [...all.values()].filter(({ before, after }) => !isDeepStrictEqual(before, after));
}

/** Without the documents of the changes. */
export function without(aside: readonly SetAside[], changes: readonly Change[]): SetAside[] {
  if (aside.length === 0) return [];
  const gone = new Set(changes.map(keyOf));
  return aside.filter((one) => !gone.has(keyOf(one)));
}

/** With the document of a change in place of what there was of it; null: too much to be kept. */
export function withChange(
  aside: readonly SetAside[],
  { collection, id, before, after }: Change,
  reason: string,
): SetAside[] | null {
  const images = BSON.EJSON.stringify([before, after]);
  const all = [...without(aside, [{ collection, id, before, after }]), { collection, id, reason, images }];
  const size = all.reduce((sum, one) => sum + one.images.length, 0);
  return all.length > most || size > mostImages ? null : all;
}
