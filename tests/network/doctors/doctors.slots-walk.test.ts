import { expect } from 'chai';
import fc from 'fast-check';
import {
  isOpen,
  localTime,
  type Hours,
  type LocalTime,
} from '../../../src/domains/network/doctors/doctors.availability.js';
import {
  grainMs,
  slotAt,
  slotsOf,
  type SlotRules,
} from '../../../src/domains/network/doctors/doctors.slots.js';
import { allDay, daily, day, dayMs, hours, isAvailableAt, periodOf, rules } from './on-duty.js';

/*
 * The same by brute force: every five minutes of a day are asked what the clocks on the wall say. All times of the
 * windows and the hours are multiples of five minutes, as the zones' changes are.
 */

const zones = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kolkata'];

/** The days on which the clocks change in 2025 to 2030, the day before and the day after; or three days without. */
function daysAroundChanges(zone: string): Date[] {
  const changes: Date[] = [];
  for (let time = Date.UTC(2025, 0); time < Date.UTC(2031, 0); time += dayMs) {
    const { from, to } = periodOf(new Date(time), zone);
    if (to.getTime() - from.getTime() !== dayMs) changes.push(new Date(time));
  }
  const days = changes.length > 0 ? changes : [day('2027-03-14')];
  return days.flatMap((change) => [-1, 0, 1].map((days) => new Date(change.getTime() + days * dayMs)));
}

interface Instant {
  readonly time: number;
  readonly local: LocalTime;
}

const walked = new Map<string, Instant[]>();

function walk(date: Date, zone: string): Instant[] {
  const key = `${zone} ${date.toISOString()}`;
  if (!walked.has(key)) {
    const instants: Instant[] = [];
    for (let time = date.getTime() - dayMs; time < date.getTime() + 2 * dayMs; time += grainMs) {
      const local = localTime(new Date(time), zone);
      if (local.day.getTime() === date.getTime()) instants.push({ time, local });
    }
    walked.set(key, instants);
  }
  return walked.get(key)!;
}

/** Of a window that begins on that day: a night goes on into the next. */
function instantsOf({ weekday, start, end }: SlotRules['availability'][number], day: Date, zone: string) {
  if (weekday !== (day.getUTCDay() || 7)) return [];
  const today = walk(day, zone).filter(({ local: { time } }) => start <= time);
  if (start < end) return today.filter(({ local: { time } }) => time < end);
  return [
    ...today,
    ...walk(new Date(day.getTime() + dayMs), zone).filter(({ local: { time } }) => time < end),
  ];
}

function bruteForce(doctor: SlotRules, open: Hours, date: Date, zone: string): number[] {
  const starts: number[] = [];
  const length = doctor.slot_minutes * 60_000;
  for (const window of doctor.availability)
    for (const day of [new Date(date.getTime() - dayMs), date]) {
      const inWindow = instantsOf(window, day, zone);
      const onDuty = new Set(inWindow.filter(({ local }) => isOpen(open, local)).map(({ time }) => time));
      for (const { time, local } of inWindow) {
        if (local.day.getTime() !== date.getTime() || !isThere(doctor, local.day)) continue;
        const grains = Array.from({ length: length / grainMs }, (_, i) => time + i * grainMs);
        if ((time - inWindow[0]!.time) % length === 0 && grains.every((grain) => onDuty.has(grain)))
          starts.push(time);
      }
    }
  return starts.sort((one, other) => one - other);
}

const isThere = (doctor: SlotRules, day: Date): boolean =>
  doctor.accepting &&
  doctor.registration_expiry >= day &&
  !doctor.leave_days.some((leave) => leave.getTime() === day.getTime());

const timeOf = (grains: number): string =>
  `${String(Math.floor(grains / 12)).padStart(2, '0')}:${String((grains % 12) * 5).padStart(2, '0')}`;

/** Distinct times of the day in order, half of them at night, when clocks change. */
const timesOfDay = (most: number): fc.Arbitrary<string[]> =>
  fc
    .uniqueArray(fc.oneof(fc.nat(287), fc.integer({ min: 6, max: 42 })), { minLength: 2, maxLength: most })
    .map((grains) => grains.sort((one, other) => one - other).map(timeOf));

const anyHours = fc.oneof(
  fc.constant(allDay),
  timesOfDay(2).map(([open, close]) => hours(open!, close!)),
  timesOfDay(2).map(([close, open]) => hours(open!, close!)),
);

const anyRules: fc.Arbitrary<SlotRules> = fc
  .record({
    times: timesOfDay(8),
    slot_minutes: fc.integer({ min: 1, max: 24 }).map((grains) => grains * 5),
    isNight: fc.boolean(),
  })
  .map(({ times, slot_minutes, isNight }) => {
    // The last of an even number goes on to the first of the next day.
    const ends = isNight ? [...times.slice(1, times.length - (times.length % 2)), times[0]!] : times;
    const pairs = ends.flatMap((start, i): [string, string][] =>
      i % 2 === 0 && ends[i + 1] ? [[start, ends[i + 1]!]] : [],
    );
    // The last first: the order of the windows says nothing.
    return rules({ availability: daily(...pairs.reverse()), slot_minutes });
  });

describe('the slots of any doctor on days around a change of the clocks', () => {
  for (const zone of zones) {
    const anyDay = fc.constantFrom(...daysAroundChanges(zone));

    it(`DOC-3: are what a walk over all five minutes finds, in ${zone}`, () => {
      fc.assert(
        fc.property(
          anyDay,
          anyRules,
          anyHours,
          fc.array(fc.integer({ min: -1, max: 1 })),
          (date, any, open, away) => {
            const leave_days = away.map((n) => new Date(date.getTime() + n * dayMs));
            const doctor = { ...any, leave_days };
            const slots = slotsOf(doctor, open, zone, periodOf(date, zone));
            expect(slots.map((slot) => slot.date.getTime())).deep.equal(bruteForce(doctor, open, date, zone));
          },
        ),
        { numRuns: 300 },
      );
    });

    it(`DOC-3: last as long as they should, overlap nowhere and begin on duty, in ${zone}`, () => {
      fc.assert(
        fc.property(anyDay, anyRules, anyHours, (date, doctor, open) => {
          const slots = slotsOf(doctor, open, zone, periodOf(date, zone));
          for (const [i, slot] of slots.entries()) {
            expect(slot.slot_end.getTime() - slot.date.getTime()).equal(doctor.slot_minutes * 60_000);
            if (i > 0) expect(slot.date.getTime()).least(slots[i - 1]!.slot_end.getTime());
            expect(isAvailableAt(doctor, open, localTime(slot.date, zone))).equal(true);
            expect(slotAt(doctor, open, zone, slot.date)).deep.equal(slot);
          }
        }),
        { numRuns: 30 },
      );
    });

    it(`BOOK-2: slotAt refuses every other five minutes, in ${zone}`, () => {
      fc.assert(
        fc.property(anyDay, anyRules, anyHours, (date, doctor, open) => {
          const starts = new Set(bruteForce(doctor, open, date, zone));
          for (const { time, local } of walk(date, zone)) {
            const answer = slotAt(doctor, open, zone, new Date(time));
            expect(typeof answer === 'object').equal(starts.has(time));
            if (typeof answer === 'string')
              expect(answer === 'off_slot_grid').equal(isAvailableAt(doctor, open, local));
          }
        }),
        { numRuns: 10 },
      );
    });
  }
});
