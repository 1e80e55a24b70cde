import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, nthSlot } from '../../support/people.js';

const password = 'Correct-Horse-9-Battery';

describe('a patient who is removed', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  /** Every collection and table that holds one of these texts. */
  async function holding(texts: readonly string[]): Promise<string[]> {
    const { connection, knex } = api.system.around.stores;
    const found: string[] = [];
    const look = (where: string, rows: readonly object[]): void => {
      const all = JSON.stringify(rows).toLowerCase();
      for (const text of texts) if (all.includes(text.toLowerCase())) found.push(`${where}: ${text}`);
    };
    for (const { name } of await connection.db!.listCollections().toArray())
      look(name, await connection.db!.collection(name).find().toArray());
    const rows: { table_name: string }[] = await knex('information_schema.tables')
      .where({ table_schema: 'public' })
      .select('table_name');
    for (const { table_name } of rows) look(table_name, await knex(table_name).select());
    return found;
  }

  it('AUTH-10, PAT-5: leaves no name, email, phone or hash in any collection or table', async () => {
    const one = randomUUID().slice(0, 8);
    const name = `Zenobia Quillfeather${one}`;
    const email = `zq-${one}@person.example`;
    const phone = '+44 20 7946 0873';
    const { body } = await api.post('/auth/register', { body: { name, email, password, phone } });
    const { access_token: token, user } = body;
    const users = api.system.around.stores.connection.db!.collection<{ _id: string; password_hash: string }>(
      'users',
    );
    const { password_hash } = (await users.findOne({ _id: user.id }))!;
    const doctor = await api.make.doctor();
    const booked = await api.post(`/bookings/${doctor.doctor_id}`, {
      token,
      body: { booking_date_time: nthSlot(0) },
      headers: { 'idempotency-key': randomUUID() },
    });
    expect(booked.status).equal(201);
    const cancel = { status: 'cancelled', cancellation_reason: 'pat-fb' };
    const visit = `/appointments/${booked.body.appointment_id}`;
    expect((await api.patch(visit, { token, body: cancel })).status).equal(200);
    const contact = { phone, email, address: null };
    const record = `/patients/${user.patient_id}`;
    expect((await api.patch(record, { token, body: { contact } })).status).equal(200);
    const texts = [name, `Quillfeather${one}`, email, phone, password_hash];
    expect(await holding([name])).to.include(`users: ${name}`);

    expect((await api.delete(record, { token: await api.as('admin') })).status).equal(204);

    expect(await holding(texts)).to.eql([]);
    expect((await api.get('/users/me', { token })).status).equal(401);
    expectProblem(await api.post('/auth/login', { body: { email, password } }), 401, 'wrong_credentials');
    const again = await api.post('/auth/register', { body: { name, email, password } });
    expect(again.status, 'the address is free again').equal(201);
    expect(again.body.user.patient_id).not.equal(user.patient_id);
  });
});
