import { expect } from 'chai';
import { appointment, at, prescription } from '../aggregations/records.js';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { fillStores, type Bill } from './reports-fixture.js';
import { readSheet } from '../../scripts/compare/workbook.js';

/* Reports about several hospitals, regions, departments or doctors. */

const comma = 'North, or East';

describe('reports about several places', function () {
  this.timeout(120_000);
  let api: TestApi;
  let manager: string;
  let admin: string;
  /** By their letters. A and B are in the West, C in a region with a comma in its name. */
  const hospitals: Record<string, string> = {};
  const doctors: Record<string, string> = {};
  const departments: Record<string, string> = {};

  before(async () => {
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    [manager, admin] = await Promise.all([api.as('manager'), api.as('admin')]);
    for (const [letter, region] of [...'ABC'].map((one) => [one, one === 'C' ? comma : 'West'] as const)) {
      const { hospital_id } = await api.make.hospital({ region, name: `Hospital ${letter}` });
      const { department_id } = await api.make.department({ hospital_id });
      const { doctor_id } = await api.make.doctor({ department_id });
      hospitals[letter] = hospital_id;
      departments[letter] = department_id;
      doctors[letter] = doctor_id;
    }
    const placeOf = (letter: string) => ({
      ...{ hospital_id: hospitals[letter]!, department_id: departments[letter]! },
      doctor_id: doctors[letter]!,
    });
    // One visit in A, two in B, three in C.
    const visits = [...'ABBCCC'].map((letter, n) => ({
      ...placeOf(letter),
      ...{ patient_id: `P${n}`, date: at(`2025-0${n + 1}-10T10:00:00Z`) },
      ...{
        disease: 'Asthma',
        slot_end: at(`2025-0${n + 1}-10T10:20:00Z`),
        ended_at: at(`2025-0${n + 1}-12`),
      },
    }));
    await fillStores(
      api,
      {
        appointments: visits.map(appointment),
        prescriptions: visits.map(({ date, ended_at, slot_end: _slot, ...visit }) =>
          prescription({
            ...visit,
            drug: 'Salbutamol',
            start_date: at(date.toISOString().slice(0, 10)),
            end_date: ended_at,
          }),
        ),
      },
      visits.map(({ slot_end: _slot, ended_at: _end, date, ...visit }, n): Bill => ({
        ...{ ...visit, id: `B${n}`, total_cost: `${n + 1}.50`, created_at: date },
      })),
    );
  });
  after(() => api?.stop());

  const ask = (path: string, token = manager, headers: Record<string, string> = {}): Promise<Answer> =>
    api.get(`/reports/${path}`, { token, headers });
  const of = (name: string, ...values: (string | undefined)[]): string =>
    `${name}=${values.map((value) => encodeURIComponent(value!)).join(',')}`;
  /** How many visits. */
  const visitsIn = async (query: string): Promise<number> => {
    const { status, body } = await ask(`monthly-appointments-trend?year=2025&${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.totals.total as number;
  };
  const region = encodeURIComponent(comma.replace(',', '\\,'));

  it('REP-13: counts what is in any of the values; hospitals are narrowed by regions, and both by departments and doctors', async () => {
    const { A, B, C } = hospitals;
    for (const [query, visits] of [
      [of('hospital_id', A), 1],
      [of('hospital_id', A, C), 4],
      [of('hospital_id', A, B, C), 6],
      [of('hospital_id', B, B), 2],
      [`region=${region}`, 3],
      [`region=West,${region}`, 6],
      [`region=West&${of('hospital_id', A, C)}`, 1],
      [`region=${region}&${of('hospital_id', A, B)}`, 0],
      [of('department_id', departments['A'], departments['B']), 3],
      [of('doctor_id', doctors['B'], doctors['C']), 5],
      [`${of('hospital_id', A, B)}&${of('doctor_id', doctors['B'], doctors['C'])}`, 2],
    ] as const)
      expect([query, await visitsIn(query)]).to.deep.equal([query, visits]);
  });

  it('REP-6, REP-13: the order of the values and one that stands twice make no other question', async () => {
    const { A, B } = hospitals;
    const one = await ask(`top-doctors?${of('hospital_id', A, B)}`);
    const other = await ask(`top-doctors?${of('hospital_id', B, A, B)}`);
    expect(other.headers.get('etag')).to.equal(one.headers.get('etag')).and.not.equal(null);
    expect(other.body.parameters.hospital_id).to.equal([A, B].sort().join());
    expect(other.body.provenance.parameters).to.deep.include({ hospital_ids: [A, B].sort() });
    expect((await ask(`top-doctors?${of('hospital_id', A)}`)).headers.get('etag')).not.to.equal(
      one.headers.get('etag'),
    );
  });

  it('REP-9, REP-13: the mirror says of several what the definition says, in every report', async () => {
    const { A, C } = hospitals;
    const queries = [
      of('hospital_id', A, C),
      `region=West,${region}&${of('department_id', departments['A'], departments['C'])}`,
      of('doctor_id', doctors['B'], doctors['C']),
    ];
    const asks = [
      ...['top-doctors?', 'monthly-appointments-trend?', 'no-show-rate?', 'patient-flow?', 'drug-spend?'],
      ...['returning-patients?', 'waiting-times?', 'waiting-times?by=doctor&', 'doctor-utilisation?'],
      ...['disease-trends?basis=prescriptions&', 'disease-trends?basis=appointments&', 'revenue?'],
      ...['revenue?by=doctor&', 'revenue?by=month&', 'average-prescription-cost?'],
    ];
    for (const report of asks)
      for (const query of queries) {
        const path = `${report}${query}&from=2025-01-01&to=2026-01-01`;
        const [fast, slow] = [await ask(path, admin), await ask(`${path}&path=definition`, admin)];
        expect([fast.status, slow.status], `${path} ${JSON.stringify(fast.body)}`).to.deep.equal([200, 200]);
        expect(fast.body.provenance.path, path).to.equal('mirror');
        for (const part of ['rows', 'totals', 'receipt', 'of'])
          expect(fast.body[part], `${path} ${part}`).to.deep.equal(slow.body[part]);
      }
  });

  it('REP-13: names each value that names nothing, and not the others', async () => {
    const { A } = hospitals;
    for (const [query, pointer, message] of [
      [of('hospital_id', 'H-none'), '/query/hospital_id', 'names no hospital'],
      [of('hospital_id', 'H-none', A, 'H-gone'), '/query/hospital_id', 'names no hospital: H-gone, H-none'],
      [of('doctor_id', doctors['A'], 'D-none'), '/query/doctor_id', 'names no doctor: D-none'],
      [of('department_id', 'X', departments['A']), '/query/department_id', 'names no department: X'],
      ['region=West,Atlantis', '/query/region', 'has no hospital: Atlantis'],
      [`region=${encodeURIComponent(comma)}`, '/query/region', 'has no hospital:  or East, North'],
      [of('hospital_id', A, ''), '/query/hospital_id', 'is not allowed to be empty'],
      [of('hospital_id', A, 'H 2'), '/query/hospital_id', 'is not of the form: id'],
      [`hospital_id=${A}&hospital_id=${A}`, '/query/hospital_id', 'must be a string'],
    ] as const) {
      const { status, body } = await ask(`top-doctors?${query}`);
      expect([query, status, body.errors]).to.deep.equal([query, 400, [{ pointer, message }]]);
    }
  });

  it('REP-13: 400 values in a filter are refused by name, wherever they come from', async () => {
    const many = Array.from({ length: 400 }, (_, n) => `H${n}`).join();
    const message = 'takes 50 values at the most';
    const { status, body } = await ask(`top-doctors?hospital_id=${many}`);
    expect([status, body.errors]).to.deep.equal([400, [{ pointer: '/query/hospital_id', message }]]);
    const question = { report: 'top-doctors', parameters: { hospital_id: many } };
    for (const [path, more] of [
      ['/saved-reports', { name: 'Too many', format: 'csv' }],
      ['/report-links', { days: 1 }],
      ['/report-jobs', { format: 'json' }],
    ] as const) {
      const answer = await api.post(path, { token: manager, body: { ...question, ...more } });
      expect([path, answer.status, answer.body.errors]).to.deep.equal([
        ...[path, 400],
        [{ pointer: '/body/parameters/hospital_id', message }],
      ]);
    }
  });

  it('REP-1, REP-13: a doctor asks about nobody else, in company either', async () => {
    const { doctor_id } = await api.make.doctor({ department_id: departments['A'] });
    const { token } = await api.make.account('doctor', { doctor_id });
    expect((await ask(`top-doctors?${of('doctor_id', doctor_id, doctor_id)}`, token)).status).to.equal(200);
    const { status, body } = await ask(`top-doctors?${of('doctor_id', doctor_id, doctors['B'])}`, token);
    expect([status, body.code]).to.deep.equal([403, 'forbidden']);
  });

  it('REP-11, REP-13: the records behind a row are those of the values that were asked', async () => {
    const { A, C } = hospitals;
    const path = `disease-trends?basis=appointments&${of('hospital_id', A, C)}`;
    const { body } = await ask(path, admin);
    const key = encodeURIComponent(
      JSON.stringify({ disease_code: body.rows[0].disease_code, disease: body.rows[0].disease }),
    );
    const records = await ask(`${path}&drill=${key}&limit=100`, admin);
    expect(records.body.rows, JSON.stringify(records.body)).to.have.length(4);
  });

  it('REP-13: a workbook says which were asked', async () => {
    const { A, C } = hospitals;
    const answer = await fetch(`${api.url}/api/reports/top-doctors?format=xlsx&${of('hospital_id', C, A)}`, {
      headers: { authorization: `Bearer ${manager}` },
    });
    const about = readSheet(Buffer.from(await answer.arrayBuffer()), 2);
    expect(about.map(([name, value]) => `${name!.value}: ${value!.value}`)).to.include(
      `Filter: hospital_id: ${[A, C].sort().join()}`,
    );
  });

  it('REP-10, REP-13: is saved and asked again; REP-14: a target is of one place', async () => {
    const { A, B } = hospitals;
    const question = { report: 'monthly-appointments-trend', parameters: { hospital_id: `${A},${B}` } };
    const saved = await api.post('/saved-reports', {
      token: manager,
      body: { ...question, name: 'Two hospitals', format: 'csv' },
    });
    expect(saved.status, JSON.stringify(saved.body)).to.equal(201);
    const target = {
      ...question,
      ...{ figure: 'completed', direction: 'at_least', goal: 3, period: 'this_month' },
    };
    const refused = await api.post('/report-targets', { token: manager, body: target });
    expect([refused.status, refused.body.errors]).to.deep.equal([
      400,
      [{ pointer: '/body/parameters/hospital_id', message: 'takes one value: a target is of one place' }],
    ]);
    const twice = { ...target, parameters: { hospital_id: `${A},${A}` } };
    expect((await api.post('/report-targets', { token: manager, body: twice })).status).to.equal(201);
  });
});
