import { expect } from 'chai';
import fc from 'fast-check';
import { isCrossing, isMet, isNewer } from '../../../src/domains/reports/targets/targets.rules.js';
import type { TargetStanding } from '../../../src/domains/reports/targets/targets.types.js';

const standing = (is_met: boolean, from: string, to: string): TargetStanding => ({
  ...{ is_met, days: { from, to }, version: null, since: new Date(0) },
});

describe('targets', () => {
  it('REP-14: are met at the number itself, from either side, to four decimals', () => {
    expect(isMet(0.08, 'at_most', 0.08)).to.equal(true);
    expect(isMet(0.0801, 'at_most', 0.08)).to.equal(false);
    expect(isMet(0.1 + 0.2, 'at_most', 0.3)).to.equal(true);
    expect(isMet(99, 'at_least', 100)).to.equal(false);
    expect(isMet(100, 'at_least', 100)).to.equal(true);
  });

  it('REP-14: are crossed from one side to the other, and not by a period that begins anew', () => {
    const march = { from: '2026-03-01', to: '2026-04-01' };
    expect(isCrossing(null, false, march)).to.equal(false);
    expect(isCrossing(standing(true, '2026-03-01', '2026-04-01'), true, march)).to.equal(false);
    expect(isCrossing(standing(true, '2026-03-01', '2026-04-01'), false, march)).to.equal(true);
    expect(isCrossing(standing(true, '2026-02-01', '2026-03-01'), false, march)).to.equal(false);
    // The last seven days go on day by day.
    const week = { from: '2026-02-24', to: '2026-03-03' };
    expect(isCrossing(standing(true, '2026-02-23', '2026-03-02'), false, week)).to.equal(true);
  });

  it('REP-14: older rows than are known say nothing, whichever store is behind', () => {
    expect(isNewer('5-7', null)).to.equal(true);
    expect(isNewer(null, '5-7')).to.equal(true);
    const parts = fc.tuple(fc.bigInt({ min: 0n, max: 99n }), fc.bigInt({ min: 0n, max: 99n }));
    fc.assert(
      fc.property(parts, parts, (seen, known) => {
        const isOlder = seen.some((part, at) => part < known[at]!);
        return isNewer(seen.join('-'), known.join('-')) === !isOlder;
      }),
    );
  });
});
