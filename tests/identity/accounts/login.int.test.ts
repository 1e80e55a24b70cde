import { randomUUID } from 'node:crypto';
import * as bcrypt from '@node-rs/bcrypt';
import { expect } from 'chai';
import { connectMongo, createTransact } from '../../../src/databases/mongo/mongo.js';
import {
  createAccounts,
  createPasswords,
  createSigner,
  createTokens,
} from '../../../src/domains/identity/accounts/index.js';
import type { Bcrypt } from '../../../src/domains/identity/accounts/passwords.js';
import { createAuditRepository } from '../../../src/domains/identity/audit/audit.repository.js';
import { createAuditService } from '../../../src/domains/identity/audit/audit.service.js';
import type { Problem } from '../../../src/lib/errors.js';
import { createNewId } from '../../../src/lib/ids.js';
import { openTestSystem, startApi, type TestApi } from '../../support/api.js';

const password = 'Correct-Horse-9-Battery';

describe('POST /auth/login', () => {
  let api: TestApi;
  let email: string;
  before(async () => {
    api = await startApi();
    email = `Grace.${randomUUID()}@Test.Example`;
    await api.system.parts.accounts.createAccount({ email, password, name: 'Grace', role: 'manager' });
  });
  after(() => api.stop());

  const login = (body: unknown) => api.post('/auth/login', { body });

  it('AUTH-2: gives a token pair and the user', async () => {
    const { status, body, headers } = await login({ email, password });
    expect(status).to.equal(200);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect(body).to.include({ token_type: 'Bearer', expires_in: 900 });
    expect(body.user).to.include({ email, name: 'Grace', role: 'manager', is_admin: false });
    expect((await api.get('/users/me', { token: body.access_token })).status).to.equal(200);
  });

  it('AUTH-2: knows the email in any case and form', async () => {
    for (const same of [email.toUpperCase(), email.replace('Grace', 'Ｇrace')])
      expect((await login({ email: same, password })).status).to.equal(200);
  });

  it('AUTH-2: refuses an unknown email, a wrong password and a closed account alike', async () => {
    const closed = `closed.${randomUUID()}@test.example`;
    const user_id = await api.system.parts.accounts.createAccount({
      email: closed,
      password,
      name: 'Closed',
      role: 'manager',
    });
    const users = api.system.around.stores.connection.db!.collection<{ _id: string }>('users');
    await users.updateOne({ _id: user_id }, { $set: { active: false } });
    const sessions = await users.db.collection('sessions').countDocuments();
    const answers = [
      await login({ email: 'nobody@test.example', password }),
      await login({ email, password: 'Wrong-Horse-9-Battery' }),
      await login({ email, password: password.toLowerCase() }),
      await login({ email: closed, password }),
    ];
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).to.eql([401, 'wrong_credentials']);
      expect({ ...body, instance: '' }).to.eql({ ...answers[0]!.body, instance: '' });
      const names = (of: Headers): string[] => [...of.keys()].sort();
      expect(names(headers)).to.eql(names(answers[0]!.headers));
    }
    expect(await users.db.collection('sessions').countDocuments()).to.equal(sessions);
  });

  const malformed: [about: string, body: unknown, pointer: string][] = [
    ['no email', { password }, '/body/email'],
    ['no password', { email: 'a@b.example' }, '/body/password'],
    ['an operator for a password', { email: 'a@b.example', password: { $ne: '' } }, '/body/password'],
    ['an operator for an email', { email: { $gt: '' }, password }, '/body/email'],
    ['a list for an email', { email: ['a@b.example'], password }, '/body/email'],
    ['an unknown field', { email: 'a@b.example', password, remember: true }, '/body/remember'],
    ['73 bytes of password', { email: 'a@b.example', password: 'x'.repeat(73) }, '/body/password'],
    ['NUL in the password', { email: 'a@b.example', password: `${password}\0x` }, '/body/password'],
  ];
  for (const [about, body, pointer] of malformed) {
    it(`AUTH-2: refuses ${about} with 400`, async () => {
      const answer = await login(body);
      expect([answer.status, answer.body.code]).to.eql([400, 'invalid_request']);
      expect(answer.body.errors[0].pointer).to.equal(pointer);
    });
  }

  it('AUTH-5: the first 72 bytes of a password and anything after are not the password', async () => {
    const long = { email: `long.${randomUUID()}@test.example`, password: 'x'.repeat(72) };
    await api.system.parts.accounts.createAccount({ ...long, name: 'Long', role: 'manager' });
    expect((await login(long)).status).to.equal(200);
    expect((await login({ ...long, password: `${long.password}y` })).status).to.equal(400);
  });
});

describe('the work of a login', () => {
  it('AUTH-2: is one hash verification, at the same cost, no matter who asks', async () => {
    const test = await openTestSystem();
    const { stores, config, clock, logger } = test.system.around;
    const connection = await connectMongo(config.mongodbUri!, { dbName: stores.connection.name });
    const costs: number[] = [];
    const hashing: Bcrypt = {
      hash: bcrypt.hash,
      verify(given, hash) {
        costs.push(Number(hash.toString().slice(4, 6)));
        return bcrypt.verify(given, hash);
      },
    };
    const common = {
      connection,
      transact: createTransact(connection),
      clock,
      newId: createNewId(clock),
      logger,
    };
    const { service } = createAccounts({
      ...common,
      passwords: createPasswords({ cost: 5 }, hashing),
      tokens: createTokens({ ...config.jwt, secrets: { current: 'x'.repeat(32), previous: [] } }),
      refreshSeconds: 3600,
      ...{ sessionSeconds: 86_400, maxSessions: 10, freeAttempts: 100, publicUrl: 'http://test.example' },
      signer: createSigner({ current: 'x'.repeat(32), previous: [] }),
      mailOutbox: { add: () => Promise.resolve() },
      areOthers: () => Promise.resolve(false),
      audit: createAuditService({
        ...{ ...common, events: createAuditRepository(connection) },
        outbox: { add: () => Promise.resolve() },
      }),
      patients: {
        createForUser: () => Promise.reject(new Error()),
        linkUser: () => Promise.resolve(),
        partsOf: () => Promise.resolve([]),
      },
      doctors: { linkUser: () => Promise.resolve() },
      messages: {
        preferencesOf: () => Promise.reject(new Error()),
        setPreferences: () => Promise.resolve(),
      },
      money: { knowsUser: () => Promise.resolve(false) },
      locks: { share: () => Promise.resolve() },
      ...{ factorRoles: [], signingSecrets: ['x'.repeat(32)], providers: [] },
    });
    const email = 'known@test.example';
    const user_id = await service.createAccount({ email, password, name: 'Known', role: 'manager' });
    const origin = { id: null, address: null, user_agent: null };
    const events = connection.collection('audit_events');
    const work = async (body: { email: string; password: string }): Promise<unknown[]> => {
      const before = await events.countDocuments();
      costs.length = 0;
      const outcome = await service.forActors.login(null, body, origin).then(
        () => 'signed in',
        (error: Problem) => error.code,
      );
      return [outcome, [...costs], (await events.countDocuments()) - before];
    };
    try {
      expect(await work({ email, password })).to.eql(['signed in', [5], 1]);
      expect(await work({ email, password: 'Wrong-Horse-9' })).to.eql(['wrong_credentials', [5], 1]);
      expect(await work({ email: 'no@test.example', password })).to.eql(['wrong_credentials', [5], 1]);
      const users = connection.collection<{ _id: string }>('users');
      await users.updateOne({ _id: user_id }, { $set: { active: false } });
      expect(await work({ email, password })).to.eql(['wrong_credentials', [5], 1]);
    } finally {
      await connection.close();
      await test.close();
    }
  });
});
