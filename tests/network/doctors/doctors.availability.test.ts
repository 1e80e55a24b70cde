import { expect } from 'chai';
import {
  findWindowFault,
  isAvailable,
  localTime,
} from '../../../src/domains/network/doctors/doctors.availability.js';
import { isAvailableAt } from './on-duty.js';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

/** On duty every day from 08:00 to 12:00, by default. */
const doctor = (fields: object = {}) => ({
  accepting: true,
  registration_expiry: day('2090-01-01'),
  availability: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '08:00', end: '12:00' })),
  leave_days: [],
  ...fields,
});
const open = { operating_start_hour: '00:00', operating_end_hour: '23:59' };

describe('the availability of a doctor', () => {
  describe('localTime', () => {
    it('NET-1: tells the calendar day, weekday and time on the wall of a zone', () => {
      const at = new Date('2026-03-01T02:30:59Z');
      expect(localTime(at, 'UTC')).to.deep.equal({ day: day('2026-03-01'), weekday: 7, time: '02:30' });
      expect(localTime(at, 'America/New_York')).to.deep.equal({
        day: day('2026-02-28'),
        weekday: 6,
        time: '21:30',
      });
      expect(localTime(at, 'Asia/Kolkata').time).to.equal('08:00');
    });
  });

  describe('isAvailable', () => {
    it('DOC-2: counts the last day of the registration in, the next one out', () => {
      const expiring = doctor({ registration_expiry: day('2026-05-10') });
      expect(isAvailable(expiring, day('2026-05-10'))).to.equal(true);
      expect(isAvailable(expiring, day('2026-05-11'))).to.equal(false);
    });

    it('DOC-2: is not for doctors who take no new appointments', () => {
      expect(isAvailable(doctor({ accepting: false }), day('2026-05-10'))).to.equal(false);
    });
  });

  describe('isAvailableAt', () => {
    const available = (at: string, fields: object = {}, hours = open, zone = 'UTC'): boolean =>
      isAvailableAt(doctor(fields), hours, localTime(new Date(at), zone));

    it('DOC-2: counts the start of a window in, its end out', () => {
      expect(available('2026-05-11T07:59:59Z')).to.equal(false);
      expect(available('2026-05-11T08:00:00Z')).to.equal(true);
      expect(available('2026-05-11T11:59:59Z')).to.equal(true);
      expect(available('2026-05-11T12:00:00Z')).to.equal(false);
    });

    it('DOC-2: goes by the weekday', () => {
      const mondays = { availability: [{ weekday: 1, start: '08:00', end: '12:00' }] };
      expect(available('2026-05-11T09:00:00Z', mondays)).to.equal(true);
      expect(available('2026-05-12T09:00:00Z', mondays)).to.equal(false);
    });

    it('DOC-2: keeps to the hours of the department', () => {
      const hours = { operating_start_hour: '09:00', operating_end_hour: '11:00' };
      expect(available('2026-05-11T08:59:00Z', {}, hours)).to.equal(false);
      expect(available('2026-05-11T09:00:00Z', {}, hours)).to.equal(true);
      expect(available('2026-05-11T11:00:00Z', {}, hours)).to.equal(false);
    });

    it('DOC-2: leaves out leave days, expired registrations and doctors who do not accept', () => {
      expect(available('2026-05-11T09:00:00Z', { leave_days: [day('2026-05-11')] })).to.equal(false);
      expect(available('2026-05-11T09:00:00Z', { leave_days: [day('2026-05-12')] })).to.equal(true);
      expect(available('2026-05-11T09:00:00Z', { registration_expiry: day('2026-05-10') })).to.equal(false);
      expect(available('2026-05-11T09:00:00Z', { accepting: false })).to.equal(false);
    });

    it('NET-1: a leave day is one of the hospital, not of UTC', () => {
      const away = { leave_days: [day('2026-05-11')] };
      // 08:30 on 12 May in Auckland.
      expect(available('2026-05-11T20:30:00Z', away, open, 'Pacific/Auckland')).to.equal(true);
      // 08:30 on 11 May there.
      expect(available('2026-05-10T20:30:00Z', away, open, 'Pacific/Auckland')).to.equal(false);
    });

    it('NET-1: begins at 08:00 local time before and after the clocks change', () => {
      const zone = 'America/New_York';
      // Clocks go forward on 8 March 2026, 02:00: from UTC-5 to UTC-4.
      expect(available('2026-03-07T12:59:00Z', {}, open, zone)).to.equal(false);
      expect(available('2026-03-07T13:00:00Z', {}, open, zone)).to.equal(true);
      expect(available('2026-03-08T11:59:00Z', {}, open, zone)).to.equal(false);
      expect(available('2026-03-08T12:00:00Z', {}, open, zone)).to.equal(true);
      // And back on 1 November 2026.
      expect(available('2026-11-01T12:59:00Z', {}, open, zone)).to.equal(false);
      expect(available('2026-11-01T13:00:00Z', {}, open, zone)).to.equal(true);
    });

    it('NET-1: an hour that the clocks skip is never on duty, one that they repeat is twice', () => {
      const zone = 'America/New_York';
      const night = { availability: [{ weekday: 7, start: '01:30', end: '02:30' }] };
      const minutesOnDuty = (from: string): number => {
        const start = Date.parse(from);
        return Array.from({ length: 180 }, (_, minute) =>
          new Date(start + minute * 60_000).toISOString(),
        ).filter((at) => available(at, night, open, zone)).length;
      };
      // 01:30 to 02:30 is an hour on other Sundays; half of it is skipped, or 01:30 to 02:00 is there twice.
      expect(minutesOnDuty('2026-03-01T06:00:00Z')).to.equal(60);
      expect(minutesOnDuty('2026-03-08T06:00:00Z')).to.equal(30);
      expect(minutesOnDuty('2026-11-01T05:00:00Z')).to.equal(90);
    });
  });

  describe('findWindowFault', () => {
    const window = (weekday: number, start: string, end: string) => ({ weekday, start, end });

    it('DOC-1: finds nothing in windows that touch, or that are on other weekdays', () => {
      expect(findWindowFault([])).to.equal(undefined);
      const well = [window(1, '08:00', '12:00'), window(1, '12:00', '13:00'), window(2, '09:00', '10:00')];
      expect(findWindowFault(well)).to.equal(undefined);
    });

    it('DOC-1: names the first window that ends when it starts', () => {
      expect(findWindowFault([window(1, '08:00', '09:00'), window(1, '10:00', '10:00')])?.index).to.equal(1);
    });

    it('BOOK-10: takes a night, and names one that runs into the morning after, of Sunday into Monday too', () => {
      expect(findWindowFault([window(1, '20:00', '08:00'), window(2, '08:00', '20:00')])).to.equal(undefined);
      expect(findWindowFault([window(1, '20:00', '00:00'), window(2, '00:00', '08:00')])).to.equal(undefined);
      expect(findWindowFault([window(1, '20:00', '08:00'), window(2, '07:55', '20:00')])?.index).to.equal(1);
      expect(findWindowFault([window(1, '00:00', '01:00'), window(7, '20:00', '00:05')])?.index).to.equal(1);
      expect(findWindowFault([window(3, '20:00', '08:00'), window(3, '22:00', '23:00')])?.index).to.equal(1);
    });

    it('DOC-1: names the first window whose times are no multiples of five minutes', () => {
      expect(findWindowFault([window(1, '08:05', '12:55')])).to.equal(undefined);
      expect(findWindowFault([window(1, '08:00', '12:00'), window(2, '08:01', '12:00')])?.index).to.equal(1);
      expect(findWindowFault([window(1, '08:00', '23:59')])?.index).to.equal(0);
    });

    it('DOC-1: names the first window that overlaps another of its weekday', () => {
      const inside = [window(1, '08:00', '12:00'), window(2, '08:00', '12:00'), window(1, '09:00', '10:00')];
      expect(findWindowFault(inside)?.index).to.equal(2);
      expect(findWindowFault([window(3, '09:00', '11:00'), window(3, '10:00', '12:00')])?.index).to.equal(1);
      expect(findWindowFault([window(3, '10:00', '12:00'), window(3, '09:00', '11:00')])?.index).to.equal(1);
      expect(findWindowFault([window(3, '09:00', '11:00'), window(3, '09:00', '11:00')])?.index).to.equal(1);
    });
  });
});
