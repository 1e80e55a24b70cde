import { expect } from 'chai';
import { monthsOf, periodName, utcDay } from '../../src/lib/period.js';

const at = (text: string): Date => new Date(text);

describe('periods', () => {
  it('names every month that a half-open period touches, and none that it only ends at', () => {
    const months = (from: string, to: string, zone = 'UTC'): string[] => monthsOf(at(from), at(to), zone);
    expect(months('2025-01-01T00:00:00Z', '2025-03-01T00:00:00Z')).deep.equal(['2025-01', '2025-02']);
    expect(months('2025-01-31T23:59:59Z', '2025-02-01T00:00:00.001Z')).deep.equal(['2025-01', '2025-02']);
    expect(months('2025-03-01T00:00:00Z', '2025-03-01T00:00:00Z')).deep.equal([]);
    // The last hour of 2024 in UTC is in January in Kolkata.
    expect(months('2024-12-31T23:00:00Z', '2025-01-01T00:00:00Z', 'Asia/Kolkata')).deep.equal(['2025-01']);
    expect(months('2024-11-15T00:00:00Z', '2026-02-01T00:00:00Z')).to.have.length(15);
  });

  it('REP-13: is named by its first and its last day on the clocks of the zone', () => {
    const name = (from: string | null, to: string | null, zone = 'UTC'): string =>
      periodName({ from: from === null ? null : at(from), to: to === null ? null : at(to) }, zone);
    expect(name('2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z')).to.equal('2026-10-01--2026-10-31');
    expect(name('2026-09-30T18:30:00Z', '2026-10-31T18:30:00Z', 'Asia/Kolkata')).to.equal(
      '2026-10-01--2026-10-31',
    );
    expect(name('2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z')).to.equal('2026-10-01');
    expect(name('2026-10-01T00:00:00Z', '2026-10-02T00:00:00.001Z')).to.equal('2026-10-01--2026-10-02');
    expect(name('2026-10-01T00:00:00Z', '2026-10-01T00:00:00Z')).to.equal('2026-10-01');
    expect(name('2026-10-01T00:00:00Z', null)).to.equal('from-2026-10-01');
    expect(name(null, '2026-11-01T00:00:00Z')).to.equal('until-2026-10-31');
    expect(name(null, null)).to.equal('all-time');
  });

  it('takes the day of an instant in UTC', () => {
    expect(utcDay(at('2024-02-29T23:59:59.999Z'))).deep.equal(at('2024-02-29T00:00:00Z'));
  });
});
