import { expect } from 'chai';
import fc from 'fast-check';
import { dayOf, periodOf } from '../../../src/domains/clinical/waiting-list/waiting-list.day.js';

const zones = ['America/New_York', 'Europe/Warsaw', 'Pacific/Apia', 'Asia/Kolkata', 'UTC'] as const;
const hour = 3_600_000;

describe('the days of the waiting list', () => {
  it('BOOK-7: a day has 23 or 25 hours where the clocks change', () => {
    const hoursOf = (day: string): number => {
      const { from, to } = periodOf(new Date(day), 'America/New_York');
      return (to.getTime() - from.getTime()) / hour;
    };
    expect(['2027-03-13', '2027-03-14', '2027-11-07'].map(hoursOf)).to.deep.equal([24, 23, 25]);
  });

  it('BOOK-7: every moment is in the period of its day, and the periods follow one another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        (zone, at) => {
          const day = dayOf(at, zone);
          const { from, to } = periodOf(day, zone);
          expect(from <= at && at < to).to.equal(true);
          const next = new Date(day.getTime() + 24 * hour);
          expect(periodOf(next, zone).from).to.deep.equal(to);
        },
      ),
    );
  });
});
