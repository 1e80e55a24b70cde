import { expect } from 'chai';
import { monthlyAppointmentsTrendReport } from '../../src/domains/reports/definitions/monthly-appointments-trend/monthly-appointments-trend.report.js';
import { createTurns } from '../../src/domains/reports/engine/reports.turns.js';
import { createReportsService } from '../../src/domains/reports/engine/reports.service.js';

describe('the current year of a report', () => {
  it('REP-3: is that of the report time zone', async () => {
    const yearIn = async (timeZone: string): Promise<unknown> => {
      const reports = createReportsService({
        reports: [monthlyAppointmentsTrendReport],
        engine: { name: 'none', read: () => Promise.reject(new Error('is not asked')) },
        turns: createTurns({ atOnce: 1, inLine: 0 }),
        lastWrite: () => undefined,
        clock: { now: () => new Date('2026-12-31T20:00:00Z') },
        timeZone,
        episodeGapDays: 30,
        currency: 'USD',
        hospitalIdsOf: () => Promise.resolve(undefined),
        existing: {} as never,
        codesOfDisease: () => Promise.resolve([]),
      });
      const { asked } = await reports.ask(
        'monthly-appointments-trend',
        { role: 'admin', doctor_id: null },
        {},
      );
      return asked.query['year'];
    };
    expect(await yearIn('UTC')).to.equal(2026);
    expect(await yearIn('Asia/Kolkata')).to.equal(2027);
    expect(await yearIn('America/New_York')).to.equal(2026);
  });
});
