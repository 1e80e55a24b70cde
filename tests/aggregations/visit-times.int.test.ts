import { expect } from 'chai';
import { noShowRate, type NoShowRateParams, type NoShowRateRow } from '../../aggregations/no-show-rate.js';
import { patientFlow, type PatientFlowRow } from '../../aggregations/patient-flow.js';
import { noShowRows } from '../../src/domains/reports/definitions/no-show-rate/no-show-rate.report.js';
import {
  flowRows,
  weekdaysIn,
} from '../../src/domains/reports/definitions/patient-flow/patient-flow.report.js';
import { appointment, at, openScratch, type Scratch } from './records.js';

const always = { from: null, to: null };

describe('aggregations no-show-rate and patient-flow', () => {
  let scratch: Scratch;
  before(async () => void (scratch = await openScratch()));
  after(() => scratch.close());

  const visit = (date: string, status = 'completed', created_at: string | null = '2025-01-01T00:00:00Z') =>
    appointment({ date: at(date), status, created_at: created_at && at(created_at) });

  /** The groups with visits: `group completed no_show rate`. */
  async function noShows(
    params: Partial<NoShowRateParams> & Pick<NoShowRateParams, 'by'>,
  ): Promise<string[]> {
    const asked = { ...always, timeZone: 'UTC', ...params };
    return noShowRows(asked.by, await scratch.run<NoShowRateRow>(noShowRate(asked)))
      .filter(({ total }) => total > 0)
      .map(
        ({ group, completed, no_show, no_show_rate }) => `${group} ${completed} ${no_show} ${no_show_rate}`,
      );
  }

  it('REP-5: no-shows by ISO weekday and by hour of the zone; other statuses are in no figure', async () => {
    await scratch.fill({
      appointments: [
        // A Monday, and in New York a Sunday evening.
        visit('2025-01-06T01:30:00Z'),
        visit('2025-01-06T01:59:59.999Z', 'no_show'),
        visit('2025-01-06T02:00:00Z', 'no_show'),
        visit('2025-01-12T23:00:00Z'),
        ...['scheduled', 'checked_in', 'cancelled'].map((status) => visit('2025-01-07T09:00:00Z', status)),
      ],
    });
    expect(await noShows({ by: 'weekday' })).to.deep.equal(['1 1 2 0.6667', '7 1 0 0']);
    expect(await noShows({ by: 'hour' })).to.deep.equal(['1 1 1 0.5', '2 0 1 1', '23 1 0 0']);
    const timeZone = 'America/New_York';
    expect(await noShows({ by: 'weekday', timeZone })).to.deep.equal(['7 2 2 0.5']);
    expect(await noShows({ by: 'hour', timeZone })).to.deep.equal(['18 1 0 0', '20 1 1 0.5', '21 0 1 1']);
  });

  it('REP-5: an hour that the clocks repeat is one, an hour that they skip has nothing', async () => {
    await scratch.fill({
      appointments: [
        ...['2025-11-02T05:30:00Z', '2025-11-02T06:30:00Z', '2025-11-02T07:00:00Z'].map((date) =>
          visit(date),
        ),
        ...['2025-03-09T06:59:00Z', '2025-03-09T07:00:00Z'].map((date) => visit(date, 'no_show')),
      ],
    });
    expect(await noShows({ by: 'hour', timeZone: 'America/New_York' })).to.deep.equal([
      '1 2 1 0.3333',
      '2 1 0 0',
      '3 0 1 1',
    ]);
  });

  it('REP-5: the lead time is calendar days of the zone; what was written down afterwards has none', async () => {
    const booked = (created_at: string | null) => visit('2025-02-10T15:00:00Z', 'no_show', created_at);
    await scratch.fill({
      appointments: [
        ...['2025-02-10T15:00:00Z', '2025-02-10T00:00:00Z', '2025-02-09T23:59:59Z'].map(booked),
        ...['2025-02-08', '2025-02-07', '2025-02-06', '2025-02-03', '2025-02-02', '2025-01-27'].map(booked),
        ...['2025-01-26', '2025-01-11', '2025-01-10', '2020-01-01'].map(booked),
        ...['2025-02-10T15:00:00.001Z', null].map(booked),
        appointment({ date: at('2025-02-10T15:00:00Z') }),
      ],
    });
    const bands = async (timeZone: string) =>
      (await noShows({ by: 'lead_time', timeZone })).map((text) => text.split(' ').slice(0, 3).join(' '));
    expect(await bands('UTC')).to.deep.equal([
      ...['same_day 0 2', '1_day 0 1', '2_to_3_days 0 2', '4_to_7_days 0 2', '8_to_14_days 0 2'],
      ...['15_to_30_days 0 2', 'over_30_days 0 2', 'unknown 1 2'],
    ]);
    // In Kolkata the visit is at 20:30, and midnight UTC at 05:30 of the same day.
    expect((await bands('Asia/Kolkata'))[0]).to.equal('same_day 0 3');
  });

  it('REP-5: every group has its row, and a rate of nothing is missing', () => {
    expect(
      noShowRows('weekday', [])
        .map(({ label }) => label)
        .slice(0, 2),
    ).to.deep.equal(['Monday', 'Tuesday']);
    expect(noShowRows('hour', [])).to.have.length(24);
    expect(noShowRows('lead_time', []).map(({ label }) => label)).to.deep.equal([
      ...['Same day', '1 day', '2–3 days', '4–7 days', '8–14 days', '15–30 days', 'Over 30 days', 'Unknown'],
    ]);
    const none = { completed: 0, no_show: 0, total: 0, no_show_rate: null };
    expect(noShowRows('hour', [])[9]).to.deep.equal({ group: '9', label: '09:00', ...none });
  });

  it('REP-5: arrivals by weekday and hour of the zone, with the average over such days', async () => {
    await scratch.fill({
      appointments: [
        ...['2025-01-06T09:00:00Z', '2025-01-13T09:59:00Z', '2025-01-14T09:00:00Z'].map((date) =>
          visit(date),
        ),
        visit('2025-01-20T09:30:00Z', 'checked_in'),
        ...['no_show', 'cancelled', 'scheduled'].map((status) => visit('2025-01-06T09:00:00Z', status)),
        visit('2025-02-01T00:00:00Z'),
      ],
    });
    const period = { from: at('2025-01-01'), to: at('2025-02-01') };
    const rows = await scratch.run<PatientFlowRow>(patientFlow({ ...period, timeZone: 'UTC' }));
    expect(rows).to.deep.equal([
      { weekday: 1, hour: 9, appointments: 3 },
      { weekday: 2, hour: 9, appointments: 1 },
    ]);
    const all = flowRows(rows, period, 'UTC');
    expect(all).to.have.length(168);
    // January 2025 has four Mondays and five Wednesdays.
    expect(all[9]).to.deep.equal({ weekday: 1, hour: 9, appointments: 3, days: 4, average: 0.75 });
    expect(all[48]).to.deep.equal({ weekday: 3, hour: 0, appointments: 0, days: 5, average: 0 });
    expect(flowRows(rows, always, 'UTC')[9]).to.include({ appointments: 3, days: null, average: null });
    const inTokyo = await scratch.run(patientFlow({ ...always, timeZone: 'Asia/Tokyo' }));
    expect(inTokyo).to.deep.include({ weekday: 1, hour: 18, appointments: 3 });
  });

  it('REP-5: the days of a period are those that it touches, also where one is 23 or 25 hours long', () => {
    const zone = 'America/New_York';
    const of = (from: string, to: string) => weekdaysIn({ from: at(from), to: at(to) }, zone);
    expect(of('2025-03-03T05:00:00Z', '2025-03-17T04:00:00Z')).to.deep.equal([2, 2, 2, 2, 2, 2, 2]);
    expect(of('2025-10-27T04:00:00Z', '2025-11-10T05:00:00Z')).to.deep.equal([2, 2, 2, 2, 2, 2, 2]);
    expect(of('2025-03-09T04:59:00Z', '2025-03-09T05:01:00Z')).to.deep.equal([0, 0, 0, 0, 0, 1, 1]);
    expect(of('2025-03-09T05:00:00Z', '2025-03-09T05:00:00Z')).to.deep.equal([0, 0, 0, 0, 0, 0, 0]);
  });
});
