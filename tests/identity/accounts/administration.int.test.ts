import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { totpCode } from '../../../src/domains/identity/accounts/totp.js';
import { openDesk } from '../../money/payments/desk.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { testPassword as password } from '../../support/make.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor, words } from '../../web/visitor.js';

describe('the administration of accounts', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());
  afterEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;
  const admin = (): Promise<string> => api.as('admin');
  const change = (id: string, body: object, token: string, headers = {}): Promise<Answer> =>
    api.patch(`/users/${id}`, { body, token, headers });
  const remove = async (id: string): Promise<Answer> => api.delete(`/users/${id}`, { token: await admin() });
  const audited = async (subject: string): Promise<string[]> =>
    (await db().collection('audit_events').find({ subject }).sort({ _id: 1 }).toArray()).map(
      ({ action }) => action as string,
    );

  describe('GET /users', () => {
    it('AUTH-10: searches and filters, in pages; for admins only', async () => {
      const token = await admin();
      const name = `Zelda${randomUUID().replaceAll(/[^a-z]/g, '')}`;
      const made: string[] = [];
      for (const role of ['manager', 'customer', 'manager']) {
        const email = `z.${randomUUID()}@test.example`;
        const body = { email, name, role, ...(role === 'customer' ? { type: 'individual' } : {}) };
        const { body: answer, status } = await api.post('/auth/register', { token, body });
        expect(status).equal(201);
        made.push(answer.user.id);
      }
      await change(made[0]!, { active: false }, token);
      const found = async (query: string) =>
        ((await api.get(`/users?q=${name}${query}`, { token })).body.items as { id: string }[]).map(
          ({ id }) => id,
        );
      expect(await found('')).to.eql(made.toReversed());
      expect(await found('&role=manager')).to.eql([made[2], made[0]]);
      expect(await found('&active=false')).to.eql([made[0]]);
      expect(await found('&role=manager&active=true')).to.eql([made[2]]);
      const first = (await api.get(`/users?q=${name}&limit=2`, { token })).body;
      expect(first.items.length).equal(2);
      expect(await found(`&limit=2&cursor=${first.next_cursor}`)).to.eql([made[0]]);
      const one = await api.get(`/users/${made[0]}`, { token });
      expect([one.status, one.body.active, one.body.second_factor]).to.eql([200, false, false]);
      expectProblem(await api.get('/users/U-none', { token }), 404, 'not_found');
      for (const path of ['/users', `/users/${made[0]}`]) {
        expectProblem(await api.get(path, { token: await api.as('manager') }), 403, 'forbidden');
        expectProblem(await api.get(path), 401, 'not_signed_in');
      }
      expectProblem(await api.get('/users?role=king', { token }), 400, 'invalid_request');
    });
  });

  describe('PATCH /users/{user_id}', () => {
    it('AUTH-10: a closed account’s tokens stop at once; opened again, its owner signs in anew', async () => {
      const { user_id, email, token } = await api.make.account('manager');
      expect((await api.get('/users/me', { token })).status).equal(200);
      const closed = await change(user_id, { active: false }, await admin());
      expect([closed.status, closed.body.active]).to.eql([200, false]);
      expectProblem(await api.get('/users/me', { token }), 401, 'not_signed_in');
      const login = () => api.post('/auth/login', { body: { email, password } });
      expectProblem(await login(), 401, 'wrong_credentials');
      expect((await change(user_id, { active: true }, await admin())).body.active).equal(true);
      expectProblem(await api.get('/users/me', { token }), 401, 'not_signed_in');
      expect((await login()).status).equal(200);
      expect(await audited(user_id)).to.include.members(['account.deactivated', 'account.activated']);
    });

    it('AUTH-10: another role ends the sessions, counts from now, and is audited', async () => {
      const { user_id, token, email } = await api.make.account('customer');
      const answer = await change(user_id, { role: 'manager' }, await admin());
      expect([answer.status, answer.body.role]).to.eql([200, 'manager']);
      expectProblem(await api.get('/users/me', { token }), 401, 'not_signed_in');
      const { body } = await api.post('/auth/login', { body: { email, password } });
      expect(body.user.role).equal('manager');
      const user = await db().collection<{ _id: string }>('users').findOne({ _id: user_id });
      expect(Date.now() - Number((user as never as { role_since: Date }).role_since)).lessThan(60_000);
      const event = await db()
        .collection('audit_events')
        .findOne({ subject: user_id, action: 'account.role_changed' });
      expect(event).to.include({ role: 'admin', outcome: 'success' });
      expect(event!['actor_user_id']).not.equal(user_id);
    });

    it('AUTH-10: a role that needs what the account has not is refused; with it, it is given', async () => {
      const { user_id } = await api.make.account('manager');
      const token = await admin();
      for (const role of ['patient', 'doctor', 'receptionist', 'vendor', 'customer']) {
        const answer = await change(user_id, { role }, token);
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).equal('/body/role');
      }
      const none = await change(user_id, { role: 'doctor', doctor_id: 'D-none' }, token);
      expectProblem(none, 422, 'unknown_reference');
      const { doctor_id } = await api.make.doctor();
      const doctor = await change(user_id, { role: 'doctor', doctor_id }, token);
      expect([doctor.status, doctor.body.doctor_id]).to.eql([200, doctor_id]);
      const { hospital_id } = await api.make.hospital();
      const desk = await change(user_id, { role: 'receptionist', hospital_id }, token);
      expect([desk.status, desk.body.hospital_id]).to.eql([200, hospital_id]);
      const { user_id: other } = await api.make.account('manager');
      const taken = await change(other, { role: 'doctor', doctor_id }, token);
      expectProblem(taken, 409, 'already_exists');
    });

    it('AUTH-10: refuses others, nobody, an unknown account, an empty change and a stale version', async () => {
      const { user_id } = await api.make.account('manager');
      const token = await admin();
      expectProblem(await change(user_id, { active: false }, await api.as('manager')), 403, 'forbidden');
      expectProblem(await api.patch(`/users/${user_id}`, { body: { active: false } }), 401, 'not_signed_in');
      expectProblem(await change('U-none', { active: false }, token), 404, 'not_found');
      for (const body of [{}, { role: 'king' }, { active: 'perhaps' }, { email: 'x@y.example' }])
        expectProblem(await change(user_id, body, token), 400, 'invalid_request');
      const stale = await change(user_id, { active: false }, token, { 'if-match': '"v99"' });
      expectProblem(stale, 412, 'stale_version');
      expect((await change(user_id, { active: false }, token, { 'if-match': '"v1"' })).status).equal(200);
    });
  });

  describe('POST /users/bulk', () => {
    it('AUTH-10: gives a result for each, in their order, and what is refused stops no other', async () => {
      const [a, b, c] = await Promise.all(
        ['manager', 'manager', 'customer'].map((role) => api.make.account(role as never)),
      );
      const items = [
        { user_id: a!.user_id, active: false },
        { user_id: 'U-none', active: false },
        { user_id: b!.user_id, role: 'vendor' },
        { user_id: c!.user_id, role: 'manager' },
      ];
      const { status, body } = await api.post('/users/bulk', { token: await admin(), body: { items } });
      expect(status).equal(200);
      const results = body.items as {
        user_id: string;
        user: { role: string; active: boolean };
        problem: { code: string };
      }[];
      expect(results.map(({ user_id }) => user_id)).to.eql(items.map(({ user_id }) => user_id));
      expect(results.map(({ problem }) => problem?.code ?? null)).to.eql([
        ...[null, 'not_found', 'invalid_request', null],
      ]);
      expect([results[0]!.user.active, results[3]!.user.role]).to.eql([false, 'manager']);
      expectProblem(await api.get('/users/me', { token: a!.token }), 401, 'not_signed_in');
      expect((await api.get('/users/me', { token: b!.token })).status).equal(200);
    });

    it('AUTH-10: refuses none, too many, an unknown field, and others than admins', async () => {
      const token = await admin();
      const ask = (body: object, as = token) => api.post('/users/bulk', { token: as, body });
      const one = { user_id: 'U1', active: false };
      for (const body of [
        {},
        { items: [] },
        { items: Array(101).fill(one) },
        { items: [{ ...one, email: 'x' }] },
      ])
        expectProblem(await ask(body), 400, 'invalid_request');
      expectProblem(await ask({ items: [one] }, await api.as('doctor')), 403, 'forbidden');
    });
  });

  describe('DELETE /users/{user_id}', () => {
    it('AUTH-10: erases what nothing names: of its owner the audit keeps the id', async () => {
      const { user_id, email, token } = await api.make.account('manager');
      const { status, body } = await remove(user_id);
      expect([status, body]).to.eql([200, { outcome: 'erased' }]);
      expectProblem(await api.get('/users/me', { token }), 401, 'not_signed_in');
      for (const { name } of await db().listCollections().toArray())
        expect(JSON.stringify(await db().collection(name).find().toArray()), name).not.to.include(email);
      expect(await audited(user_id)).to.include('account.erased');
      expectProblem(await remove(user_id), 404, 'not_found');
    });

    it('AUTH-10: deactivates who is a patient or a doctor, has notices, or is in the books', async () => {
      const { patient_id } = await api.make.patient();
      const patient = await api.make.account('patient', { patient_id });
      const { doctor_id } = await api.make.doctor();
      const doctor = await api.make.account('doctor', { doctor_id });
      const targets = await api.make.account('manager');
      await db()
        .collection<{ _id: string }>('report_targets')
        .insertOne({ _id: randomUUID(), set_by: targets.user_id } as never);
      const desk = await openDesk(api);
      const paid = await desk.paid();
      const payer = (await db().collection('users').findOne({ patient_id: paid.patient_id }))![
        '_id'
      ] as unknown as string;
      for (const user_id of [patient.user_id, doctor.user_id, targets.user_id, payer]) {
        expect((await remove(user_id)).body).to.eql({ outcome: 'deactivated' });
        const user = await db().collection<{ _id: string }>('users').findOne({ _id: user_id });
        expect(user).to.include({ active: false });
      }
    });

    it('AUTH-10: refuses others than admins, and nobody', async () => {
      const { user_id } = await api.make.account('manager');
      const token = await api.as('manager');
      expectProblem(await api.delete(`/users/${user_id}`, { token }), 403, 'forbidden');
      expectProblem(await api.delete(`/users/${user_id}`), 401, 'not_signed_in');
    });
  });

  it('AUTH-10, AUTH-11: an admin with a second factor shows a code again for it', async () => {
    const who = await api.make.account('admin');
    const { token } = who;
    const { secret } = (await api.post('/auth/second-factor', { token, body: { password } })).body;
    const code = () => ({ code: totpCode(secret, api.clock.now()) });
    await api.post('/auth/second-factor/confirm', { token, body: code() });
    const { user_id } = await api.make.account('manager');
    api.clock.set(new Date(Date.now() + 11 * 60_000));
    expectProblem(await change(user_id, { active: false }, token), 403, 'second_factor_required');
    expectProblem(await api.delete(`/users/${user_id}`, { token }), 403, 'second_factor_required');
    const items = [{ user_id, active: false }];
    expectProblem(await api.post('/users/bulk', { token, body: { items } }), 403, 'second_factor_required');
    expect((await api.post('/auth/step-up', { token, body: code() })).status).equal(204);
    expect((await change(user_id, { active: false }, token)).status).equal(200);
  });

  it('AUTH-10: has pages: search, a role, close, open, sign out', async () => {
    const { email } = await api.make.account('admin');
    const someone = await api.make.account('customer');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    const list = await visitor.get(`/users?q=${encodeURIComponent(someone.email)}`);
    expect(words(list)).to.include(someone.email);
    expect(words(await visitor.get('/users?role=vendor&active=false'))).to.include('Nobody found');
    const address = `/users/${someone.user_id}`;
    const page = await visitor.get(address);
    const refused = await visitor.submit(page, `${address}/role`, { role: 'doctor' });
    expect([refused.status, words(refused).includes('has not what this role needs')]).to.eql([400, true]);
    expect((await visitor.submit(page, `${address}/role`, { role: 'manager' })).to).equal(address);
    expect((await visitor.submit(page, `${address}/close`)).to).equal(address);
    expect(words(await visitor.get(address))).to.include('May not sign in');
    expect((await visitor.submit(await visitor.get(address), `${address}/open`)).to).equal(address);
    expect((await visitor.submit(page, `${address}/sign-out`)).to).equal(address);
    const other = createVisitor(api);
    await other.signIn(someone.email);
    for (const path of ['/users', address]) expect((await other.get(path)).status).equal(403);
    expect((await createVisitor(api).get('/users')).to).equal('/sign-in?next=%2Fusers');
  });
});

describe('the last active admin', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  it('AUTH-10: stays, and of two who go at the same moment one does', async () => {
    const admins = [await api.make.account('admin'), await api.make.account('admin')] as const;
    const closeSelf = ({ token, user_id }: { token: string; user_id: string }): Promise<Answer>[] => [
      api.patch(`/users/${user_id}`, { token, body: { active: false } }),
    ];
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(admins.flatMap(closeSelf));
      // Whoever comes second may have lost the session by then, never the seat of the last one.
      expect(answers.filter(({ status }) => status === 200).length).equal(1);
      const active = await api.system.around.stores.connection
        .db!.collection('users')
        .find({ role: 'admin', active: true })
        .toArray();
      expect(active.length).equal(1);
      const left = admins.find(({ user_id }) => user_id === (active[0]!['_id'] as unknown as string))!;
      const gone = admins.find((one) => one !== left)!;
      for (const body of [{ active: false }, { role: 'manager' }])
        expectProblem(
          await api.patch(`/users/${left.user_id}`, { token: left.token, body }),
          409,
          'last_admin',
        );
      expectProblem(await api.delete(`/users/${left.user_id}`, { token: left.token }), 409, 'last_admin');
      const items = [{ user_id: left.user_id, active: false }];
      const many = await api.post('/users/bulk', { token: left.token, body: { items } });
      expect(many.body.items[0].problem.code).equal('last_admin');
      await api.patch(`/users/${gone.user_id}`, { token: left.token, body: { active: true } });
      const { body } = await api.post('/auth/login', { body: { email: gone.email, password } });
      (gone as { token: string }).token = body.access_token;
    }
  });

  it('AUTH-10: an invited one who has not come yet is none', async () => {
    const active = await api.system.around.stores.connection
      .db!.collection('users')
      .find({ role: 'admin', active: true })
      .toArray();
    const [one, ...others] = active.map(({ email }) => email as string);
    const { body } = await api.post('/auth/login', { body: { email: one, password } });
    const token = body.access_token as string;
    for (const email of others) {
      const { user } = (await api.post('/auth/login', { body: { email, password } })).body;
      expect((await api.patch(`/users/${user.id}`, { token, body: { active: false } })).status).equal(200);
    }
    const invited = { email: `i.${randomUUID()}@test.example`, name: 'Ann Smith', role: 'admin' };
    expect((await api.post('/auth/register', { token, body: invited })).status).equal(201);
    const answer = await api.patch(`/users/${body.user.id}`, { token, body: { active: false } });
    expectProblem(answer, 409, 'last_admin');
  });
});
