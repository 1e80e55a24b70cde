import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';

const password = 'Correct-Horse-9-Battery';
const fresh = (): string => `Ann.${randomUUID()}@Test.Example`;

describe('POST /auth/register', () => {
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api.stop());

  const db = () => api.system.around.stores.connection.db!;
  const stored = (collection: string, _id: string) =>
    db().collection<Record<string, unknown> & { _id: string }>(collection).findOne({ _id });
  const counts = async (): Promise<number[]> =>
    Promise.all(
      ['users', 'sessions', 'refresh_tokens', 'patients'].map((name) =>
        db().collection(name).countDocuments(),
      ),
    );
  const register = (fields: Record<string, unknown>, token?: string) =>
    api.post('/auth/register', { body: { name: 'Ann Smith', email: fresh(), password, ...fields }, token });

  it('AUTH-1: makes a patient, their record and a session, and signs in', async () => {
    const email = fresh();
    const { status, body, headers } = await api.post('/auth/register', {
      body: {
        first_name: 'Ann',
        last_name: 'Smith',
        email,
        password,
        phone: '+44 20 7946 0000',
        sex: 'female',
      },
    });
    expect(status).to.equal(201);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(body).to.include({ token_type: 'Bearer', expires_in: 900 });
    expect(body.user).to.deep.include({ email, name: 'Ann Smith', role: 'patient', is_admin: false });
    expect(body.user).to.deep.include({ doctor_id: null, vendor: null, customer: null });
    const user = await stored('users', body.user.id);
    expect(user).to.include({ email, email_key: email.toLowerCase(), active: true, version: 1 });
    expect(user).to.include({ email_confirmed: false });
    expect(user!['password_hash']).to.match(/^\$2b\$04\$/);
    const patient = await stored('patients', body.user.patient_id);
    expect(patient).to.include({ user_id: body.user.id, name: 'Ann Smith' });
    const me = await api.get('/users/me', { token: body.access_token });
    expect(me.status).equal(200);
    expect(me.body).to.deep.include(body.user);
  });

  it('AUTH-1: nothing secret leaves or is left where it should not be', async () => {
    const { body } = await register({});
    expect(JSON.stringify(body.user)).to.not.match(/hash|email_key|\$2b/);
    for (const name of ['users', 'sessions', 'refresh_tokens', 'transaction_results', 'audit_events']) {
      const text = JSON.stringify(await db().collection(name).find().toArray());
      expect(text, name).to.not.include(body.refresh_token).and.not.include(body.access_token);
      expect(text, name).to.not.include(password);
      if (name !== 'users') expect(text, name).to.not.include('$2b$');
    }
  });

  it('AUTH-1: makes a vendor and a customer with their own fields', async () => {
    const details = {
      business_name: 'Med Ltd',
      business_registration: 'R-1',
      service_areas: ['North', 'East'],
    };
    const vendor = await register({ role: 'vendor', ...details });
    expect([vendor.status, vendor.body.user.vendor]).to.eql([201, { ...details, certifications: [] }]);
    expect(vendor.body.user.patient_id).to.equal(null);
    for (const type of ['facility', 'individual']) {
      const customer = await register({ role: 'customer', type });
      expect([customer.status, customer.body.user.customer]).to.eql([201, { type }]);
    }
  });

  const refused: [about: string, fields: Record<string, unknown>, code: string, pointer: string][] = [
    ['no name', { name: undefined }, 'invalid_request', '/body/name'],
    ['half a name', { name: undefined, first_name: 'Ann' }, 'invalid_request', '/body/name'],
    ['no email', { email: undefined }, 'invalid_request', '/body/email'],
    ['a bad email', { email: 'ann' }, 'invalid_request', '/body/email'],
    ['an operator for an email', { email: { $gt: '' } }, 'invalid_request', '/body/email'],
    ['a bad phone', { phone: 'call me' }, 'invalid_request', '/body/phone'],
    ['no password', { password: undefined }, 'invalid_request', '/body/password'],
    ['a short password', { password: 'Short-1' }, 'weak_password', '/body/password'],
    ['a common password', { password: 'Password123' }, 'weak_password', '/body/password'],
    ['73 bytes of password', { password: 'x'.repeat(73) }, 'invalid_request', '/body/password'],
    ['an unknown role', { role: 'root' }, 'invalid_request', '/body/role'],
    ['an unknown field', { is_admin: true }, 'invalid_request', '/body/is_admin'],
    ['an id of one’s own', { user_id: 'U1' }, 'invalid_request', '/body/user_id'],
    ['another’s record', { patient_id: 'P1' }, 'invalid_request', '/body/patient_id'],
    ['a field of another role', { business_name: 'Med' }, 'invalid_request', '/body/business_name'],
    ['an age and a birth', { age: 3, date_of_birth: '2020-01-01' }, 'invalid_request', '/body/age'],
    ['a vendor without areas', { role: 'vendor' }, 'invalid_request', '/body/service_areas'],
    ['no areas', { role: 'vendor', service_areas: [] }, 'invalid_request', '/body/service_areas'],
    ['a customer without type', { role: 'customer' }, 'invalid_request', '/body/type'],
    ['a customer of no type', { role: 'customer', type: 'robot' }, 'invalid_request', '/body/type'],
  ];
  for (const [about, fields, code, pointer] of refused) {
    it(`AUTH-1: refuses ${about} with 400 and stores nothing`, async () => {
      const before = await counts();
      const { status, body } = await register(fields);
      expect([status, body.code]).to.eql([400, code]);
      expect(body.errors.map((error: { pointer: string }) => error.pointer)).to.include(pointer);
      expect(await counts()).to.eql(before);
    });
  }

  it('AUTH-5: refuses the name of the email in the password', async () => {
    const { status, body } = await register({ email: 'florence@test.example', password: 'I-am-Florence-1' });
    expect([status, body.code]).to.eql([400, 'weak_password']);
  });

  it('AUTH-1: other roles need an admin’s token: 403 without, and for every other role', async () => {
    const before = await counts();
    for (const role of ['doctor', 'manager', 'admin', 'pharmacist']) {
      const { status, body } = await register({ role });
      expect([role, status, body.code]).to.eql([role, 403, 'forbidden']);
    }
    expect(await counts()).to.eql(before);
    for (const role of ['patient', 'doctor', 'manager', 'vendor', 'customer', 'pharmacist'] as const) {
      const { status } = await register({ role: 'admin' }, await api.as(role));
      expect([role, status]).to.eql([role, 403]);
    }
  });

  it('AUTH-1: an admin links a doctor to their record; an unknown record → 422, nothing stored', async () => {
    const token = await api.as('admin');
    const { doctor_id } = await api.make.doctor();
    const { status, body } = await register({ role: 'doctor', doctor_id }, token);
    expect([status, body.user.doctor_id]).to.eql([201, doctor_id]);
    const doctor = await stored('doctors', doctor_id);
    expect(doctor!['user_id']).to.equal(body.user.id);
    const before = await counts();
    const unknown = await register({ role: 'doctor', doctor_id: 'D-none' }, token);
    expect([unknown.status, unknown.body.code]).to.eql([422, 'unknown_reference']);
    expect(await counts()).to.eql(before);
  });

  it('AUTH-1: a token that is not valid is not taken for none: 401', async () => {
    const { status } = await register({}, 'nonsense');
    expect(status).to.equal(401);
  });

  it('AUTH-1: one email, one account: 409 in any case and form, and no orphan patient', async () => {
    const email = `dora.${randomUUID()}@test.example`;
    expect((await register({ email })).status).to.equal(201);
    const before = await counts();
    for (const same of [email, email.toUpperCase(), email.replace('dora', 'ｄora')]) {
      const { status, body } = await register({ email: same });
      expect([status, body.code]).to.eql([409, 'email_taken']);
    }
    expect(await counts()).to.eql(before);
  });

  it('AUTH-1: of 20 that register the same email at once, one wins', async () => {
    const email = fresh();
    const before = await counts();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register({ email })));
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).to.eql([201, ...Array<number>(19).fill(409)]);
    expect((await counts()).map((count, i) => count - before[i]!)).to.eql([1, 1, 1, 1]);
  });
});

describe('the accounts that the system makes', () => {
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api.stop());

  const users = (email_key: string) =>
    api.system.around.stores.connection.db!.collection('users').find({ email_key }).toArray();

  it('AUTH-1: the first admin is made once, by however many servers that start at once', async () => {
    const { accounts } = api.system.parts;
    const admin = { email: 'Root@Hospital.example', password };
    await Promise.all(Array.from({ length: 8 }, () => accounts.ensureAdmin(admin)));
    await accounts.ensureAdmin({ ...admin, password: 'Another-Pass-Phrase-1' });
    expect(await users('root@hospital.example')).to.have.length(1);
    const { status, body } = await api.post('/auth/login', { body: admin });
    expect([status, body.user.role, body.user.is_admin]).to.eql([200, 'admin', true]);
  });

  it('AUTH-5: a weak ADMIN_PASSWORD stops the start with a line that says so', async () => {
    const { accounts } = api.system.parts;
    const failure = await accounts
      .ensureAdmin({ email: 'other@hospital.example', password: 'admin' })
      .catch((error: Error) => error);
    expect(failure).to.be.instanceOf(Error).and.have.property('name', 'Error');
    expect((failure as Error).message).to.match(/ADMIN_PASSWORD.*12 characters/);
    expect(await users('other@hospital.example')).to.have.length(0);
  });

  it('AUTH-1: createAccount is idempotent by email and changes nothing of an old account', async () => {
    const { accounts } = api.system.parts;
    const account = { email: 'demo@hospital.example', password, name: 'Demo', role: 'manager' } as const;
    const first = await accounts.createAccount(account);
    expect(await accounts.createAccount({ ...account, name: 'Other', role: 'admin' })).to.equal(first);
    const [user] = await users('demo@hospital.example');
    expect(user).to.include({ name: 'Demo', role: 'manager', version: 1 });
  });
});
