import { expect } from 'chai';
import fc from 'fast-check';
import {
  noticeHours,
  refundPercent,
} from '../../../src/domains/clinical/appointments/appointments.cancellation.js';
import {
  cancellationCodes,
  cancellationReasons,
} from '../../../src/domains/clinical/appointments/appointments.types.js';

const policy = [
  { hours: 24, percent: 100 },
  { hours: 4, percent: 50 },
];

describe('the refund of a cancellation', () => {
  for (const [hours, percent] of [
    [100, 100],
    [24, 100],
    [23.999, 50],
    [4, 50],
    [3.999, 0],
    [0, 0],
    [-1, 0],
  ] as const) {
    it(`BOOK-6: a patient who cancels ${hours} hours before gets ${percent} %`, () => {
      expect(refundPercent(policy, 'pat', hours)).to.equal(percent);
    });
  }

  it('BOOK-6: all of it when the reason is the doctor’s or the hospital’s, at any time (property)', () => {
    const reasons = cancellationCodes.filter((code) => cancellationReasons[code].party !== 'patient');
    expect(reasons).to.have.length(10);
    fc.assert(
      fc.property(fc.constantFrom(...reasons), fc.double({ noNaN: true }), (reason, hours) => {
        expect(refundPercent(policy, reason, hours)).to.equal(100);
      }),
    );
  });

  it('BOOK-6: who cancels earlier never gets less (property)', () => {
    const hours = fc.double({ min: -100, max: 1000, noNaN: true });
    fc.assert(
      fc.property(hours, hours, (a, b) => {
        const [later, earlier] = [Math.min(a, b), Math.max(a, b)];
        expect(refundPercent(policy, 'pat-fb', earlier)).at.least(refundPercent(policy, 'pat-fb', later));
      }),
    );
  });

  it('BOOK-6: without a policy a patient gets nothing, and one for 0 hours ends at the start', () => {
    expect(refundPercent([], 'pat', 1000)).to.equal(0);
    const always = [{ hours: 0, percent: 80 }];
    expect([refundPercent(always, 'pat', 0), refundPercent(always, 'pat', -0.001)]).to.deep.equal([80, 0]);
  });

  it('BOOK-6: hours are counted in elapsed time', () => {
    const [date, now] = [new Date('2027-03-14T12:00:00Z'), new Date('2027-03-13T13:30:00Z')];
    expect(noticeHours({ date, reschedules: [] }, now)).to.equal(22.5);
    expect(noticeHours({ date: now, reschedules: [] }, date)).to.equal(-22.5);
  });

  it('BOOK-6: a patient who moves a visit at the last hour and then cancels it gave an hour of notice', () => {
    const hour = (n: number): Date => new Date(n * 3_600_000);
    const moved = (party: 'patient' | 'hospital') => ({
      date: hour(500),
      reschedules: [{ from: hour(11), to: hour(500), at: hour(10), by: 'U', party, reason: null }],
    });
    expect(noticeHours(moved('patient'), hour(10))).to.equal(1);
    expect(noticeHours(moved('hospital'), hour(10))).to.equal(490);
  });
});
