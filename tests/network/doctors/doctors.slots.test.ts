import { expect } from 'chai';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Hours } from '../../../src/domains/network/doctors/doctors.availability.js';
import {
  grainMs,
  grainsOf,
  slotAt,
  slotsOf,
  type SlotRules,
} from '../../../src/domains/network/doctors/doctors.slots.js';
import { allDay, daily, day, hours, periodOf, rules } from './on-duty.js';

const at = (text: string): Date => new Date(text);

/** When the slots of a day begin, on the wall and with the offset: `01:30 -04:00`. */
const startsOn = (date: string, zone: string, doctor: SlotRules, open = allDay): string[] =>
  slotsOf(doctor, open, zone, periodOf(day(date), zone)).map((slot) =>
    DateTime.fromJSDate(slot.date, { zone }).toFormat('HH:mm ZZ'),
  );

describe('the slots of a doctor', () => {
  describe('on an ordinary day', () => {
    const walls = (doctor: SlotRules, open?: Hours): string[] =>
      startsOn('2027-05-10', 'UTC', doctor, open).map((text) => text.slice(0, 5));

    it('DOC-3: follow one another from the start of a window, and end within it', () => {
      expect(walls(rules({ availability: daily(['08:00', '09:40']) }))).deep.equal([
        '08:00',
        '08:30',
        '09:00',
      ]);
      expect(walls(rules({ availability: daily(['08:00', '08:25']) }))).deep.equal([]);
      const two = rules({ availability: daily(['13:10', '14:00'], ['08:00', '09:00']), slot_minutes: 20 });
      expect(walls(two)).deep.equal(['08:00', '08:20', '08:40', '13:10', '13:30']);
    });

    it('DOC-3: keep to the hours of the department, on the grid of the window', () => {
      const doctor = rules({ availability: daily(['08:00', '12:00']) });
      expect(walls(doctor, hours('09:00', '10:30'))).deep.equal(['09:00', '09:30', '10:00']);
      // What opens or closes amid a slot has not got that slot.
      expect(walls(doctor, hours('09:01', '10:59'))).deep.equal(['09:30', '10:00']);
      expect(walls(doctor, hours('13:00', '18:00'))).deep.equal([]);
    });

    it('BOOK-10: go on through the night, past midnight on the grid of the evening, while the department is open', () => {
      const night = rules({ availability: [{ weekday: 1, start: '20:00', end: '08:00' }], slot_minutes: 90 });
      const open = hours('20:00', '08:00');
      // 10 May 2027 is a Monday.
      const starts = (date: string, doctor = night, opening = open) =>
        startsOn(date, 'UTC', doctor, opening).map((text) => text.slice(0, 5));
      expect(starts('2027-05-10')).deep.equal(['20:00', '21:30', '23:00']);
      expect(starts('2027-05-11')).deep.equal(['00:30', '02:00', '03:30', '05:00', '06:30']);
      expect(starts('2027-05-12')).deep.equal([]);
      const [late] = slotsOf(night, open, 'UTC', {
        from: at('2027-05-10T23:00Z'),
        to: at('2027-05-10T23:01Z'),
      });
      expect(late!.slot_end).deep.equal(at('2027-05-11T00:30Z'));
      expect(slotAt(night, open, 'UTC', at('2027-05-11T00:30Z'))).to.be.an('object');
      expect(slotAt(night, open, 'UTC', at('2027-05-11T08:00Z'))).equal('outside_availability');
      // A day's hours leave the ends of the night; leave and registration are of the day on which a slot begins.
      expect(starts('2027-05-11', night, hours('05:00', '22:00'))).deep.equal(['05:00', '06:30']);
      expect(starts('2027-05-10', night, hours('05:00', '22:00'))).deep.equal(['20:00']);
      const away = rules({ ...night, leave_days: [day('2027-05-11')] });
      expect([starts('2027-05-10', away).length, starts('2027-05-11', away).length]).deep.equal([3, 0]);
      const gone = rules({ ...night, registration_expiry: day('2027-05-10') });
      expect([starts('2027-05-10', gone).length, starts('2027-05-11', gone).length]).deep.equal([3, 0]);
      const back = rules({ ...night, leave_days: [day('2027-05-10')] });
      expect([starts('2027-05-10', back).length, starts('2027-05-11', back).length]).deep.equal([0, 5]);
      // Sunday's ends on Monday.
      const sunday = rules({
        availability: [{ weekday: 7, start: '22:00', end: '02:00' }],
        slot_minutes: 60,
      });
      expect(starts('2027-05-10', sunday)).deep.equal(['00:00', '01:00']);
    });

    it('DOC-3: are none on leave, after the registration, while not accepting, on another weekday', () => {
      expect(walls(rules())).to.have.length(8);
      expect(walls(rules({ leave_days: [day('2027-05-10')] }))).deep.equal([]);
      expect(walls(rules({ leave_days: [day('2027-05-11')] }))).to.have.length(8);
      expect(walls(rules({ registration_expiry: day('2027-05-10') }))).to.have.length(8);
      expect(walls(rules({ registration_expiry: day('2027-05-09') }))).deep.equal([]);
      expect(walls(rules({ accepting: false }))).deep.equal([]);
      expect(walls(rules({ availability: [{ weekday: 2, start: '08:00', end: '12:00' }] }))).deep.equal([]);
    });

    it('DOC-3: are those that begin in a half-open period, over any number of days', () => {
      const doctor = rules({ availability: daily(['08:00', '09:00']) });
      const period = { from: at('2027-05-10T08:30:00Z'), to: at('2027-05-12T08:30:00Z') };
      const found = slotsOf(doctor, allDay, 'UTC', period).map(({ date }) => date.toISOString().slice(8, 16));
      expect(found).deep.equal(['10T08:30', '11T08:00', '11T08:30', '12T08:00']);
      expect(slotsOf(doctor, allDay, 'UTC', { from: period.to, to: period.from })).deep.equal([]);
    });
  });

  describe('on the days on which the clocks change', () => {
    const night = (start: string, end: string, slot_minutes: number): SlotRules =>
      rules({ availability: daily([start, end]), slot_minutes });

    it('NET-1: New York: a skipped hour has no slots, one that comes twice has slots twice', () => {
      const startsAt = (date: string): string[] =>
        startsOn(date, 'America/New_York', night('01:00', '03:30', 30));
      expect(startsAt('2027-03-14')).deep.equal(['01:00 -05:00', '01:30 -05:00', '03:00 -04:00']);
      expect(startsAt('2027-11-07')).deep.equal([
        ...['01:00 -04:00', '01:30 -04:00', '01:00 -05:00', '01:30 -05:00'],
        ...['02:00 -05:00', '02:30 -05:00', '03:00 -05:00'],
      ]);
      // Work that begins after the change is not moved by it.
      for (const date of ['2027-03-13', '2027-03-14', '2027-11-07'])
        expect(startsOn(date, 'America/New_York', rules()).map((text) => text.slice(0, 5))).deep.equal([
          ...['08:00', '08:30', '09:00', '09:30', '10:00', '10:30', '11:00', '11:30'],
        ]);
    });

    it('NET-1: London: a start that is skipped is the first instant after, one that comes twice the first', () => {
      const startsAt = (date: string): string[] =>
        startsOn(date, 'Europe/London', night('01:30', '03:00', 40));
      expect(startsAt('2027-03-27')).deep.equal(['01:30 +00:00', '02:10 +00:00']);
      expect(startsAt('2027-03-28')).deep.equal(['02:00 +01:00']);
      // 02:10 BST is 01:10 GMT, outside of the window; the grid goes on beneath it and comes back at 01:30 + 80 minutes.
      expect(startsAt('2027-10-31')).deep.equal(['01:50 +00:00']);
      expect(startsOn('2027-10-31', 'Europe/London', night('01:30', '03:00', 30))).deep.equal([
        ...['01:30 +01:00', '01:30 +00:00', '02:00 +00:00', '02:30 +00:00'],
      ]);
      expect(startsOn('2027-03-28', 'Europe/London', night('01:00', '02:00', 20))).deep.equal([]);
    });

    it('NET-1: Lord Howe: the clocks change by half an hour', () => {
      const startsAt = (date: string): string[] =>
        startsOn(date, 'Australia/Lord_Howe', night('01:00', '03:00', 20));
      expect(startsAt('2027-10-03')).deep.equal([
        ...['01:00 +10:30', '01:20 +10:30', '01:40 +10:30', '02:30 +11:00'],
      ]);
      expect(startsAt('2027-04-04')).deep.equal([
        ...['01:00 +11:00', '01:20 +11:00', '01:40 +11:00', '01:30 +10:30'],
        ...['01:50 +10:30', '02:10 +10:30', '02:30 +10:30'],
      ]);
    });

    it('DOC-3: windows that meet in an hour that comes twice take turns', () => {
      const doctor = rules({ availability: daily(['01:00', '01:30'], ['01:30', '02:00']), slot_minutes: 15 });
      const found = slotsOf(doctor, allDay, 'America/New_York', {
        from: at('2027-11-07T05:00:00Z'),
        to: at('2027-11-07T07:00:00Z'),
      });
      expect(found.map(({ date }) => date.getTime())).deep.equal(
        Array.from({ length: 8 }, (_, i) => Date.parse('2027-11-07T05:00:00Z') + i * 900_000),
      );
    });
  });

  describe('slotAt', () => {
    const ask = (time: string, fields: Partial<SlotRules> = {}, open = hours('09:00', '11:00')) =>
      slotAt(rules(fields), open, 'UTC', at(`2027-05-10T${time}Z`));

    it('DOC-3: gives the slot that begins at an instant', () => {
      const slot = { date: at('2027-05-10T10:30:00Z'), slot_end: at('2027-05-10T11:00:00Z') };
      expect(ask('10:30:00')).deep.equal(slot);
    });

    it('BOOK-2: says the first reason why none does', () => {
      const all = {
        registration_expiry: day('2027-05-09'),
        accepting: false,
        leave_days: [day('2027-05-10')],
      };
      const { registration_expiry, ...valid } = all;
      expect(ask('13:00:00', { registration_expiry, ...valid })).equal('doctor_registration_expired');
      expect(ask('13:00:00', valid)).equal('doctor_not_accepting');
      expect(ask('13:00:00', { leave_days: all.leave_days })).equal('doctor_on_leave');
      expect(ask('07:30:00')).equal('outside_availability');
      expect(ask('12:00:00')).equal('outside_availability');
      expect(ask('08:30:00')).equal('department_closed');
      expect(ask('11:00:00')).equal('department_closed');
      expect(ask('09:15:00')).equal('off_slot_grid');
      expect(ask('09:30:00.001')).equal('off_slot_grid');
      // On the grid, but it would not be over in time.
      expect(ask('10:30:00', {}, hours('09:00', '10:45'))).equal('off_slot_grid');
    });
  });

  describe('grainsOf', () => {
    it('BOOK-4: are the five minutes, counted from the epoch, that a slot touches', () => {
      const slot = { date: at('2027-05-10T08:00:00Z'), slot_end: at('2027-05-10T08:15:00Z') };
      expect(grainsOf(slot).map((grain) => grain.toISOString().slice(11, 16))).deep.equal([
        ...['08:00', '08:05', '08:10'],
      ]);
    });

    it('BOOK-4: two slots share a grain when they overlap, and only then', () => {
      const slot = fc
        .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 48 }))
        .map(([start, length]) => ({
          date: new Date(start * grainMs),
          slot_end: new Date((start + length) * grainMs),
        }));
      fc.assert(
        fc.property(slot, slot, (one, other) => {
          const grains = new Set(grainsOf(one).map(Number));
          const share = grainsOf(other).some((grain) => grains.has(grain.getTime()));
          return share === (one.date < other.slot_end && other.date < one.slot_end);
        }),
      );
    });
  });
});
