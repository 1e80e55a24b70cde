import { expect } from 'chai';
import { foldNames } from '../../../src/databases/mongo/fold-names.js';
import { models } from '../../../src/models.js';
import { startApi, type TestApi } from '../../support/api.js';
import { namesByScript } from '../../support/scripts.js';

/* What tests/lib/names.test.ts says of the words, of the lists: through HTTP, in every collection that has names. */

describe('names that are looked for and sorted', () => {
  let api: TestApi;
  let token: string;
  before(async () => {
    api = await startApi();
    token = await api.as('admin');
    for (const name of Object.values(namesByScript)) await api.make.patient({ name });
  });
  after(() => api?.stop());

  const collection = (name: string) => api.system.around.stores.connection.collection(name);
  async function named(path: string, field = 'name'): Promise<string[]> {
    const { status, body } = await api.get(path, { token });
    expect(status, path).equal(200);
    return body.items.map((item: Record<string, string>) => item[field]!);
  }
  const found = (q: string, path = '/patients', field = 'name'): Promise<string[]> =>
    named(`${path}?limit=100&q=${encodeURIComponent(q)}`, field);

  const writings: Readonly<Record<string, (name: string) => string>> = {
    'as stored': (name) => name,
    'upper case': (name) => name.toUpperCase(),
    'without accents': (name) => name.normalize('NFD').replaceAll(/\p{M}/gu, ''),
    'last word first': (name) => name.split(' ').toReversed().join(' '),
  };
  for (const [writing, write] of Object.entries(writings))
    it(`PAT-10: GET /patients?q= finds ${Object.keys(namesByScript).length} names ${writing}`, async () => {
      const missed: string[] = [];
      for (const [script, name] of Object.entries(namesByScript))
        if (!(await found(write(name))).includes(name)) missed.push(script);
      expect(missed).deep.equal([]);
    });

  it('PAT-10: doctors, hospitals and departments are found in the same way, after a change by the new name', async () => {
    const hospital = await api.make.hospital({ name: 'Szpital Żeglarski' });
    const { hospital_id } = hospital;
    const department = await api.make.department({ hospital_id, department_name: 'Öron, näsa och hals' });
    const { department_id } = department;
    const doctor = await api.make.doctor({ department_id, name: 'Dr Søren Łęcki' });
    expect(await found('ZEGLARSKI', '/hospitals')).deep.equal(['Szpital Żeglarski']);
    expect(await found('hals oron', '/departments', 'department_name')).deep.equal(['Öron, näsa och hals']);
    expect(await found('zegl', '/departments', 'department_name')).deep.equal(['Öron, näsa och hals']);
    expect(await found('lecki soren', '/doctors')).deep.equal(['Dr Søren Łęcki']);
    await api.patch(`/doctors/${doctor.doctor_id}`, { token, body: { name: 'Dr Đorđe Łęcki' } });
    expect(await found('soren', '/doctors')).deep.equal([]);
    expect(await found('dorde', '/doctors')).deep.equal(['Dr Đorđe Łęcki']);
  });

  it('PAT-10: sorts by name as people sort, in pages, both ways, and shows nothing of how', async () => {
    await collection('patients').deleteMany({});
    const order = ['Álvaro', 'Ángel', 'eve', 'Łukasz', "O'Brien", 'Oakes', 'Östlund', 'Zoe', 'Ёлкина', 'Яна'];
    for (const name of order.toReversed()) await api.make.patient({ name });
    for (const [sort, expected] of [
      ['name', order],
      ['-name', order.toReversed()],
    ] as const) {
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await api.get(`/patients?limit=3&sort=${sort}${cursor && `&cursor=${cursor}`}`, {
          token,
        });
        seen.push(...body.items.map(({ name }: { name: string }) => name));
        expect(Object.keys(body.items[0])).not.include.members(['name_words']);
        cursor = body.next_cursor;
      }
      expect(seen).deep.equal(expected);
    }
  });

  it('PAT-10, DBA-2: a page by name and a search read what they answer, by their index', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => ({
      _id: `N${index}` as never,
      name: `Padding ${index}`,
      contact: { phone: null },
      created_at: new Date(0),
    }));
    await collection('patients').insertMany(many);
    const { connection } = api.system.around.stores;
    expect(await foldNames(connection, models.mongodb, 'US')).equal(6_000);
    const statistics = async (filter: object, sort: object) =>
      (
        await collection('patients')
          .find(filter)
          .sort(sort as never)
          .limit(21)
          .explain('executionStats')
      ).executionStats as { totalKeysExamined: number; totalDocsExamined: number };
    const page = await statistics({ name_order: { $gt: 'm' } }, { name_order: 1, _id: 1 });
    expect(page.totalKeysExamined).most(22);
    const search = await statistics(
      { name_words: { $elemMatch: { $gte: 'lukasz', $lt: 'lukasz\u{10FFFF}' } } },
      { created_at: -1, _id: -1 },
    );
    expect(search.totalKeysExamined).most(2);
    expect(search.totalDocsExamined).most(1);
  });

  it('PAT-10: fills in what an earlier version wrote, goes on where it was broken off, and is done once', async () => {
    const { connection } = api.system.around.stores;
    const patients = collection('patients');
    const { patient_id } = await api.make.patient({ name: 'Żółć', contact: { phone: '(212) 555-0142' } });
    const one = { _id: patient_id as never };
    await patients.updateOne(one, { $unset: { name_words: 1, name_order: 1, phone_key: 1 } });
    expect(await found('zolc')).deep.equal([]);
    const { version } = (await patients.findOne(one))!;
    expect(await foldNames(connection, models.mongodb, 'US')).equal(2);
    expect(await foldNames(connection, models.mongodb, 'US')).equal(0);
    expect(await found('zolc')).deep.equal(['Żółć']);
    expect(await named('/patients?phone=212.555.0142')).deep.equal(['Żółć']);
    expect((await patients.findOne(one))!['version']).equal(version);
  });

  it('D5: keeps a telephone number as it is written, and finds it however it is', async () => {
    const number = '+1 (646) 555-0199 ext. 7';
    const { patient_id } = await api.make.patient({ name: 'Rose Reach', contact: { phone: number } });
    expect((await api.get(`/patients/${patient_id}`, { token })).body.contact.phone).equal(number);
    for (const written of ['6465550199', '646-555-0199 x123', '+16465550199', '٦٤٦٥٥٥٠١٩٩'])
      expect(await named(`/patients?phone=${encodeURIComponent(written)}`), written).deep.equal([
        'Rose Reach',
      ]);
    await api.patch(`/patients/${patient_id}`, { token, body: { contact: { phone: '040/1234567' } } });
    expect(await named('/patients?phone=6465550199')).deep.equal([]);
    expect(await named('/patients?phone=040%201234567')).deep.equal(['Rose Reach']);
    const refused = await api.patch(`/patients/${patient_id}`, {
      token,
      body: { contact: { phone: 'call me' } },
    });
    expect({ status: refused.status, pointer: refused.body.errors[0].pointer }).deep.equal({
      status: 400,
      pointer: '/body/contact/phone',
    });
  });
});
