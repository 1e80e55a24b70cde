import { expect } from 'chai';
import { monthsOf, utcDay } from '../../src/lib/period.js';

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

  it('takes the day of an instant in UTC', () => {
    expect(utcDay(at('2024-02-29T23:59:59.999Z'))).deep.equal(at('2024-02-29T00:00:00Z'));
  });
});
