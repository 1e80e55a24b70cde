import { expect } from 'chai';
import { appointment, at } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { fillStores } from './reports-fixture.js';
import { unzip } from '../../scripts/compare/workbook.js';

const month = 'from=2025-01-01&to=2025-02-01';

describe('REP-11: small counts of reports', () => {
  let api: TestApi;
  let manager: string;
  let doctors: string[];

  before(async () => {
    api = await startApi({ SMALL_CELLS: '5', MIRROR_MEGABYTES: '256' });
    manager = await api.as('manager');
    const made = [];
    for (const name of ['Ada', 'Bob', 'Cleo', 'Dan'])
      made.push(await api.make.doctor({ name: `Dr ${name}` }));
    doctors = made.map(({ doctor_id }) => doctor_id as string);
    const visits = (doctor: number, patients: number) =>
      Array.from({ length: patients }, (_, n) =>
        appointment({
          ...{ doctor_id: doctors[doctor], patient_id: `P${n}`, created_at: at('2025-01-01') },
          date: new Date(at('2025-01-06T09:00:00Z').getTime() + (n % 4) * 86_400_000),
        }),
      );
    await fillStores(api, {
      appointments: [...visits(0, 12), ...visits(1, 3), ...visits(2, 7), ...visits(3, 9)],
    });
  });
  after(() => api.stop());

  const report = (path: string, token = manager) => api.get(`/reports/${path}`, { token });

  it('REP-11: a manager sees no small count, no row that would tell one, no order of them and no total', async () => {
    const { status, body } = await report(`top-doctors?${month}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    expect(body.provenance).to.deep.include({ path: 'mirror', rows_read: null });
    expect(body.small_cells).to.deep.equal({ below: 5, hidden_rows: 2 });
    const figures = (rows: Record<string, unknown>[]) =>
      rows.map((row) => [row['doctor_id'], row['patients'], row['appointments']]);
    const hidden = [doctors[1]!, doctors[2]!].sort();
    expect(figures(body.rows)).to.deep.equal([
      [doctors[0], 12, 12],
      [doctors[3], 9, 9],
      ...hidden.map((id) => [id, null, null]),
    ]);
    const best = (await report(`top-doctors?${month}&limit=3`)).body;
    expect(figures(best.rows)).to.deep.equal(figures(body.rows).slice(0, 3));
    expect([best.parameters.limit, best.small_cells.hidden_rows]).to.deep.equal([3, 1]);
  });

  it('REP-11: an admin sees all, from the same figures and before the other asks and after', async () => {
    for (const _ of [1, 2]) {
      const all = (await report(`top-doctors?${month}`, await api.as('admin'))).body;
      expect(all.rows.map((row: { patients: number }) => row.patients)).to.deep.equal([12, 9, 7, 3]);
      expect(all).not.to.have.property('small_cells');
      expect((await report(`top-doctors?${month}`)).body.rows[3].patients).to.equal(null);
    }
  });

  it('REP-11: a doctor sees their own small count', async () => {
    const { token } = await api.make.account('doctor', { doctor_id: doctors[1]! });
    expect((await report(`top-doctors?${month}`, token)).body.rows[0].patients).to.equal(3);
  });

  it('REP-11: CSV, XLSX and PDF say that it is hidden, and the chart is drawn without', async () => {
    const path = `top-doctors?${month}&format=`;
    const csv = (await report(`${path}csv`)).body as string;
    expect(
      csv
        .trim()
        .split('\r\n')
        .slice(3)
        .map((line) => line.split(',').slice(-2)),
    ).to.deep.equal([
      ['"hidden"', '"hidden"'],
      ['"hidden"', '"hidden"'],
    ]);
    const answer = await fetch(`${api.url}/api/reports/${path}xlsx`, {
      headers: { authorization: `Bearer ${manager}` },
    });
    const text = [...unzip(Buffer.from(await answer.arrayBuffer())).values()].join('\n');
    expect(text).to.include('hidden');
    expect(text).to.match(/count from 1 to 4/);
    const svg = (await report(`${path}svg`)).body as string;
    expect(svg).to.include('Dr Ada').and.not.to.include('Dr Bob');
    expect((await report(`${path}pdf`)).status).to.equal(200);
    expect((await report(`patient-flow?${month}&format=svg`)).status).to.equal(200);
  });

  it('REP-11: a manager asks for whole months, and for no records', async () => {
    for (const [path, pointer] of [
      ['top-doctors?from=2025-01-02', '/query/from'],
      ['top-doctors?to=2025-01-31', '/query/to'],
      ['top-doctors?as_of=2025-01-31', '/query/as_of'],
      ['drug-spend?from=2025-01-01T05:00:00Z', '/query/from'],
    ] as const) {
      const { status, body } = await report(path);
      expect([status, body.errors?.[0].pointer], path).to.deep.equal([400, pointer]);
      expect((await report(path, await api.as('admin'))).status).to.equal(200);
    }
    for (const doctor_id of doctors.slice(0, 2)) {
      const drill = encodeURIComponent(JSON.stringify({ doctor_id }));
      const { status, body } = await report(`top-doctors?${month}&drill=${drill}`);
      expect([status, body.code]).to.deep.equal([403, 'small_count']);
    }
  });

  it('REP-11: every report of a month is answered to a manager', async () => {
    for (const { id } of api.system.parts.reports.reports)
      for (const format of ['json', 'csv', 'xlsx', 'pdf']) {
        const { status, body } = await report(`${id}?${month}&format=${format}`);
        expect(status, `${id} ${format} ${JSON.stringify(body)}`).to.equal(200);
      }
  });
});
