import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import type { Document } from 'mongodb';
import { appointment, at, patient, prescription } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { fillStores } from './reports-fixture.js';

const year = 'from=2025-01-01&to=2026-01-01';
const all = [
  'no-show-rate',
  'patient-flow',
  'new-and-returning-patients',
  'returning-patients',
  'doctor-utilisation',
  'drug-spend',
] as const;

describe('GET /reports/* of REP-5', () => {
  let api: TestApi;
  let manager: string;
  let doctor: string;
  let own: { doctor_id: string; department_id: string; hospital_id: string };
  let other: string;

  before(async () => {
    api = await startApi();
    manager = await api.as('manager');
    const { department_id, hospital_id } = await api.make.department({
      hospital_id: (await api.make.hospital({ region: 'West' })).hospital_id,
    });
    const windows = [{ weekday: 1, start: '09:00', end: '12:00' }];
    const of = (name: string) => api.make.doctor({ name, department_id, availability: windows });
    own = { doctor_id: (await of('=Dr Ada')).doctor_id, department_id, hospital_id };
    other = (await of('Dr Bob')).doctor_id;
    doctor = (await api.make.account('doctor', { doctor_id: own.doctor_id })).token;
    const slot = (date: string, fields: Document = {}): Document =>
      appointment({
        ...{ ...own, date: at(date), created_at: at('2025-01-01T00:00:00Z') },
        slot_end: new Date(at(date).getTime() + 1_800_000),
        ...fields,
      });
    await fillStores(api, {
      appointments: [
        slot('2025-01-06T09:00:00Z'),
        slot('2025-01-13T09:30:00Z', { status: 'no_show' }),
        slot('2025-02-03T09:00:00Z', { slot_end: null, disease: 'Asthma', disease_code: 'J45' }),
        slot('2025-01-07T10:00:00Z', { doctor_id: other, patient_id: 'P2', status: 'checked_in' }),
        slot('2025-03-07T10:00:00Z', { doctor_id: other }),
        slot('2025-03-07T10:00:00Z', { doctor_id: other, status: 'cancelled' }),
      ],
      prescriptions: [
        prescription({ ...own, drug: '=Zestril', drug_code: '1', end_date: at('2025-01-05') }),
        prescription({ ...own, doctor_id: other, drug: 'Lisinopril', drug_code: '1', patient_id: 'P2' }),
        prescription({ ...own, drug: 'Aspirin', drug_code: null, start_date: null }),
      ],
      patients: [patient('P1', { start_date: at('2025-01-01'), end_date: at('2025-01-15') })],
    });
  });
  after(() => api.stop());

  const report = (path: string, token = manager, headers: Record<string, string> = {}) =>
    api.get(`/reports/${path}`, { token, headers });
  const rowsOf = async (path: string, token = manager) => (await report(path, token)).body.rows;

  describe('who may read', () => {
    for (const id of all) {
      it(`REP-5: ${id} is for managers, admins and doctors, and nobody else`, async () => {
        expect((await api.get(`/reports/${id}`)).status).to.equal(401);
        for (const role of ['patient', 'vendor', 'customer', 'pharmacist'] as const)
          expect((await report(id, await api.as(role))).status, role).to.equal(403);
        for (const role of ['manager', 'admin', 'doctor'] as const)
          expect((await report(id, await api.as(role))).status, role).to.equal(200);
      });

      it(`REP-5: ${id} shows a doctor their own figures only`, async () => {
        const refused = await report(`${id}?doctor_id=${other}`, doctor);
        expect([refused.status, refused.body.code]).to.deep.equal([403, 'forbidden']);
        const { body } = await report(`${id}?${year}`, doctor);
        expect(body.parameters.doctor_id).to.equal(own.doctor_id);
        expect(body.rows).to.deep.equal(await rowsOf(`${id}?${year}&doctor_id=${own.doctor_id}`));
        expect(body.rows).not.to.deep.equal(await rowsOf(`${id}?${year}`));
      });
    }
  });

  describe('figures', () => {
    it('REP-5: no-shows by weekday by default', async () => {
      const { body } = await report('no-show-rate?region=West');
      expect(body.parameters).to.deep.equal({ by: 'weekday', region: 'West' });
      expect(body.rows).to.have.length(7);
      expect(body.rows[0]).to.deep.equal({
        ...{ group: '1', label: 'Monday', completed: 2, no_show: 1, total: 3, no_show_rate: 0.3333 },
      });
      expect(body.provenance.rows_read).to.deep.equal({ mongodb: 4, postgres: 0 });
      const lead = await rowsOf('no-show-rate?by=lead_time&to=2025-02-01');
      expect(lead.find((row: { group: string }) => row.group === '8_to_14_days')).to.include({ no_show: 1 });
    });

    it('REP-5: arrivals by weekday and hour', async () => {
      const rows = await rowsOf(`patient-flow?${year}`);
      expect(rows).to.have.length(168);
      expect(rows[9]).to.deep.equal({ weekday: 1, hour: 9, appointments: 2, days: 52, average: 0.04 });
    });

    it('REP-5: patients who came again', async () => {
      const { body } = await report('returning-patients?until=2025-02');
      expect(body.rows).to.deep.equal([
        { cohort: '2025-01', cohort_patients: 1, months_later: 0, patients: 1, share: 1 },
        { cohort: '2025-01', cohort_patients: 1, months_later: 1, patients: 1, share: 1 },
      ]);
      expect((await report('returning-patients')).body.parameters.until).to.match(/^\d{4}-\d{2}$/);
    });

    it('REP-5: booked over available time, of this month by default', async () => {
      // 52 Mondays of three hours; a visit without an end takes a slot of the doctor's.
      const rows = await rowsOf(`doctor-utilisation?${year}&doctor_id=${own.doctor_id}`);
      expect(rows).to.deep.equal([
        {
          ...{ doctor_id: own.doctor_id, name: '=Dr Ada', department_id: own.department_id, appointments: 3 },
          ...{ booked_minutes: 75, available_minutes: 52 * 180, utilisation: 0.008 },
        },
      ]);
      api.clock.set(at('2031-02-10T12:00:00Z'));
      const fresh = (await api.make.account('manager')).token;
      const { body } = await report('doctor-utilisation', fresh);
      api.clock.set(undefined);
      expect(body.parameters).to.deep.equal({ from: '2031-02-01', to: '2031-03-01' });
    });

    it('REP-5: what drugs cost, and a receipt', async () => {
      const { body } = await report('drug-spend?limit=1');
      expect(body.rows).to.deep.equal([
        {
          ...{ drug: '=Zestril', drug_code: '1', prescriptions: 2, patients: 2 },
          ...{ total_cost: 20, average_cost: 10 },
        },
      ]);
      expect(body.receipt).to.deep.equal({
        shown: { drugs: 1, prescriptions: 2, total_cost: 20 },
        others: { drugs: 1, prescriptions: 1, total_cost: 10 },
        total: { drugs: 2, prescriptions: 3, total_cost: 30 },
      });
      expect(await rowsOf(`drug-spend?${year}`)).to.have.length(1);
    });
  });

  describe('parameters', () => {
    const refused: readonly (readonly [path: string, pointer: string])[] = [
      ['no-show-rate?by=colour', '/query/by'],
      ['no-show-rate?from=2025-02-02&to=2025-02-01', '/query/from'],
      ['no-show-rate?until=2025-01', '/query/until'],
      ['patient-flow?by=hour', '/query/by'],
      ['patient-flow?region=Atlantis', '/query/region'],
      ['new-and-returning-patients?until=2025-12', '/query/until'],
      ['new-and-returning-patients?from=2025-02-02&to=2025-02-01', '/query/from'],
      ['returning-patients?until=2025-13', '/query/until'],
      ['returning-patients?until=0001-01', '/query/until'],
      ['returning-patients?until=2025-01-01', '/query/until'],
      ['returning-patients?department_id=DEP-none', '/query/department_id'],
      ['doctor-utilisation?from=2025-01-01', '/query/to'],
      ['doctor-utilisation?to=2025-01-01', '/query/from'],
      ['doctor-utilisation?from=2025-01-01&to=2026-01-03', '/query/to'],
      ['doctor-utilisation?from=2025-02-30&to=2025-03-01', '/query/from'],
      ['doctor-utilisation?doctor_id=D-none', '/query/doctor_id'],
      ['drug-spend?limit=0', '/query/limit'],
      ['drug-spend?limit=1001', '/query/limit'],
      ['drug-spend?limit=1.5', '/query/limit'],
      ['drug-spend?disease=Asthma', '/query/disease'],
    ];
    for (const [path, pointer] of refused) {
      it(`REP-6: ${path} is refused by name`, async () => {
        const { status, body } = await report(path);
        expect([status, body.code]).to.deep.equal([400, 'invalid_request']);
        expect(body.errors.map((error: { pointer: string }) => error.pointer)).to.include(pointer);
      });
    }
  });

  for (const id of all) {
    it(`REP-6: ${id} as CSV says what the JSON says, and no text is a formula`, async () => {
      const { body } = await report(`${id}?${year}`);
      const csv = await report(`${id}?${year}`, manager, { accept: 'text/csv' });
      expect(csv.headers.get('content-type')).to.match(/^text\/csv/);
      const lines = parse<Record<string, string>>(csv.body as string, { columns: true });
      const text = (value: string | number | null): string =>
        typeof value === 'string' && value.startsWith('=') ? `'${value}` : String(value ?? '');
      const expected = body.rows.map((row: object) =>
        Object.fromEntries(
          Object.entries(row as Record<string, string | number | null>).map(([name, value]) => [
            name,
            text(value),
          ]),
        ),
      );
      const figures = (line: Record<string, string>) =>
        Object.fromEntries(
          Object.entries(line).map(([name, value]) => [
            name,
            value !== '' && Number.isFinite(Number(value)) ? String(Number(value)) : value,
          ]),
        );
      expect(lines.map(figures)).to.deep.equal(expected.map(figures));
    });
  }

  describe('charts and records', () => {
    /** What the row counts of records; a returning patient's are those of the month. */
    const counted: Readonly<Record<string, (row: Record<string, number>) => number>> = {
      'top-doctors': (row) => row['appointments']!,
      'monthly-appointments-trend': (row) => row['total']!,
      'disease-trends?basis=appointments': (row) => row['episodes']!,
      'disease-trends?basis=diagnoses': (row) => row['episodes']!,
      'disease-trends?basis=prescriptions': (row) => row['episodes']! + row['open_excluded']!,
      'average-prescription-cost': (row) => row['prescriptions']!,
      'no-show-rate?by=weekday': (row) => row['total']!,
      'no-show-rate?by=hour': (row) => row['total']!,
      'no-show-rate?by=lead_time': (row) => row['total']!,
      'patient-flow': (row) => row['appointments']!,
      'new-and-returning-patients': (row) => row['appointments']!,
      'returning-patients': (row) => row['patients']!,
      'doctor-utilisation': (row) => row['appointments']!,
      'drug-spend': (row) => row['prescriptions']!,
    };
    const admin = { role: 'admin', doctor_id: null } as const;
    const question = (path: string) => {
      const [id, query] = path.split('?') as [string, string | undefined];
      const words = Object.fromEntries(new URLSearchParams(query));
      const standard = { 'top-doctors': { by: 'patients', status: 'completed', limit: 5 } };
      return {
        id,
        query: {
          ...{ from: '2025-01-01', to: '2026-01-01', limit: 50, kind: 'all' },
          ...(standard as Record<string, object>)[id],
          ...words,
        },
      };
    };
    const records = async (path: string, key: object, asker: object = admin): Promise<Document[]> => {
      const { id, query } = question(path);
      const { report: one, asked } = await api.system.parts.reports.ask(id, asker as never, query);
      const { mongodb, columns } = one.drilldown!(asked as never, key as never) as never as {
        mongodb: { collection: string; pipeline: Document[] };
        columns: { name: string }[];
      };
      const { connection } = api.system.around.stores;
      const found = await connection.db!.collection(mongodb.collection).aggregate(mongodb.pipeline).toArray();
      const names = columns.map(({ name }) => name).sort();
      for (const record of found) expect(Object.keys(record).sort()).to.deep.equal(names);
      return found;
    };

    for (const [path, count] of Object.entries(counted)) {
      it(`REP-11: ${path} leads to as many records as its rows count, and draws them`, async () => {
        const { id, query } = question(path);
        const { rows } = await api.system.parts.reports.run(id, admin, query);
        const { report: one, asked } = await api.system.parts.reports.ask(id, admin, query);
        let some = 0;
        for (const row of rows) {
          const key = Object.fromEntries(one.key.map((name) => [name, row[name]]));
          const expected = count(row as never);
          if (expected === 0 && some > 0) continue;
          const found = await records(path, key);
          expect(found, JSON.stringify(key)).to.have.length(expected);
          some += found.length;
        }
        expect(some).to.be.greaterThan(0);
        const chart = one.chart!(rows as never, asked as never)!;
        const values =
          chart.kind === 'heat-map' ? chart.values.flat() : chart.series.flatMap((line) => line.values);
        const cells =
          chart.kind === 'heat-map'
            ? chart.x.length * chart.y.length
            : chart.categories.length * chart.series.length;
        expect(values).to.have.length(cells);
        expect(one.chart!([] as never, asked as never)).to.equal(null);
      });
    }

    it('REP-11: a doctor’s records are their own, whatever key they give', async () => {
      const asker = { role: 'doctor', doctor_id: own.doctor_id };
      for (const path of ['top-doctors', 'doctor-utilisation']) {
        expect(await records(path, { doctor_id: other }, asker)).to.deep.equal([]);
        expect(await records(path, { doctor_id: own.doctor_id }, asker)).not.to.deep.equal([]);
      }
      const drugs = await records('drug-spend', { drug_code: '1', drug: '=Zestril' }, asker);
      expect(drugs.map(({ doctor_id, cost }) => [doctor_id, cost])).to.deep.equal([[own.doctor_id, '10.00']]);
      const hour = await records('patient-flow', { weekday: '2', hour: '10' }, asker);
      expect(hour).to.deep.equal([]);
    });
  });
}).timeout(60_000);
