import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { appointment, at, patient, prescription } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { fillStores } from './reports-fixture.js';

const all = ['top-doctors', 'disease-trends', 'monthly-appointments-trend', 'average-prescription-cost'];

describe('GET /reports/*', () => {
  let api: TestApi;
  let manager: string;
  let doctor: string;
  let department: { department_id: string; hospital_id: string };
  let doctor_id: string;

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    manager = await api.as('manager');
    department = await api.make.department({
      hospital_id: (await api.make.hospital({ region: 'West' })).hospital_id,
    });
    ({ doctor_id } = await api.make.doctor({
      name: '=Dr "Ada", Test',
      department_id: department.department_id,
    }));
    doctor = (await api.make.account('doctor', { doctor_id })).token;
    const place = { doctor_id, department_id: department.department_id, hospital_id: department.hospital_id };
    await fillStores(api, {
      appointments: [
        appointment({ ...place, date: at('2025-01-10T10:00:00Z') }),
        appointment({ ...place, date: at('2025-01-11T10:00:00Z'), patient_id: 'P2' }),
        appointment({ ...place, date: at('2025-02-01'), status: 'cancelled' }),
        appointment({ ...place, date: at('2025-03-01'), status: 'checked_in' }),
        appointment({ date: at('2025-03-02T09:00:00Z'), doctor_id: 'D-gone', status: 'no_show' }),
        appointment({ date: at('2025-03-03T09:00:00Z'), doctor_id: 'D-gone', disease: 'Asthma' }),
      ],
      prescriptions: [
        prescription({ ...place, end_date: at('2025-01-05') }),
        prescription({ end_date: at('2025-01-09') }),
      ],
      patients: [
        patient(
          'P1',
          { start_date: at('2025-01-01'), end_date: at('2025-01-15') },
          { start_date: at('2025-01-01') },
        ),
      ],
    });
  });
  after(() => api.stop());

  const report = (path: string, token = manager, headers: Record<string, string> = {}) =>
    api.get(`/reports/${path}`, { token, headers });

  describe('who may read', () => {
    for (const id of all) {
      it(`REP-1 to REP-4: ${id} is for managers, admins and doctors, and nobody else`, async () => {
        const basis = id === 'disease-trends' ? '?basis=prescriptions' : '';
        expect((await api.get(`/reports/${id}`)).status).to.equal(401);
        for (const role of ['patient', 'vendor', 'customer', 'pharmacist'] as const)
          expect((await report(id, await api.as(role))).status, role).to.equal(403);
        for (const role of ['manager', 'admin', 'doctor'] as const)
          expect((await report(id + basis, await api.as(role))).status, role).to.equal(200);
      });
    }

    it('REP-1: a doctor sees their own figures, whatever they ask', async () => {
      const { body } = await report('top-doctors', doctor);
      expect(body.rows).to.have.length(1);
      expect(body.rows[0]).to.include({ doctor_id, patients: 2, appointments: 2 });
      expect(body.parameters.doctor_id).to.equal(doctor_id);
      const other = await report(`top-doctors?doctor_id=D-gone`, doctor);
      expect([other.status, other.body.code]).to.deep.equal([403, 'forbidden']);
    });

    it('REP-3, REP-4: a doctor sees their own months and prescriptions', async () => {
      const months = await report('monthly-appointments-trend?year=2025', doctor);
      expect(months.body.rows[2]).to.include({ month: '2025-03', scheduled: 1, total: 1, no_show: 0 });
      const costs = await report('average-prescription-cost', doctor);
      expect(costs.body.rows[0]).to.include({ prescriptions: 1, total_prescription_cost: 10 });
    });

    it('REP-2: a doctor may not read diagnoses, which name no doctor', async () => {
      expect((await report('disease-trends', doctor)).status).to.equal(403);
      const { body } = await report('disease-trends?basis=prescriptions', doctor);
      expect(body.rows.map((row: { episodes: number }) => row.episodes)).to.deep.equal([1]);
    });
  });

  describe('figures', () => {
    it('REP-1: ranks the doctors of a region, and says how it came to that', async () => {
      const { body } = await report('top-doctors?region=West&from=2025-01-01&to=2025-02-01');
      expect(body.rows).to.deep.equal([
        {
          doctor_id,
          name: '=Dr "Ada", Test',
          specialty: 'Cardiology',
          department_id: department.department_id,
          patients: 2,
          appointments: 2,
        },
      ]);
      expect(body.parameters).to.deep.equal({
        by: 'patients',
        status: 'completed',
        limit: 5,
        region: 'West',
        from: '2025-01-01',
        to: '2025-02-01',
      });
      expect(body.columns.map((column: { name: string }) => column.name)).to.deep.equal(
        Object.keys(body.rows[0]),
      );
      const { provenance } = body;
      expect(provenance).to.include({
        definition: 'aggregations/top-doctors.ts',
        version: 1,
        engine: 'duckdb',
      });
      expect(provenance.parameters).to.deep.include({
        hospital_ids: [department.hospital_id],
        time_zone: 'UTC',
      });
      expect(provenance.rows_read).to.deep.equal({ mongodb: 2, postgres: 0 });
      expect(Date.parse(provenance.as_of.mongodb)).to.be.closeTo(Date.now(), 60_000);
      expect(provenance.as_of.postgres).to.equal(null);
      expect(provenance.engine_ms.mongodb).to.be.a('number');
      expect(provenance).not.to.have.property('plans');
    });

    it('REP-1: a department, a hospital outside of the region, another status', async () => {
      const inDepartment = await report(
        `top-doctors?department_id=${department.department_id}&status=cancelled`,
      );
      expect(inDepartment.body.rows.map((row: { appointments: number }) => row.appointments)).to.deep.equal([
        1,
      ]);
      const elsewhere = await api.make.hospital({ region: 'East' });
      const none = await report(`top-doctors?region=West&hospital_id=${elsewhere.hospital_id}`);
      expect([none.status, none.body.rows]).to.deep.equal([200, []]);
    });

    it('REP-2: measures diagnoses, and counts those without an end', async () => {
      const { body } = await report('disease-trends');
      expect(body.rows).to.deep.equal([
        {
          ...{ disease: 'Asthma', disease_code: 'J45', patients: 1, episodes: 1, total_days: 14 },
          ...{
            average_days: 14,
            median_days: 14,
            p90_days: 14,
            min_days: 14,
            max_days: 14,
            open_excluded: 1,
          },
        },
      ]);
      // Of all treatments together, which no sum of the rows' is.
      expect(body.totals).to.include({ episodes: 1, median_days: 14, average_days: 14, open_excluded: 1 });
      expect(body.receipt).to.deep.equal({ episodes: 1, open_excluded: 1, diseases_without_an_end: 0 });
    });

    it('REP-3: a row for each month of the year, zeros included', async () => {
      const { body } = await report('monthly-appointments-trend?year=2025');
      expect(body.rows).to.have.length(12);
      const empty = { completed: 0, cancelled: 0, no_show: 0, scheduled: 0, total: 0 };
      const rates = { cancellation_rate: null, no_show_rate: null };
      expect(body.rows[0]).to.deep.equal({
        month: '2025-01',
        ...empty,
        completed: 2,
        total: 2,
        cancellation_rate: 0,
        no_show_rate: 0,
      });
      expect(body.rows[1]).to.deep.equal({
        month: '2025-02',
        ...empty,
        ...rates,
        cancelled: 1,
        total: 1,
        cancellation_rate: 1,
      });
      expect(body.rows[2]).to.deep.equal({
        ...{ month: '2025-03', completed: 1, cancelled: 0, no_show: 1, scheduled: 1, total: 3 },
        ...{ cancellation_rate: 0, no_show_rate: 0.5 },
      });
      expect(body.rows[11]).to.deep.equal({ month: '2025-12', ...empty, ...rates });
    });

    it('REP-3: the current year by default', async () => {
      api.clock.set(at('2031-06-01T12:00:00Z'));
      // The token was signed by a clock that has moved on.
      const fresh = (await api.make.account('manager')).token;
      const { body } = await report('monthly-appointments-trend', fresh);
      api.clock.set(undefined);
      expect(body.rows.map((row: { month: string }) => row.month)).to.include.members(['2031-01', '2031-12']);
      expect(body.parameters).to.include({ year: 2031, from: '2031-01-01', to: '2032-01-01' });
    });
  });

  describe('parameters', () => {
    const refused: readonly (readonly [path: string, pointer: string])[] = [
      ['top-doctors?form=2025-01-01', '/query/form'],
      ['top-doctors?limit=0', '/query/limit'],
      ['top-doctors?limit=101', '/query/limit'],
      ['top-doctors?by=age', '/query/by'],
      ['top-doctors?status=done', '/query/status'],
      ['top-doctors?from=yesterday', '/query/from'],
      ['top-doctors?from=2025-02-30', '/query/from'],
      ['top-doctors?from=2025-02-02&to=2025-02-01', '/query/from'],
      ['top-doctors?from=1800-01-01&to=2100-01-01', '/query/to'],
      ['top-doctors?from[$gt]=1', '/query/from[$gt]'],
      ['top-doctors?from=2025-01-01&from=2025-01-02', '/query/from'],
      ['top-doctors?hospital_id=H-none', '/query/hospital_id'],
      ['top-doctors?department_id=DEP-none', '/query/department_id'],
      ['top-doctors?doctor_id=D-none', '/query/doctor_id'],
      ['top-doctors?region=Atlantis', '/query/region'],
      ['disease-trends?basis=weather', '/query/basis'],
      ['disease-trends?gap_days=-1', '/query/gap_days'],
      ['disease-trends?region=West', '/query/region'],
      ['monthly-appointments-trend?year=1', '/query/year'],
      ['monthly-appointments-trend?from=2025-01-01', '/query/to'],
      ['monthly-appointments-trend?to=2025-01-01', '/query/from'],
      ['monthly-appointments-trend?year=2025&from=2025-01-01', '/query/year'],
      ['average-prescription-cost?kind=surgery', '/query/kind'],
      ['average-prescription-cost?disease=', '/query/disease'],
      ['average-prescription-cost?explain=maybe', '/query/explain'],
      ['monthly-appointments-trend?sort=doctor', '/query/sort'],
      ['top-doctors?sort=patients&drill=%7B%22doctor_id%22%3A%22D1%22%7D', '/query/sort'],
    ];
    for (const [path, pointer] of refused) {
      it(`REP-6: ${path} is refused by name`, async () => {
        const { status, body } = await report(path);
        expect([status, body.code]).to.deep.equal([400, 'invalid_request']);
        expect(body.errors.map((error: { pointer: string }) => error.pointer)).to.include(pointer);
      });
    }
  });

  describe('formats', () => {
    const isoYear = 'from=2025-01-01&to=2026-01-01';
    const paths = [
      'top-doctors',
      `disease-trends`,
      `monthly-appointments-trend?${isoYear}`,
      'average-prescription-cost',
    ];

    for (const path of paths) {
      it(`REP-6: ${path} as CSV says what the JSON says`, async () => {
        const { body } = await report(path);
        const csv = await report(path, manager, { accept: 'text/csv' });
        expect(csv.headers.get('content-type')).to.match(/^text\/csv/);
        expect(csv.headers.get('content-disposition')).to.include(`${path.split('?')[0]}_`);
        const [header, ...lines] = parse(csv.body as string);
        expect(header).to.deep.equal(body.columns.map((column: { name: string }) => column.name));
        const cell = (value: unknown): unknown => (value === null ? '' : value);
        expect(lines.length).to.equal(body.rows.length);
        lines.forEach((line, n) => {
          line.forEach((text, index) => {
            const value = cell(body.rows[n][header![index]!]);
            if (typeof value === 'number') expect(Number(text)).to.equal(value);
            else expect([value, `'${String(value)}`]).to.include(text);
          });
        });
      });
    }

    it('REP-6: ?format= goes before Accept; a formula stays text', async () => {
      const { body } = await report('top-doctors?format=csv', manager, { accept: 'application/json' });
      expect(body).to.include(`"'=Dr ""Ada"", Test"`);
      expect((body as string).split('\r\n')).to.have.length(4);
    });

    it('REP-6: a format that is not there is 406', async () => {
      const byQuery = await report('top-doctors?format=docx');
      const byHeader = await report('top-doctors', manager, { accept: 'image/gif' });
      for (const { status, body } of [byQuery, byHeader])
        expect([status, body.code]).to.deep.equal([406, 'not_acceptable']);
    });

    // fetch would add `no-cache` of its own, which asks for the whole answer.
    const unchanged = (tag: string) => ({ 'if-none-match': tag, 'cache-control': 'max-age=0' });

    it('REP-6: the same figures again are 304, in each format by itself', async () => {
      const tags = new Set<string>();
      for (const accept of ['application/json', 'text/csv']) {
        const first = await report('top-doctors', manager, { accept });
        const tag = first.headers.get('etag')!;
        expect(first.headers.get('cache-control')).to.equal('private, no-cache');
        const again = await report('top-doctors', manager, { accept, ...unchanged(tag) });
        expect([again.status, again.body]).to.deep.equal([304, undefined]);
        tags.add(tag);
      }
      expect(tags.size).to.equal(2);
      const [stale] = tags;
      const other = await report('top-doctors?by=appointments', manager, unchanged(stale!));
      expect(other.status).to.equal(200);
    });
  });

  it('REP-7: an admin may see the plans of both databases, a manager may not', async () => {
    const { body } = await report(
      'average-prescription-cost?explain=true&path=definition',
      await api.as('admin'),
    );
    const { mongodb, postgres } = body.provenance.plans;
    expect(JSON.stringify(mongodb)).to.include('executionStats');
    expect(Object.keys(postgres)).to.deep.equal(['groups', 'left_out', 'total']);
    expect(postgres.groups[0]).to.include.keys('Plan', 'Execution Time');
    expect((await report('average-prescription-cost?explain=true')).status).to.equal(403);
  });
});
