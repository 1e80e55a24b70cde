import { expect } from 'chai';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  daysOfPeriod,
  relativePeriods,
} from '../../../src/domains/reports/engine/reports.relative-periods.js';
import { nextDue } from '../../../src/domains/reports/saved/saved-reports.schedule.js';
import type { Schedule } from '../../../src/domains/reports/saved/saved-reports.types.js';

const daily = (time: string, time_zone = 'UTC'): Schedule => ({
  ...{ every: 'day', weekday: null, day: null, time, time_zone },
});
const weekly = (weekday: number, time = '08:00'): Schedule => ({ ...daily(time), every: 'week', weekday });
const monthly = (day: number, time = '08:00', zone = 'UTC'): Schedule => ({
  ...{ ...daily(time, zone), every: 'month', day },
});
const after = (schedule: Schedule, at: string): string => nextDue(schedule, new Date(at)).toISOString();

describe('nextDue', () => {
  it('REP-10: is later today, or tomorrow when that is over, to the minute', () => {
    expect(after(daily('08:00'), '2026-03-03T07:59:59.999Z')).to.equal('2026-03-03T08:00:00.000Z');
    expect(after(daily('08:00'), '2026-03-03T08:00:00Z')).to.equal('2026-03-04T08:00:00.000Z');
  });

  it('REP-10: is on the clock of its zone', () => {
    expect(after(daily('08:00', 'Asia/Kolkata'), '2026-03-03T12:00:00Z')).to.equal(
      '2026-03-04T02:30:00.000Z',
    );
    // It is the fourth there already.
    expect(after(monthly(4, '01:00', 'Pacific/Auckland'), '2026-03-03T11:30:00Z')).to.equal(
      '2026-03-03T12:00:00.000Z',
    );
  });

  it('REP-10: is on its weekday, and on the last day of a month that has no such day', () => {
    expect(after(weekly(1), '2026-03-03T00:00:00Z')).to.equal('2026-03-09T08:00:00.000Z');
    expect(after(monthly(31), '2026-01-31T09:00:00Z')).to.equal('2026-02-28T08:00:00.000Z');
    expect(after(monthly(30), '2028-02-01T00:00:00Z')).to.equal('2028-02-29T08:00:00.000Z');
    expect(after(monthly(31), '2026-02-28T08:00:00Z')).to.equal('2026-03-31T08:00:00.000Z');
  });

  it('REP-10: what the clocks skip comes as much later, and of a time that comes twice the first counts', () => {
    // 2026-03-08 02:30 does not exist in New York.
    expect(after(daily('02:30', 'America/New_York'), '2026-03-08T05:00:00Z')).to.equal(
      '2026-03-08T07:30:00.000Z',
    );
    // 2026-11-01 01:30 exists twice there: 05:30Z and 06:30Z.
    const autumn = daily('01:30', 'America/New_York');
    expect(after(autumn, '2026-11-01T05:00:00Z')).to.equal('2026-11-01T05:30:00.000Z');
    expect(after(autumn, '2026-11-01T05:30:00Z')).to.equal('2026-11-02T06:30:00.000Z');
  });

  it('REP-10: comes once on each of its days, in every zone, whatever the clocks do', () => {
    const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Cairo'];
    const schedules = fc.record({
      zone: fc.constantFrom(...zones),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
      start: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
    });
    fc.assert(
      fc.property(schedules, ({ zone, hour, minute, start }) => {
        const two = (value: number): string => String(value).padStart(2, '0');
        const schedule = daily(`${two(hour)}:${two(minute)}`, zone);
        const first = nextDue(schedule, start);
        const second = nextDue(schedule, first);
        expect(first > start && second > first).to.equal(true);
        const day = (at: Date): DateTime => DateTime.fromJSDate(at, { zone }).startOf('day');
        expect(Math.round(day(second).diff(day(first), 'days').days)).to.equal(1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('daysOfPeriod', () => {
  const on = (period: Parameters<typeof daysOfPeriod>[0], at: string, zone = 'UTC') => {
    const { from, to } = daysOfPeriod(period, new Date(at), zone);
    return `${from} ${to}`;
  };

  it('REP-10: periods in words are half-open days that move on with the calendar', () => {
    const at = '2026-03-04T12:00:00Z';
    expect(on('today', at)).to.equal('2026-03-04 2026-03-05');
    expect(on('yesterday', at)).to.equal('2026-03-03 2026-03-04');
    expect(on('last_7_days', at)).to.equal('2026-02-25 2026-03-04');
    expect(on('last_week', at)).to.equal('2026-02-23 2026-03-02');
    expect(on('last_month', at)).to.equal('2026-02-01 2026-03-01');
    expect(on('last_quarter', at)).to.equal('2025-10-01 2026-01-01');
    expect(on('last_12_months', at)).to.equal('2025-04-01 2026-04-01');
    expect(on('last_year', at)).to.equal('2025-01-01 2026-01-01');
  });

  it('REP-10: what day it is, the zone says', () => {
    expect(on('last_month', '2026-02-28T20:00:00Z', 'Asia/Kolkata')).to.equal('2026-02-01 2026-03-01');
    expect(on('last_month', '2026-02-28T18:00:00Z', 'Asia/Kolkata')).to.equal('2026-01-01 2026-02-01');
  });

  it('REP-10: every period has days, and begins before it ends', () => {
    for (const period of relativePeriods) {
      const { from, to } = daysOfPeriod(period, new Date('2028-02-29T23:30:00Z'), 'Europe/Berlin');
      expect(from < to, period).to.equal(true);
    }
  });
});
