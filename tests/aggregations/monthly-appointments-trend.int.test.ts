import { expect } from 'chai';
import { monthlyAppointmentsTrend } from '../../aggregations/monthly-appointments-trend.js';
import { appointment, at, openScratch, type Scratch } from './records.js';

describe('aggregation monthly-appointments-trend', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  const count = (timeZone: string) =>
    scratch.run(monthlyAppointmentsTrend({ from: null, to: null, timeZone }));

  it('REP-3: counts by month and status, in order', async () => {
    await scratch.fill({
      appointments: [
        appointment({ date: at('2025-02-28T23:59:59.999Z'), status: 'no_show' }),
        appointment({ date: at('2025-02-01'), status: 'cancelled' }),
        appointment({ date: at('2025-02-14T09:00:00Z'), status: 'cancelled' }),
        appointment({ date: at('2024-12-31T23:59:59.999Z') }),
      ],
    });
    expect(await count('UTC')).to.deep.equal([
      { month: '2024-12', status: 'completed', appointments: 1 },
      { month: '2025-02', status: 'cancelled', appointments: 2 },
      { month: '2025-02', status: 'no_show', appointments: 1 },
    ]);
  });

  it('REP-3: a month is that of the zone, in winter and in summer time', async () => {
    await scratch.fill({
      appointments: [
        // Midnight in New York is 05:00 UTC in winter and 04:00 UTC in summer.
        appointment({ date: at('2025-02-01T04:59:59.999Z') }),
        appointment({ date: at('2025-02-01T05:00:00Z') }),
        appointment({ date: at('2025-07-01T03:59:59.999Z') }),
        appointment({ date: at('2025-07-01T04:00:00Z') }),
      ],
    });
    const months = (await count('America/New_York')).map((row) => (row as { month: string }).month);
    expect(months).to.deep.equal(['2025-01', '2025-02', '2025-06', '2025-07']);
    expect(await count('UTC')).to.have.length(2);
  });
});
