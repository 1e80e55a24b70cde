import { expect } from 'chai';
import type { Document } from 'mongodb';
import { appointment, at } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { fillStores } from './reports-fixture.js';

const year = 'from=2025-01-01&to=2026-01-01';

describe('GET /reports/waiting-times', function () {
  this.timeout(120_000);
  let api: TestApi;
  let manager: string;
  let admin: string;
  let ada: { doctor_id: string; department_id: string; hospital_id: string };
  let bob: typeof ada;

  /** `booked` so many days before, at noon. */
  const visit = (place: typeof ada, date: string, booked: number | null, more: Document = {}): Document =>
    appointment({
      ...{ ...place, date: at(`${date}T10:00:00Z`) },
      ...(booked !== null && {
        created_at: new Date(at(`${date}T12:00:00Z`).getTime() - booked * 86_400_000),
      }),
      ...more,
    });

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    [manager, admin] = await Promise.all([api.as('manager'), api.as('admin')]);
    const place = async (hospital: string, department_name: string, name: string) => {
      const { hospital_id } = await api.make.hospital({ name: hospital });
      const { department_id } = await api.make.department({ hospital_id, department_name });
      const { doctor_id } = await api.make.doctor({ name, department_id });
      return { doctor_id, department_id, hospital_id };
    };
    ada = await place('Harbour', 'Cardiology', 'Dr Ada');
    bob = await place('Hill', 'Cardiology', 'Dr Bob');
    await fillStores(api, {
      appointments: [
        ...[1, 2, 3, 94].map((days) => visit(ada, '2025-06-10', days)),
        visit(bob, '2025-08-10', 20, { status: 'scheduled' }),
        visit(bob, '2025-08-11', 23, { status: 'checked_in' }),
        // Neither missed nor cancelled ones, and none of history: that was booked after its date, or nobody knows when.
        visit(bob, '2025-08-10', 400, { status: 'cancelled' }),
        visit(bob, '2025-08-10', 400, { status: 'no_show' }),
        visit(bob, '2025-08-10', -3),
        visit(bob, '2025-08-12', null),
        // Booked at noon of the day before in UTC: by the clocks, an evening and two midnights.
        visit({ ...bob, department_id: 'DEP-gone' }, '2025-09-01', 0, {
          created_at: at('2025-08-31T23:30:00Z'),
        }),
      ],
    });
  });
  after(() => api?.stop());

  const ask = async (query: string, token = manager) =>
    (await api.get(`/reports/waiting-times?${year}${query}`, { token })).body;
  type Told = Readonly<Record<string, unknown>>;
  const figures = ({ visits, median_days, average_days, p90_days, max_days, without_booking }: Told) => [
    ...[visits, median_days, average_days, p90_days, max_days, without_booking],
  ];

  it('WEB-4: the median first, where patients wait longest; by the days between booking and visit', async () => {
    const { rows, of, totals, provenance } = await ask('');
    expect(rows.map((row: Told) => [row['department'], row['hospital'], ...figures(row)])).to.deep.equal([
      ['Cardiology', 'Hill', 2, 21.5, 21.5, 23, 23, 2],
      ['Cardiology', 'Harbour', 4, 2.5, 25, 94, 94, 0],
      [null, null, 1, 1, 1, 1, 1, 0],
    ]);
    // Of all visits: 1, 1, 2, 3, 20, 23, 94.
    expect([of, ...figures(totals)]).to.deep.equal([3, 7, 3, 20.57, 94, 94, 2]);
    expect(provenance).to.deep.include({ path: 'mirror', rows_read: { mongodb: 9, postgres: 0 } });
  });

  for (const [by, names] of [
    ['hospital', ['Hill', 'Harbour']],
    ['doctor', ['Dr Bob', 'Dr Ada']],
    ['month', ['2025-06', '2025-07', '2025-08', '2025-09']],
  ] as const)
    it(`WEB-4: by ${by}, from the mirror and by the definition`, async () => {
      const { rows, totals, provenance } = await ask(`&by=${by}`);
      expect(rows.map((row: Told) => row[by])).to.deep.equal(names);
      expect(provenance.path).to.equal('mirror');
      const summed = await ask(`&by=${by}&path=definition`, admin);
      expect(summed.rows).to.deep.equal(rows);
      expect(summed.totals).to.deep.equal(totals);
    });

  it('REP-13: a month without visits has no median, and says so', async () => {
    const { rows } = await ask('&by=month');
    expect(figures(rows[1])).to.deep.equal([0, null, null, null, null, 0]);
  });

  it('REP-11: each row leads to its visits', async () => {
    const drill = JSON.stringify({ department_id: bob.department_id });
    const { rows } = await ask(`&drill=${encodeURIComponent(drill)}`);
    expect(rows).to.have.length(4);
    const month = await ask(`&by=month&drill=${encodeURIComponent('{"month":"2025-06"}')}`);
    expect(month.rows).to.have.length(4);
  });

  it('REP-5: a doctor sees their own waits only; a grouping that is not there is refused by name', async () => {
    const { token } = await api.make.account('doctor', { doctor_id: ada.doctor_id });
    expect((await ask('&by=hospital', token)).rows.map((row: Told) => row['hospital'])).to.deep.equal([
      'Harbour',
    ]);
    const { body, status } = await api.get('/reports/waiting-times?by=age', { token: manager });
    expect([status, body.errors[0].pointer]).to.deep.equal([400, '/query/by']);
  });
});
