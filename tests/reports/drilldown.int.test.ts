import { expect } from 'chai';
import { appointment, at, patient, prescription } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { addBills, fillStores } from './reports-fixture.js';

const year = 'from=2025-01-01&to=2026-01-01';

/** What a row counts of the records behind it. */
const counted: Readonly<Record<string, (row: Record<string, number>) => number>> = {
  [`top-doctors?${year}&limit=100`]: (row) => row['appointments']!,
  [`monthly-appointments-trend?${year}`]: (row) => row['total']!,
  [`disease-trends?${year}&basis=appointments&gap_days=0`]: (row) => row['episodes']!,
  [`disease-trends?${year}&basis=diagnoses`]: (row) => row['episodes']! + row['open_excluded']!,
  [`disease-trends?${year}&basis=prescriptions&gap_days=0`]: (row) =>
    row['episodes']! + row['open_excluded']!,
  [`average-prescription-cost?${year}`]: (row) => row['prescriptions']!,
  [`no-show-rate?${year}&by=hour`]: (row) => row['total']!,
  [`patient-flow?${year}`]: (row) => row['appointments']!,
  [`new-and-returning-patients?${year}`]: (row) => row['appointments']!,
  [`returning-patients?${year}&until=2025-12`]: (row) => row['patients']!,
  [`doctor-utilisation?${year}`]: (row) => row['appointments']!,
  [`drug-spend?${year}&limit=100`]: (row) => row['prescriptions']!,
};

describe('GET /reports/*?drill=', () => {
  let api: TestApi;
  let admin: string;
  let manager: string;
  let doctor: { token: string; doctor_id: string };

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    [admin, manager] = [await api.as('admin'), await api.as('manager')];
    const { doctor_id, department_id, hospital_id } = await api.make.doctor();
    doctor = { doctor_id, token: (await api.make.account('doctor', { doctor_id })).token };
    const place = { department_id, hospital_id };
    const names = [
      { disease: 'Asthma', disease_code: 'J45' },
      { disease: 'Flu', disease_code: null },
    ];
    const visits = Array.from({ length: 23 }, (_, n) =>
      appointment({
        ...place,
        ...names[n % 2],
        ...{ doctor_id: n % 3 === 0 ? 'D-other' : doctor_id, patient_id: `P${n}` },
        // Several at the same time: only the id tells them apart.
        date: at(`2025-0${1 + (n % 2)}-1${n % 3}T10:00:00Z`),
        ...{ slot_end: null, created_at: at('2024-12-01') },
      }),
    );
    const drugs = Array.from({ length: 9 }, (_, n) =>
      prescription({
        ...place,
        ...names[n % 2],
        ...{ doctor_id, patient_id: `P${n}`, drug: `$Drug ${n % 2}`, drug_code: n % 2 ? null : 'C1' },
        start_date: at(`2025-01-0${1 + (n % 3)}`),
        end_date: n % 4 === 0 ? null : at('2025-01-20'),
      }),
    );
    await fillStores(api, {
      appointments: visits,
      prescriptions: drugs,
      patients: [
        patient(
          'P1',
          { start_date: at('2025-01-01'), end_date: at('2025-01-15') },
          { start_date: at('2025-01-01') },
        ),
        patient('P2', { start_date: at('2025-02-01'), end_date: at('2025-02-15') }),
      ],
    });
    await addBills(api, []);
  });
  after(() => api.stop());

  const get = (path: string, token = admin) => api.get(`/reports/${path}`, { token });
  const drilled = (path: string, key: object) =>
    `${path}${path.includes('?') ? '&' : '?'}drill=${encodeURIComponent(JSON.stringify(key))}`;
  const keyOf = (path: string, row: Record<string, unknown>) => {
    const { key } = api.system.parts.reports.get(path.split('?')[0]!);
    return Object.fromEntries(key.map((name) => [name, row[name]]));
  };

  /** All pages of so many records each. */
  async function allOf(
    path: string,
    key: object,
    limit = 4,
    token = admin,
  ): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    // A report's own limit is that of its records.
    const base = drilled(path.replace(/&limit=\d+/, ''), key);
    for (let cursor = ''; ;) {
      const { status, body, headers } = await get(`${base}&limit=${limit}${cursor}`, token);
      expect(status, JSON.stringify(body)).to.equal(200);
      expect(body.rows.length).to.be.at.most(limit);
      found.push(...body.rows);
      if (body.next_cursor === null) {
        expect(headers.get('link')).to.equal(null);
        return found;
      }
      expect(headers.get('link')).to.include(body.next_cursor).and.to.include('rel="next"');
      cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
  }

  for (const [path, count] of Object.entries(counted)) {
    it(`REP-11: ${path} leads to as many records as each row counts, whichever way it was counted`, async () => {
      const fast = (await get(path)).body;
      const summed = (await get(`${path}&path=definition`)).body;
      expect(fast.rows).to.deep.equal(summed.rows);
      const rows = fast.rows.filter((row: never) => count(row) > 0);
      expect(rows).not.to.have.length(0);
      const empty = fast.rows.find((row: never) => count(row) === 0);
      for (const row of [...rows, ...(empty ? [empty] : [])]) {
        const records = await allOf(path, keyOf(path, row));
        expect(records, JSON.stringify(row)).to.have.length(count(row as never));
        expect(new Set(records.map((record) => JSON.stringify(record))).size).to.equal(records.length);
      }
    });
  }

  it('REP-11: the entries behind revenue are the ledger’s, each with its amount', async () => {
    const visit = await api.make.appointment();
    const paid = await api.post(`/transactions/${visit.appointment_id}`, { token: admin, body: {} });
    expect(paid.status, JSON.stringify(paid.body)).to.equal(201);
    const { rows } = (await get('revenue?by=doctor')).body;
    const [row] = rows.filter(({ doctor_id }: { doctor_id: string }) => doctor_id === visit.doctor_id);
    const entries = await allOf('revenue?by=doctor', keyOf('revenue', row), 1);
    const sum = (account: string) =>
      entries
        .filter((entry) => entry['account'] === account)
        .reduce((total, { amount }) => total + Number(amount), 0);
    expect(sum('cash')).to.equal(row.collected);
    expect(sum('receivable')).to.equal(row.outstanding);
    expect(entries.reduce((total, { amount }) => total + Number(amount), 0)).to.equal(0);
  });

  it('REP-11: says what it is, as every report does', async () => {
    const { body, headers } = await get(drilled(`top-doctors?${year}`, { doctor_id: doctor.doctor_id }));
    expect(Object.keys(body).sort()).to.deep.equal(
      ['report', 'parameters', 'columns', 'rows', 'next_cursor', 'provenance'].sort(),
    );
    expect(body.rows).to.have.length(5);
    expect(body.provenance.path).to.equal('definition');
    expect(body.columns.map(({ name }: { name: string }) => name)).to.deep.equal(Object.keys(body.rows[0]));
    const again = await api.get(
      `/reports/${drilled(`top-doctors?${year}`, { doctor_id: doctor.doctor_id })}`,
      {
        token: admin,
        headers: { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' },
      },
    );
    expect(again.status).to.equal(304);
  });

  it('REP-11: the same as CSV and XLSX; there is no picture of records', async () => {
    const path = drilled(`drug-spend?${year}`, { drug: '$Drug 1' });
    const { body } = await get(path);
    const csv = (await get(`${path}&format=csv`)).body as string;
    expect(csv.trim().split('\r\n')).to.have.length(body.rows.length + 1);
    const xlsx = await get(`${path}&format=xlsx`);
    expect([xlsx.status, xlsx.headers.get('content-disposition')]).to.satisfy(
      ([status, name]: [number, string]) =>
        status === 200 && name.includes('drug-spend-records_2025-01-01--2025-12-31.xlsx'),
    );
    const picture = await get(`${path}&format=svg`);
    expect([picture.status, picture.body.code]).to.deep.equal([406, 'not_acceptable']);
  });

  it('REP-11: a manager sees records without names and notes, a doctor their own only', async () => {
    const path = `monthly-appointments-trend?${year}`;
    const all = await allOf(path, { month: '2025-01' }, 100, manager);
    for (const record of all)
      expect(record).not.to.have.any.keys('name', 'reason', 'dosage', 'diagnoses', 'disease', 'disease_code');
    expect(all).not.to.have.length(0);
    const own = await allOf(path, { month: '2025-01' }, 100, doctor.token);
    const full = await allOf(path, { month: '2025-01' }, 100);
    expect(own).to.deep.equal(full.filter((record) => record['doctor_id'] === doctor.doctor_id));
    expect(own.length).to.be.lessThan(all.length);
    expect(await allOf('top-doctors?', { doctor_id: 'D-other' }, 100, doctor.token)).to.deep.equal([]);
    expect((await get(drilled(path, { month: '2025-01' }), await api.as('patient'))).status).to.equal(403);
  });

  it('PAT-8: a disease or a drug leads a manager to exact counts where none are hidden, and to nobody', async () => {
    const path = drilled(`drug-spend?${year}`, { drug: '$Drug 1' });
    const { status, body } = await get(path, manager);
    expect(status, JSON.stringify(body)).to.equal(200);
    const { hospital_id } = (await get(path)).body.rows[0];
    expect(body.rows).to.deep.equal([{ month: '2025-01', hospital_id, records: 4, patients: 4 }]);
    expect(body).not.to.have.property('small_cells');
    expect((await get(path, doctor.token)).body.rows[0]).to.have.property('patient_id');
  });

  const refused: readonly (readonly [path: string, pointer: string])[] = [
    ['top-doctors?drill=D1', '/query/drill'],
    ['top-doctors?drill=[]', '/query/drill'],
    ['top-doctors?drill=null', '/query/drill'],
    ['top-doctors?drill={}', '/query/drill'],
    ['top-doctors?drill={"doctor_id":{"$ne":""}}', '/query/drill'],
    ['top-doctors?drill={"doctor_id":"D1","name":"x"}', '/query/drill'],
    ['monthly-appointments-trend?drill={"month":"2025-13"}', '/query/drill'],
    ['patient-flow?drill={"weekday":"1","hour":9}', '/query/drill'],
    ['returning-patients?drill={"cohort":"2025-01","months_later":1e15}', '/query/drill'],
    ['patient-flow?limit=3', '/query/limit'],
    ['top-doctors?cursor=abc', '/query/cursor'],
  ];
  for (const [path, pointer] of refused) {
    it(`REP-11: ${path} is refused by name`, async () => {
      const { status, body } = await get(
        path.replace(/drill=(.*)/, (_, key) => `drill=${encodeURIComponent(key)}`),
      );
      expect([status, body.errors?.[0].pointer]).to.deep.equal([400, pointer]);
    });
  }

  it('REP-11: a cursor of other records, or made by somebody, is refused', async () => {
    const page = (await get(`${drilled(`top-doctors?${year}`, { doctor_id: doctor.doctor_id })}&limit=1`))
      .body;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const own = JSON.parse(Buffer.from(page.next_cursor as string, 'base64url').toString()) as object;
    for (const cursor of [forged({ ...own, i: '{"$gt":""}' }), forged({ ...own, i: '[]' }), 'abc']) {
      const { body } = await get(
        `${drilled(`top-doctors?${year}`, { doctor_id: doctor.doctor_id })}&cursor=${cursor}`,
      );
      expect(body.code).to.equal('invalid_cursor');
    }
    const other = await get(
      `${drilled(`top-doctors?${year}`, { doctor_id: 'D-other' })}&cursor=${page.next_cursor}`,
    );
    expect([other.status, other.body.code]).to.deep.equal([400, 'invalid_cursor']);
  });
});
