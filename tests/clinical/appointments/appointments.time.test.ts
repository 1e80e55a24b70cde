import { expect } from 'chai';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  bookingTimePattern,
  checkBookingWindow,
  parseBookingDay,
  parseBookingTime,
} from '../../../src/domains/clinical/appointments/appointments.time.js';
import { Problem } from '../../../src/lib/errors.js';

const parse = (text: string, zone = 'UTC'): string =>
  parseBookingTime(text, zone, '/body/date').toISOString();

function refusal(act: () => unknown): Problem {
  try {
    act();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('parseBookingTime', () => {
  it('BOOK-1: reads ISO 8601 with an offset, whatever the zone of the hospital', () => {
    expect(parse('2027-03-01T10:00:00Z', 'America/New_York')).to.equal('2027-03-01T10:00:00.000Z');
    expect(parse('2027-03-01T10:00+05:30')).to.equal('2027-03-01T04:30:00.000Z');
  });

  it('BOOK-1: reads dd/mm/yyyy hh:mm:ss on the clock of the hospital', () => {
    expect(parse('01/03/2027 10:00:00', 'UTC')).to.equal('2027-03-01T10:00:00.000Z');
    expect(parse('01/03/2027 10:00:00', 'Asia/Kolkata')).to.equal('2027-03-01T04:30:00.000Z');
    expect(parse('01/07/2027 10:00:00', 'America/New_York')).to.equal('2027-07-01T14:00:00.000Z');
  });

  for (const text of [
    '31/02/2027 10:00:00',
    '29/02/2027 10:00:00',
    '01/13/2027 10:00:00',
    '01/01/2027 24:30:00',
    '2027-02-31T10:00:00Z',
  ]) {
    it(`BOOK-1: refuses ${text}, which the calendar does not have, and names the field`, () => {
      const { code, options } = refusal(() => parse(text));
      expect(code).to.equal('no_such_time');
      expect(options.errors).to.deep.equal([
        { pointer: '/body/date', message: 'is not a time of the calendar' },
      ]);
    });
  }

  it('BOOK-1: refuses a time that daylight saving skips', () => {
    const { code, detail } = refusal(() => parse('14/03/2027 02:30:00', 'America/New_York'));
    expect(code).to.equal('no_such_time');
    expect(detail).to.equal('/body/date is skipped by the clocks of America/New_York on that day');
    expect(parse('14/03/2027 03:00:00', 'America/New_York')).to.equal('2027-03-14T07:00:00.000Z');
  });

  it('BOOK-1: of an hour that comes twice, takes the first', () => {
    expect(parse('07/11/2027 01:30:00', 'America/New_York')).to.equal('2027-11-07T05:30:00.000Z');
    expect(parse('31/10/2027 02:30:00', 'Europe/Berlin')).to.equal('2027-10-31T00:30:00.000Z');
    expect(parse('04/04/2027 01:45:00', 'Australia/Lord_Howe')).to.equal('2027-04-03T14:45:00.000Z');
  });

  it('BOOK-1: what it reads shows as written on the clock of the hospital, in any zone (property)', () => {
    const zones = fc.constantFrom(
      'UTC',
      'America/New_York',
      'Europe/Berlin',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
    );
    const seconds = fc.integer({ min: 0, max: 10 * 366 * 86_400 });
    fc.assert(
      fc.property(zones, seconds, (zone, after) => {
        const instant = DateTime.fromISO('2025-01-01T00:00:00Z').plus({ seconds: after }).setZone(zone);
        const text = instant.toFormat('dd/MM/yyyy HH:mm:ss');
        const read = DateTime.fromISO(parse(text, zone), { zone });
        return read.toFormat('dd/MM/yyyy HH:mm:ss') === text && read <= instant;
      }),
      { numRuns: 500 },
    );
  });

  it('BOOK-1: the pattern takes the two forms only, and a day alone in each', () => {
    for (const text of [
      ...['2027-03-01T10:00:00Z', '2027-03-01T10:00+02:00', '01/03/2027 10:00:00'],
      ...['2027-03-01', '01/03/2027'],
    ])
      expect(text).to.match(bookingTimePattern);
    for (const text of [
      '2027-3-1',
      '2027-03-01T10:00:00',
      '1/3/2027 10:00:00',
      '01/03/2027 10:00',
      ' 01/03/2027 10:00:00',
    ])
      expect(text).not.to.match(bookingTimePattern);
  });
});

describe('parseBookingDay', () => {
  it('BOOK-2: is from midnight to midnight on the clock of the hospital, 23 to 25 hours', () => {
    const zone = 'America/New_York';
    for (const [text, from, hours] of [
      ['2027-03-01', '2027-03-01T05:00:00.000Z', 24],
      ['01/03/2027', '2027-03-01T05:00:00.000Z', 24],
      ['2027-03-14', '2027-03-14T05:00:00.000Z', 23],
      ['2027-11-07', '2027-11-07T04:00:00.000Z', 25],
    ] as const) {
      const period = parseBookingDay(text, zone, '/body/date')!;
      expect(period.from.toISOString(), text).to.equal(from);
      expect((period.to.getTime() - period.from.getTime()) / 3_600_000, text).to.equal(hours);
    }
    expect(parseBookingDay('2027-03-01T10:00:00Z', zone, '/body/date')).to.equal(undefined);
    for (const text of ['2027-02-29', '31/04/2027', '2027-13-01'])
      expect(refusal(() => parseBookingDay(text, zone, '/body/date')).code, text).to.equal('no_such_time');
  });
});

describe('checkBookingWindow', () => {
  const now = new Date('2027-01-01T00:00:00Z');
  const check = (text: string): void => checkBookingWindow(new Date(text), now, 30, '/body/date');

  it('BOOK-2: takes the next millisecond and the last one of the 30 days', () => {
    check('2027-01-01T00:00:00.001Z');
    check('2027-01-31T00:00:00.000Z');
  });

  for (const text of ['2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z', '2027-01-31T00:00:00.001Z']) {
    it(`BOOK-2: refuses ${text} at ${now.toISOString()}`, () => {
      const { code, options } = refusal(() => check(text));
      expect(code).to.equal('outside_booking_window');
      expect(options.errors?.[0]?.pointer).to.equal('/body/date');
    });
  }
});
