import { expect } from 'chai';
import { poll } from '../../src/databases/embedded/processes.js';
import { appointment, at, patient, prescription } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, words } from '../web/visitor.js';
import { fillStores, type Bill } from './reports-fixture.js';

const cutDay = 'from=2025-01-10T09:30:00Z&to=2025-03-10T10:30:00Z';
/** fetch adds `Cache-Control: no-cache` by itself, which asks for an answer in any case. */
const unlessChanged = (etag: string) => ({ 'If-None-Match': etag, 'Cache-Control': 'max-age=0' });
const mirrored = [
  ...['top-doctors?', 'monthly-appointments-trend?', 'no-show-rate?', 'patient-flow?', 'returning-patients?'],
  'new-and-returning-patients?',
  ...['waiting-times?', 'waiting-times?by=hospital&', 'waiting-times?by=doctor&', 'waiting-times?by=month&'],
  ...['disease-trends?', 'disease-trends?basis=prescriptions&', 'disease-trends?basis=appointments&'],
  ...['doctor-utilisation?', 'drug-spend?', 'revenue?', 'revenue?by=doctor&', 'revenue?by=month&'],
  ...['average-prescription-cost?', 'average-prescription-cost?disease=Asthma&kind=all&'],
];
const months = [1, 2, 3];

const dayOf = (month: number, day: number): Date => at(`2025-0${month}-${day}`);

const bills = months.flatMap((n): Bill[] => [
  {
    ...{
      id: `B${n}`,
      patient_id: `P${n}`,
      total_cost: `${n}0.10`,
      created_at: at(`2025-0${n}-12T10:00:00Z`),
    },
    ...{ disease: 'Asthma', disease_code: n === 1 ? null : 'J45', department_id: 'DEP1', hospital_id: 'H1' },
  },
  {
    ...{
      id: `C${n}`,
      patient_id: 'P9',
      total_cost: '7',
      created_at: at(`2025-0${n}-13T10:00:00Z`),
      doctor_id: 'D1',
    },
    ...(n === 3 ? { kind: 'consultation', appointment_id: 'A1' } : {}),
  },
]);

describe('reports from the mirror', function () {
  this.timeout(120_000);
  let api: TestApi;
  let manager: string;
  let admin: string;

  before(async () => {
    api = await startApi({ REPORT_TIME_ZONE: 'Asia/Kolkata', MIRROR_MEGABYTES: '256' });
    [manager, admin] = await Promise.all([api.as('manager'), api.as('admin')]);
    await fillStores(
      api,
      {
        appointments: months.map((n) =>
          appointment({
            ...{ doctor_id: 'D1', date: at(`2025-0${n}-10T10:00:00Z`), patient_id: `P${n}` },
            ...{ disease: 'Asthma', slot_end: at(`2025-0${n}-10T10:20:30Z`) },
          }),
        ),
        prescriptions: months.map((n) =>
          prescription({
            patient_id: `P${n}`,
            drug: 'Salbutamol',
            start_date: dayOf(n, 11),
            end_date: n === 2 ? null : dayOf(n, 20),
          }),
        ),
        patients: months.map((n) =>
          patient(`P${n}`, { start_date: dayOf(n, 11), end_date: n === 1 ? null : dayOf(n, 20 + n) }),
        ),
      },
      bills,
    );
  });
  after(() => api?.stop());

  const get = (path: string, token = manager, headers: Record<string, string> = {}) =>
    api.get(`/reports/${path}`, { token, headers });

  for (const report of mirrored)
    it(`REP-9: ${report.replace(/[?&]$/, '')} is answered without a scan, and is what the records say`, async () => {
      const [fast, slow] = await Promise.all([
        get(report + cutDay),
        get(`${report}${cutDay}&path=definition`, admin),
      ]);
      expect([fast.status, slow.status], JSON.stringify(fast.body)).to.deep.equal([200, 200]);
      expect(fast.body.provenance).to.include({ path: 'mirror', engine: 'duckdb' });
      expect(fast.body.rows).to.deep.equal(slow.body.rows).and.not.to.be.empty;
      expect(fast.body.receipt).to.deep.equal(slow.body.receipt);
      expect(fast.body.provenance.rows_read).to.deep.equal(slow.body.provenance.rows_read);
      for (const [store, as_of] of Object.entries(slow.body.provenance.as_of)) {
        const answered = fast.body.provenance.as_of[store];
        if (as_of === null) expect(answered, store).to.equal(null);
        else expect(Date.parse(answered), store).to.be.closeTo(Date.now(), 60_000);
      }
    });

  it('REP-6: has a tag that is known before anything is read, and changes with the rows', async () => {
    const first = await get(`top-doctors?${cutDay}`);
    const etag = first.headers.get('etag')!;
    const again = await get(`top-doctors?${cutDay}`, manager, unlessChanged(etag));
    expect([again.status, again.headers.get('etag')]).to.deep.equal([304, etag]);
    const date = at('2025-02-20T10:00:00Z');
    await fillStores(api, { appointments: [appointment({ doctor_id: 'D1', date, patient_id: 'P9' })] });
    // What was there is removed first.
    const changed = async () => {
      const { status, body } = await get(`top-doctors?${cutDay}`, manager, unlessChanged(etag));
      return status === 200 && body.rows.length === 1 && body.rows[0].patients === 1;
    };
    expect(await poll(changed, 10_000)).to.equal(true);
  });

  it('REP-8: a caller’s own booking is in the next answer', async () => {
    const { department_id } = await api.make.department();
    const { doctor_id } = await api.make.doctor({ department_id });
    const path = `top-doctors?by=appointments&status=scheduled&doctor_id=${doctor_id}`;
    for (let n = 1; n <= 5; n += 1) {
      // Booked by an admin.
      await api.make.appointment({ doctor_id });
      const { body } = await get(path, admin);
      expect([body.provenance.path, body.rows[0].appointments]).to.deep.equal(['mirror', n]);
    }
  });

  it('REP-11: what was known earlier is answered by the records', async () => {
    const { body } = await get(`top-doctors?as_of=${new Date(Date.now() - 1000).toISOString()}`);
    expect(body.provenance.path).to.equal('definition');
  });

  it('REP-8: says in /metrics how far it is behind', async () => {
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).to.match(/^mirror_live 1$/m);
    expect(Number(/^mirror_lag_seconds (\S+)$/m.exec(metrics)![1])).to.be.below(2);
  });

  it('REP-8: says in each answer, and in words, how far it may be behind the records', async () => {
    const { body } = await get('top-doctors?by=appointments');
    expect(body.provenance.behind_seconds).to.be.within(0, 2);
    const { body: summed } = await get('top-doctors?by=appointments&path=definition', admin);
    expect(summed.provenance.behind_seconds).to.equal(0);
    const visitor = createVisitor(api);
    await visitor.signIn((await api.make.account('manager')).email);
    const said =
      /From the rows of all records in memory, as of .+, at most [012]\.\d seconds behind the records;/;
    expect(words(await visitor.get('/reports/top-doctors?period=all'))).to.match(said);
  });

  it('REP-8: records of the same days are in one treatment, however many there are', async () => {
    const starts = ['2024-01-02', '2024-06-03', '2025-01-07', '2025-08-05'];
    await fillStores(api, {
      prescriptions: Array.from({ length: 300 }, (_, n) => n).flatMap((n) =>
        starts.slice(n % 3).flatMap((start, nth) =>
          Array.from({ length: 1 + ((n + nth) % 4) }, () =>
            prescription({
              ...{ patient_id: `P${n}`, drug: 'Penicillin', disease_code: `C${n % 5}` },
              ...{ start_date: at(start), end_date: new Date(at(start).getTime() + 9 * 86_400_000) },
            }),
          ),
        ),
      ),
    });
    const [fast, slow] = await Promise.all([
      get('disease-trends?basis=prescriptions', admin),
      get('disease-trends?basis=prescriptions&path=definition', admin),
    ]);
    expect(fast.body.provenance.path).to.equal('mirror');
    expect(fast.body.rows).to.deep.equal(slow.body.rows);
    for (const { max_days } of slow.body.rows) expect(max_days).to.equal(9);
  });

  it('REP-9: holds nothing with MIRROR_MEGABYTES=0, and the records answer', async () => {
    const without = await startApi({ MIRROR_MEGABYTES: '0' });
    try {
      expect(without.system.parts.mirror).to.equal(undefined);
      const { body } = await without.get('/reports/patient-flow', { token: await without.as('manager') });
      expect(body.provenance.path).to.equal('definition');
    } finally {
      await without.stop();
    }
  });
});
