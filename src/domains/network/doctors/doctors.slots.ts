import { DateTime } from 'luxon';
import {
  eveningOf,
  isAvailable,
  isInWindow,
  isNight,
  isOnLeave,
  isOpen,
  localTime,
  morningOf,
  openSpans,
  type ClockSpan,
  type Hours,
} from './doctors.availability.js';
import type { Doctor } from './doctors.types.js';

/*
 * DOC-3: the slots of a doctor. Within a weekly window they follow one another in elapsed time, beginning at the instant
 * at which the window does, so that days on which the clocks change have no slot too long, too short or twice over the
 * same instant: an hour that comes twice has slots twice, a skipped hour has none. A night's window goes on past midnight, and
 * what is said of a day (leave, registration) holds for the slots that begin on it. Bookings that exist are not looked at.
 */

/** Half-open: the slot is over at `slot_end`. */
export interface Slot {
  readonly date: Date;
  readonly slot_end: Date;
}

/** Why a time is not the beginning of a slot; codes of lib/errors. */
type SlotRefusal =
  | 'doctor_registration_expired'
  | 'doctor_not_accepting'
  | 'doctor_on_leave'
  | 'outside_availability'
  | 'department_closed'
  | 'off_slot_grid';

export type SlotRules = Pick<
  Doctor,
  'accepting' | 'registration_expiry' | 'availability' | 'leave_days' | 'slot_minutes'
>;

/** Half-open, in milliseconds since the epoch. */
interface Span {
  readonly from: number;
  readonly to: number;
}
/** Throughout it the clocks on the wall are that much ahead of UTC. */
export type Stretch = Span & { readonly offsetMs: number };

export const minuteMs = 60_000;
const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** What a claim on a slot is made of: whatever their grids, two slots that overlap share a grain. */
export const grainMs = 300_000;

/** The grains, aligned to the epoch, that a slot touches. */
export function grainsOf({ date, slot_end }: Slot): Date[] {
  const grains: Date[] = [];
  for (let at = Math.floor(date.getTime() / grainMs) * grainMs; at < slot_end.getTime(); at += grainMs)
    grains.push(new Date(at));
  return grains;
}

/** No clock was ever 16 hours from UTC, and none changes twice in three days. */
const around = (day: Date): Span => ({
  from: day.getTime() - 16 * hourMs,
  to: day.getTime() + dayMs + 16 * hourMs,
});

const offsetAt = (at: number, zone: string): number => DateTime.fromMillis(at, { zone }).offset * minuteMs;

/** Whether all instants that are that civil day somewhere have one offset in `zone`: no clock is changed around it. */
export const isOrdinary = (day: Date, zone: string): boolean => {
  const { from, to } = around(day);
  return offsetAt(from, zone) === offsetAt(to, zone);
};

/** All instants that are that civil day (midnight UTC) somewhere, parted where the clocks of `zone` change. */
export function stretchesAround(day: Date, zone: string): Stretch[] {
  const { from, to } = around(day);
  const [before, after] = [offsetAt(from, zone), offsetAt(to, zone)];
  if (before === after) return [{ from, to, offsetMs: before }];
  let [old, change] = [from, to];
  while (change - old > 1) {
    const middle = Math.floor((old + change) / 2);
    if (offsetAt(middle, zone) === before) old = middle;
    else change = middle;
  }
  return [
    { from, to: change, offsetMs: before },
    { from: change, to, offsetMs: after },
  ];
}

export function millisOf(time: string): number {
  return Number(time.slice(0, 2)) * hourMs + Number(time.slice(3)) * minuteMs;
}

/**
 * When, on that day, the clocks on the wall say `start` or later, but not yet `end`, in order. Two spans when the clocks go back
 * over one of the two; none when they skip all of it.
 */
function spansOf(day: Date, { start, end }: ClockSpan, stretches: readonly Stretch[]): Span[] {
  const spans: Span[] = [];
  for (const stretch of stretches) {
    const midnight = day.getTime() - stretch.offsetMs;
    const from = Math.max(stretch.from, midnight + millisOf(start));
    const to = Math.min(stretch.to, midnight + millisOf(end));
    if (from < to) spans.push({ from, to });
  }
  return joined(spans);
}

/** Those that follow one another without a gap are one; they come in order. */
function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans) {
    const last = whole.at(-1);
    if (last?.to === span.from) whole[whole.length - 1] = { from: last.from, to: span.to };
    else whole.push(span);
  }
  return whole;
}

const byBegin = (one: Span, other: Span): number => one.from - other.from;

const common = (one: readonly Span[], other: readonly Span[]): Span[] =>
  one.flatMap((a) =>
    other
      .map((b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }))
      .filter(({ from, to }) => from < to),
  );

/** What of an endless grid, which begins at `origin`, lies wholly within the span. */
function gridWithin({ from, to }: Span, origin: number, lengthMs: number): Slot[] {
  const slots: Slot[] = [];
  const first = origin + Math.ceil((from - origin) / lengthMs) * lengthMs;
  for (let at = first; at + lengthMs <= to; at += lengthMs)
    slots.push({ date: new Date(at), slot_end: new Date(at + lengthMs) });
  return slots;
}

const isThere = (doctor: SlotRules, day: Date): boolean =>
  isAvailable(doctor, day) && !isOnLeave(doctor, day);

/** What of the clock on which days, with the stretches around each. */
type Part = readonly [day: Date, span: ClockSpan, stretches: readonly Stretch[]];

/** The slots of the windows that begin on that day. */
function slotsFrom(day: Date, doctor: SlotRules, hours: Hours, zone: string): Slot[] {
  const weekday = day.getUTCDay() || 7;
  const windows = doctor.availability.filter((window) => window.weekday === weekday);
  const isDayOff = !isThere(doctor, day);
  if (windows.every((window) => isDayOff && !isNight(window))) return [];
  const stretches = stretchesAround(day, zone);
  const partsOf = (window: ClockSpan): readonly Part[] => {
    if (!isNight(window)) return [[day, window, stretches]];
    const next = new Date(day.getTime() + dayMs);
    return [
      [day, eveningOf(window), stretches],
      [next, morningOf(window), stretchesAround(next, zone)],
    ];
  };
  const open = openSpans(hours);
  return windows.flatMap((window) => {
    const parts = partsOf(window);
    const spans = joined(parts.flatMap((part) => spansOf(...part)));
    if (!spans[0]) return [];
    const origin = spans[0].from;
    const opened = joined(
      parts.flatMap(([on, , around]) => open.flatMap((span) => spansOf(on, span, around)).sort(byBegin)),
    );
    const slots = common(spans, opened).flatMap((span) =>
      gridWithin(span, origin, doctor.slot_minutes * minuteMs),
    );
    if (isNight(window)) return slots.filter(({ date }) => isThere(doctor, localTime(date, zone).day));
    return isDayOff ? [] : slots;
  });
}

/** All slots that begin in the half-open period, in order. */
export function slotsOf(
  doctor: SlotRules,
  hours: Hours,
  zone: string,
  { from, to }: { readonly from: Date; readonly to: Date },
): Slot[] {
  const slots: Slot[] = [];
  const last = localTime(to, zone).day.getTime();
  const first = localTime(from, zone).day.getTime();
  // A night may have begun on the day before.
  const nights = { ...doctor, availability: doctor.availability.filter(isNight) };
  slots.push(...slotsFrom(new Date(first - dayMs), nights, hours, zone));
  for (let day = first; day <= last; day += dayMs)
    slots.push(...slotsFrom(new Date(day), doctor, hours, zone));
  return slots
    .filter(({ date }) => from <= date && date < to)
    .sort((one, other) => one.date.getTime() - other.date.getTime());
}

/** The slot that begins at that instant, or the first reason why none does. */
export function slotAt(doctor: SlotRules, hours: Hours, zone: string, at: Date): Slot | SlotRefusal {
  const local = localTime(at, zone);
  if (doctor.registration_expiry < local.day) return 'doctor_registration_expired';
  if (!doctor.accepting) return 'doctor_not_accepting';
  if (isOnLeave(doctor, local.day)) return 'doctor_on_leave';
  if (!isInWindow(doctor, local)) return 'outside_availability';
  if (!isOpen(hours, local)) return 'department_closed';
  const [slot] = slotsOf(doctor, hours, zone, { from: at, to: new Date(at.getTime() + 1) });
  return slot ?? 'off_slot_grid';
}
