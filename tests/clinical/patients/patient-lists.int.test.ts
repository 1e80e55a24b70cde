import { expect } from 'chai';
import { createTransact } from '../../../src/databases/mongo/mongo.js';
import { blankPatient, type Patient } from '../../../src/domains/clinical/patients/patients.types.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';

describe('GET /patients', () => {
  let api: TestApi;
  let admin: string;
  const made: { patient_id: string; name: string; date_of_birth: string | null }[] = [];
  const now = new Date('2026-11-21T12:00:00Z');

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
    await api.system.around.stores.connection.collection('patients').deleteMany({});
    api.clock.set(now);
    const births = ['1980-02-29', '2000-11-21', '2000-11-22', '1980-02-29', null, null, '1980-02-29', null];
    for (const [index, date_of_birth] of births.entries()) {
      const name = ['Same Name', 'José Ortega', 'Ann Will Ortega-Smith'][index % 3]!;
      const patient = await api.make.patient({ name, date_of_birth: date_of_birth ?? '1970-01-01' });
      made.push({ ...patient, date_of_birth });
      const path = `/patients/${patient.patient_id}`;
      if (date_of_birth === null)
        await api.patch(path, { token: await api.as('admin'), body: { date_of_birth } });
    }
  });
  after(() => api.stop());

  const ask = (query: string): Promise<Answer> => api.get(`/patients?${query}`, { token: admin });
  const idsOf = (answer: Answer): string[] => {
    expect(answer.status).to.equal(200);
    return answer.body.items.map((item: { patient_id: string }) => item.patient_id);
  };
  const list = async (query: string): Promise<string[]> => idsOf(await ask(`limit=100&${query}`));
  const named = (pattern: RegExp): string[] =>
    made.filter(({ name }) => pattern.test(name)).map(({ patient_id }) => patient_id);

  async function pageThrough(query: string): Promise<string[]> {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const answer: Answer = await ask(`limit=2&${query}${cursor && `&cursor=${cursor}`}`);
      seen.push(...idsOf(answer));
      cursor = answer.body.next_cursor;
    }
    return seen;
  }

  for (const sort of ['-created_at', 'created_at', 'name', '-name', 'date_of_birth', '-date_of_birth']) {
    it(`PAT-2: pages through all once by ${sort}, in order, also with equal and unknown values`, async () => {
      const field = sort.replace('-', '') as 'name' | 'date_of_birth' | 'created_at';
      const documents = await api.system.around.stores.connection
        .collection('patients')
        .find()
        .sort({ [field]: sort.startsWith('-') ? -1 : 1, _id: sort.startsWith('-') ? -1 : 1 })
        .toArray();
      const seen = await pageThrough(`sort=${sort}`);
      expect(seen).to.have.length(made.length);
      expect(seen).to.deep.equal(documents.map(({ _id }) => String(_id)));
    });
  }

  it('PAT-2: is sorted by the newest unless asked, and gives the age', async () => {
    expect(await list('')).to.deep.equal(await list('sort=-created_at'));
    const { body } = await ask('limit=100');
    const ages = body.items.map(({ patient_id, age }: { patient_id: string; age: number }) => [
      patient_id,
      age,
    ]);
    const known: Record<string, number> = { '1980-02-29': 46, '2000-11-21': 26, '2000-11-22': 25 };
    expect(ages).to.have.deep.members(
      made.map(({ patient_id, date_of_birth }) => [patient_id, date_of_birth ? known[date_of_birth] : null]),
    );
  });

  it('PAT-2: finds all the words of a name, in any order, case or accent', async () => {
    expect(await list('q=ortega')).to.have.members(named(/Ortega/));
    expect(await list('q=ORTEGA%20jose')).to.have.members(named(/José/));
    expect(await list('q=will')).to.have.members(named(/Will/));
    expect(await list('q=jose%20ann')).to.deep.equal([]);
    expect(await list('q=ortega%20-ann')).to.have.members(named(/Ann/));
    expect(await pageThrough('q=name&sort=name'))
      .to.have.members(named(/Name/))
      .and.length(3);
  });

  it('PAT-2: filters by an age range, both ends in it', async () => {
    const born = (...days: string[]): string[] =>
      made
        .filter(({ date_of_birth }) => days.includes(date_of_birth ?? ''))
        .map(({ patient_id }) => patient_id);
    expect(await list('age_from=26')).to.have.members(born('2000-11-21', '1980-02-29'));
    expect(await list('age_to=25')).to.have.members(born('2000-11-22'));
    expect(await list('age_from=26&age_to=26')).to.have.members(born('2000-11-21'));
    expect(await list('age_from=0&age_to=130')).to.have.members(
      born('2000-11-21', '2000-11-22', '1980-02-29'),
    );
    expect(await pageThrough('age_from=40&sort=date_of_birth')).to.have.length(3);
  });

  it('PAT-2, NET-1: filters by disease, department, hospital and region', async () => {
    const { hospital_id } = await api.make.hospital({ region: 'Islands' });
    const { department_id } = await api.make.department({ hospital_id });
    const [sick, well] = [
      await api.make.patient({ department_id, diseases: ['Gout', 'Asthma'] }),
      await api.make.patient({ department_id }),
    ];
    const both = [sick.patient_id, well.patient_id];
    expect(await list('disease=Gout')).to.deep.equal([sick.patient_id]);
    expect(await list('disease=gout')).to.deep.equal([]);
    expect(await list(`department_id=${department_id}`)).to.have.members(both);
    expect(await list(`hospital_id=${hospital_id}`)).to.have.members(both);
    expect(await list('region=Islands&disease=Asthma')).to.deep.equal([sick.patient_id]);
    expect(await list('region=Nowhere')).to.deep.equal([]);
    for (const patient_id of both)
      await api.delete(`/patients/${patient_id}`, { token: await api.as('admin') });
  });

  it('PAT-2: is for doctors and admins', async () => {
    expect((await api.get('/patients')).status).to.equal(401);
    for (const role of ['patient', 'manager', 'pharmacist', 'vendor', 'customer'] as const)
      expect((await api.get('/patients', { token: await api.as(role) })).status, role).to.equal(403);
    expect((await api.get('/patients', { token: await api.as('admin') })).status).to.equal(200);
  });

  it('PAT-2: refuses what is not a filter with 400 that names it', async () => {
    const bad: [string, string][] = [
      ['disease[$ne]=x', '/query/disease[$ne]'],
      ['q[$gt]=', '/query/q[$gt]'],
      ['sort=contact', '/query/sort'],
      ['age_from=-1', '/query/age_from'],
      ['age_from=30&age_to=29', '/query/age_to'],
      ['limit=1000', '/query/limit'],
      ['department_id=%7B%22%24gt%22%3A%22%22%7D', '/query/department_id'],
    ];
    for (const [query, pointer] of bad) {
      const { status, body } = await ask(query);
      expect({ status, code: body.code }, query).to.deep.equal({ status: 400, code: 'invalid_request' });
      expect(body.errors[0].pointer).to.equal(pointer);
    }
  });

  it('PAT-2: refuses a cursor of another order, and one that somebody made up', async () => {
    const { next_cursor } = (await ask('limit=1&sort=name')).body;
    const forged = (v: unknown, s: string): string =>
      Buffer.from(JSON.stringify({ s, v, i: 'P' })).toString('base64url');
    const cursors = [
      ['-name', next_cursor],
      ['date_of_birth', forged('1980-01-01', 'date_of_birth')],
      ['date_of_birth', forged({ $gt: '' }, 'date_of_birth')],
      ['-created_at', forged('nonsense', '-created_at')],
      ['-created_at', forged({ d: 'nonsense' }, '-created_at')],
    ];
    for (const [sort, cursor] of cursors) {
      const { status, body } = await ask(`sort=${sort}&cursor=${cursor}`);
      expect({ status, code: body.code }, `${sort} ${cursor}`).to.deep.equal({
        status: 400,
        code: 'invalid_cursor',
      });
    }
  });
});

describe('the records that come in bulk', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
  const record = (patient_id: string, fields: Partial<Patient> = {}): Patient =>
    blankPatient(
      { patient_id, name: 'Imported', date_of_birth: day('1980-01-01'), ...fields },
      day('2026-01-01'),
    );

  it('DBA-7, PAT-6: keeps the rules, counts every record, and changes nothing the second time', async () => {
    const diagnoses = [{ disease: 'Gout', code: null, start_date: day('2020-01-01'), end_date: null }];
    const records = [
      record('I-1', { diagnoses, diseases: ['made up'] }),
      record('I-2', { department_id: 'none-such' }),
      record('I-3', { deceased_date: day('1979-01-01') }),
      record('I-4', { allergies: { state: 'listed', items: [] } }),
    ];
    const service = api.system.parts.patients;
    const first = await service.importMany(records);
    expect(first).to.deep.include({ stored: 1, unchanged: 0 });
    expect(first.rejected.map(({ id }) => id)).to.have.members(['I-2', 'I-3', 'I-4']);
    expect(await service.importMany(records)).to.deep.include({ stored: 0, unchanged: 1 });
    const { body } = await api.get('/patients/I-1', { token: await api.as('admin') });
    expect(body).to.deep.include({ diseases: ['Gout'], version: 1 });
  });

  it('PAT-1: refreshRecent gives what single writes give: the newest 20 of each, with exact costs', async () => {
    const { patient_id } = await api.make.patient();
    const other = await api.make.patient();
    for (let visit = 0; visit < 22; visit++) await api.make.appointment({ patient_id });
    for (const cost of [0.1, 12.34]) await api.make.prescription({ patient_id, cost });
    const read = async () =>
      (await api.get(`/patients/${patient_id}`, { token: await api.as('admin') })).body;
    const before = await read();
    expect([before.appointments.length, before.prescriptions.length]).to.deep.equal([20, 2]);
    const { patients } = api.system.parts;
    const transact = createTransact(api.system.around.stores.connection);
    await transact(async (tx) => {
      await patients.setRecentAppointments(patient_id, [], [], tx);
      await patients.setRecentPrescriptions(patient_id, [], tx);
    });
    expect((await read()).appointments).to.deep.equal([]);
    await patients.refreshRecent([patient_id, other.patient_id, 'none-such']);
    expect(await read()).to.deep.equal(before);
    expect(await patients.find('none-such')).to.equal(null);
  });
});
