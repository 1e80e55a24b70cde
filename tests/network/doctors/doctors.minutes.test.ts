import { expect } from 'chai';
import fc from 'fast-check';
import {
  findWindowFault,
  isInWindow,
  isOnLeave,
  isOpen,
  localTime,
} from '../../../src/domains/network/doctors/doctors.availability.js';
import { minutesWithin, type Presence } from '../../../src/domains/network/doctors/doctors.minutes.js';
import type { Hours } from '../../../src/domains/network/doctors/doctors.availability.js';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const allDay: Hours = { operating_start_hour: '00:00', operating_end_hour: '23:59' };
const daily = (start: string, end: string) =>
  [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));
const presence = (fields: Partial<Presence> = {}): Presence => ({
  registration_expiry: day('2090-01-01'),
  availability: daily('09:00', '12:00'),
  leave_days: [],
  ...fields,
});
const period = (from: string, to: string) => ({ from: new Date(from), to: new Date(to) });

const availableMinutes = (
  doctor: Presence,
  hours: Hours,
  zone: string,
  span: Parameters<typeof minutesWithin>[0],
): number => minutesWithin(span, zone)(doctor, hours);

/** The same, by asking for each minute of the period: slow and obvious. */
function walked(
  doctor: Presence,
  hours: Hours,
  zone: string,
  { from, to }: { from: Date; to: Date },
): number {
  let minutes = 0;
  for (let at = from.getTime(); at < to.getTime(); at += 60_000) {
    const local = localTime(new Date(at), zone);
    if (doctor.registration_expiry < local.day || isOnLeave(doctor, local.day)) continue;
    if (isInWindow(doctor, local) && isOpen(hours, local)) minutes += 1;
  }
  return minutes;
}

describe('the available minutes of a doctor', () => {
  const february = period('2025-02-01T00:00:00Z', '2025-03-01T00:00:00Z');

  it('REP-5: are those of the weekly windows, within the hours of the department', () => {
    const mondays = presence({ availability: [{ weekday: 1, start: '09:00', end: '12:00' }] });
    expect(availableMinutes(mondays, allDay, 'UTC', february)).equal(4 * 180);
    const open = { operating_start_hour: '10:00', operating_end_hour: '11:30' };
    expect(availableMinutes(mondays, open, 'UTC', february)).equal(4 * 90);
    const closed = { operating_start_hour: '13:00', operating_end_hour: '17:00' };
    expect(availableMinutes(mondays, closed, 'UTC', february)).equal(0);
  });

  it('REP-5: are none on leave and after the registration', () => {
    const leave_days = [day('2025-02-03'), day('2025-02-28'), day('2025-03-01')];
    expect(availableMinutes(presence({ leave_days }), allDay, 'UTC', february)).equal(26 * 180);
    const until = (text: string) => presence({ registration_expiry: day(text), leave_days });
    expect(availableMinutes(until('2025-02-10'), allDay, 'UTC', february)).equal(9 * 180);
    expect(availableMinutes(until('2025-01-31'), allDay, 'UTC', february)).equal(0);
  });

  it('REP-5: are cut by the ends of the period, in the zone of the hospital', () => {
    const cut = period('2025-02-03T10:00:00Z', '2025-02-04T11:00:00Z');
    expect(availableMinutes(presence(), allDay, 'UTC', cut)).equal(120 + 120);
    // 09:00 to 12:00 in Kolkata is 03:30 to 06:30 UTC.
    expect(availableMinutes(presence(), allDay, 'Asia/Kolkata', cut)).equal(180);
    expect(availableMinutes(presence(), allDay, 'UTC', period('2025-02-03', '2025-02-03'))).equal(0);
  });

  it('REP-5: are those that pass: an hour that comes twice is there twice, a skipped one is not', () => {
    const nights = presence({ availability: daily('00:30', '03:30') });
    const of = (from: string, to: string) =>
      availableMinutes(nights, allDay, 'America/New_York', period(from, to));
    expect(of('2025-03-08T05:00:00Z', '2025-03-09T05:00:00Z')).equal(180);
    expect(of('2025-03-09T05:00:00Z', '2025-03-10T04:00:00Z')).equal(120);
    expect(of('2025-11-02T04:00:00Z', '2025-11-03T05:00:00Z')).equal(240);
    // A year has one of each.
    expect(of('2025-01-01T05:00:00Z', '2026-01-01T05:00:00Z')).equal(365 * 180);
  });

  it('REP-5: are what a walk over all minutes finds', () => {
    const time = fc.nat(287).map((n) => {
      const minutes = n * 5;
      return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    });
    // In either order: a night's end is before its start.
    const ends = fc.uniqueArray(time, { minLength: 2, maxLength: 2 }).map((two) => two as [string, string]);
    const someDay = fc.nat(25).map((n) => new Date(day('2025-10-20').getTime() + n * 86_400_000));
    // One window of a weekday: two would have to keep apart.
    const windows = fc.uniqueArray(
      fc.record({ weekday: fc.integer({ min: 1, max: 7 }), ends }).map(({ weekday, ends: [start, end] }) => ({
        ...{ weekday, start, end },
      })),
      { selector: ({ weekday }) => weekday, maxLength: 7 },
    );
    fc.assert(
      fc.property(
        fc.record({
          availability: windows.filter((some) => findWindowFault(some) === undefined),
          leave_days: fc.array(someDay, { maxLength: 4 }),
          registration_expiry: fc.oneof(fc.constant(day('2090-01-01')), someDay),
        }),
        ends,
        fc.constantFrom('UTC', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kolkata'),
        fc.nat(20 * 288),
        fc.nat(8 * 288),
        (doctor, [opens, closes], zone, begin, length) => {
          const hours = { operating_start_hour: opens, operating_end_hour: closes };
          const from = new Date(day('2025-10-20').getTime() + begin * 300_000);
          const span = { from, to: new Date(from.getTime() + length * 300_000) };
          expect(availableMinutes(doctor, hours, zone, span)).equal(walked(doctor, hours, zone, span));
        },
      ),
      { numRuns: 20 },
    );
  }).timeout(20_000);
});
