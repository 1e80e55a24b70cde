import { grainMs, grainsOf, type Slot } from '../../network/doctors/index.js';
import type { FreeSlot } from './appointments.types.js';

/** A grain of a doctor's time and a place in it. */
export interface TakenPlace {
  readonly grain: Date;
  readonly place: number;
}

/** Booked, or held at `now`: the moment at which a hold ends is not in it any more. */
export const isTaken = ({ expires_at }: { expires_at: Date | null }, now: Date): boolean =>
  expires_at === null || expires_at > now;

/** The places of a slot that are taken in any of its grains: the one who takes the slot has one place from end to end. */
export const placesIn = (taken: readonly TakenPlace[]): ReadonlySet<number> =>
  new Set(taken.map(({ place }) => place));

/**
 * The place to take, the lowest that nobody has; null when the slot has as many patients as it takes, and it is not to be
 * overbooked. Places are counted, not compared with the capacity: who was overbooked fills a slot as anybody does, until
 * somebody cancels. Everybody who looks at the same moment chooses the same place, so that only one of them gets it.
 */
export function placeToTake(
  taken: ReadonlySet<number>,
  capacity: number,
  overbooks: boolean,
): { place: number; overbooked: boolean } | null {
  const overbooked = taken.size >= capacity;
  if (overbooked && !overbooks) return null;
  let place = 0;
  while (taken.has(place)) place++;
  return { place, overbooked };
}

/** DOC-3: the slots that still have a place, and how many. */
export function freeAmong(
  slots: readonly Slot[],
  taken: readonly TakenPlace[],
  capacity: number,
): FreeSlot[] {
  const byGrain = new Map<number, number[]>();
  for (const { grain, place } of taken) {
    const at = grain.getTime();
    byGrain.set(at, [...(byGrain.get(at) ?? []), place]);
  }
  return slots.flatMap(({ date, slot_end }) => {
    const places = new Set(
      grainsOf({ date, slot_end }).flatMap((grain) => byGrain.get(grain.getTime()) ?? []),
    );
    return places.size < capacity ? [{ date, slot_end, free: capacity - places.size }] : [];
  });
}

/** The `count` slots that are nearest to a time, the nearest first; of two that are equally near, the earlier. */
export function nearestTo(slots: readonly FreeSlot[], wish: Date, count: number): FreeSlot[] {
  const distance = ({ date }: FreeSlot): number => Math.abs(date.getTime() - wish.getTime());
  return slots
    .toSorted((a, b) => distance(a) - distance(b) || a.date.getTime() - b.date.getTime())
    .slice(0, count);
}

/** From the first grain of the first slot to the end of the last one: where to look for what is taken. */
export const grainsBetween = (first: Slot, last: Slot): { from: Date; to: Date } => ({
  from: grainsOf(first)[0]!,
  to: new Date(Math.ceil(last.slot_end.getTime() / grainMs) * grainMs),
});
