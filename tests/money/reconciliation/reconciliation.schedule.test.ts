import { expect } from 'chai';
import { isDue } from '../../../src/domains/money/reconciliation/reconciliation.schedule.js';

describe('isDue', () => {
  const hour = 3_600_000;
  const now = new Date('2026-11-21T12:00:00Z');
  const ago = (ms: number) => ({ at: new Date(now.getTime() - ms) });

  it('BILL-5: one of all processes comes to it in a period, and the first when it never was', () => {
    expect(isDue({ at: null }, now, hour)).equal(true);
    expect(isDue(ago(hour), now, hour)).equal(true);
    expect(isDue(ago(hour / 2), now, hour)).equal(false);
    expect(isDue(ago(0), now, hour)).equal(false);
  });

  it('BILL-5: a timer that fires a little early is no reason to leave a turn out', () => {
    expect(isDue(ago(hour - 1), now, hour)).equal(true);
  });
});
