import { expect } from 'chai';
import { resolvePeriod } from '../../src/domains/reports/engine/reports.period.js';
import { Problem } from '../../src/lib/errors.js';

describe('resolvePeriod', () => {
  const iso = ({ from, to }: { from: Date | null; to: Date | null }) => [
    from?.toISOString(),
    to?.toISOString(),
  ];

  it('REP-3: a day is its midnight in the zone, an instant is itself, nothing is open', () => {
    const day = { from: '2025-01-01', to: '2025-07-01' };
    expect(iso(resolvePeriod(day, 'UTC'))).to.deep.equal([
      '2025-01-01T00:00:00.000Z',
      '2025-07-01T00:00:00.000Z',
    ]);
    expect(iso(resolvePeriod(day, 'America/New_York'))).to.deep.equal([
      '2025-01-01T05:00:00.000Z',
      '2025-07-01T04:00:00.000Z',
    ]);
    const instant = { from: '2025-01-01T00:00:00+02:00' };
    expect(iso(resolvePeriod(instant, 'America/New_York'))).to.deep.equal([
      '2024-12-31T22:00:00.000Z',
      undefined,
    ]);
  });

  it('REP-6: refuses impossible days, a wrong order and more than 200 years; an empty period is none of these', () => {
    const mistakes = [
      { from: '2025-02-29' },
      { to: '1799-12-31' },
      { from: '2025-01-02', to: '2025-01-01' },
      { from: '1900-01-01', to: '2100-01-02' },
    ];
    for (const period of mistakes) expect(() => resolvePeriod(period, 'UTC')).to.throw(Problem);
    expect(iso(resolvePeriod({ from: '1900-01-01', to: '2100-01-01' }, 'UTC'))).to.have.length(2);
    expect(iso(resolvePeriod({ from: '2025-01-01', to: '2025-01-01' }, 'UTC'))).to.have.length(2);
  });
});
