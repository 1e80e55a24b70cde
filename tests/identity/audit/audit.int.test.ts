import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createAuditRepository } from '../../../src/domains/identity/audit/audit.repository.js';
import { connectMongo } from '../../../src/databases/mongo/mongo.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';

const password = 'Correct-Horse-9-Battery';

describe('the audit log', () => {
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api.stop());

  const events = () =>
    api.system.around.stores.connection.db!.collection('audit_events').find().sort({ _id: 1 }).toArray();

  /** What one request adds to the log, and its answer. */
  async function adds(
    ask: () => Promise<Answer>,
  ): Promise<{ answer: Answer; added: Record<string, unknown>[] }> {
    const before = (await events()).length;
    const answer = await ask();
    return { answer, added: (await events()).slice(before) };
  }

  it('AUTH-3: each step of a session makes one entry: who, what, from where, how it ended', async () => {
    const email = `eve.${randomUUID()}@test.example`;
    const register = await adds(() => api.post('/auth/register', { body: { name: 'Eve', email, password } }));
    const { user, access_token, refresh_token } = register.answer.body;
    const session_id = JSON.parse(Buffer.from(access_token.split('.')[1], 'base64url').toString()).sid;
    const who = { actor_user_id: user.id, role: 'patient', address: '127.0.0.1' };
    expect(register.added).to.have.length(1);
    expect(register.added[0]).to.include({ ...who, action: 'auth.register', outcome: 'success' });
    expect(register.added[0]).to.deep.include({ subject: user.id, patient_ids: [user.patient_id] });
    expect(register.added[0]!['_id']).to.match(/^AE/);
    expect(register.added[0]!['at']).to.be.instanceOf(Date);
    expect(register.added[0]!['request_id']).to.equal(register.answer.headers.get('x-request-id'));

    const login = await adds(() => api.post('/auth/login', { body: { email, password } }));
    expect(login.added).to.have.length(1);
    expect(login.added[0]).to.include({ ...who, action: 'auth.login', outcome: 'success' });

    const wrong = await adds(() => api.post('/auth/login', { body: { email, password: 'Wrong-Horse-9' } }));
    expect(wrong.added).to.have.length(1);
    expect(wrong.added[0]).to.include({ action: 'auth.login', outcome: 'failure', subject: user.id });

    const unknown = await adds(() =>
      api.post('/auth/login', { body: { email: `no.${email}`, password: 'Wrong-Horse-9' } }),
    );
    expect(unknown.added).to.have.length(1);
    expect(unknown.added[0]).to.include({
      outcome: 'failure',
      actor_user_id: null,
      role: null,
      subject: null,
    });

    const refresh = await adds(() => api.post('/auth/refresh', { body: { refresh_token } }));
    expect([refresh.answer.status, refresh.added.length]).to.eql([200, 0]);
    const successor = refresh.answer.body.refresh_token as string;
    await api.post('/auth/refresh', { body: { refresh_token: successor } });
    const reuse = await adds(() => api.post('/auth/refresh', { body: { refresh_token } }));
    expect(reuse.added).to.have.length(1);
    expect(reuse.added[0]).to.include({
      action: 'auth.refresh_reuse',
      outcome: 'failure',
      subject: session_id,
    });

    const second = (await api.post('/auth/login', { body: { email, password } })).body.access_token;
    const logout = await adds(() => api.post('/auth/logout', { token: second }));
    expect(logout.added).to.have.length(1);
    expect(logout.added[0]).to.include({ ...who, action: 'auth.logout', outcome: 'success' });
  });

  it('AUTH-1: an account that an admin made names the admin', async () => {
    const admin = await api.make.account('admin');
    const body = { name: 'Max', email: `max.${randomUUID()}@test.example`, password, role: 'manager' };
    const { answer, added } = await adds(() => api.post('/auth/register', { token: admin.token, body }));
    expect(added).to.have.length(1);
    expect(added[0]).to.include({
      actor_user_id: admin.user_id,
      role: 'admin',
      subject: answer.body.user.id,
      action: 'account.invited',
    });
  });

  it('AUTH-1: what was refused and stored nothing leaves no entry of success', async () => {
    const { added } = await adds(() =>
      api.post('/auth/register', { body: { name: 'X', email: 'x@test.example', password, role: 'admin' } }),
    );
    expect(added).to.have.length(0);
  });

  it('AUTH-1: no entry holds an email, a name, a password or a token', async () => {
    const text = JSON.stringify(await events());
    expect(text).to.not.match(/@test\.example|Eve|Horse|eyJ|\$2b/);
  });

  it('AUTH-8: is append-only: its repository can do nothing else', async () => {
    const { config, stores } = api.system.around;
    const connection = await connectMongo(config.mongodbUri!, { dbName: stores.connection.name });
    expect(Object.keys(createAuditRepository(connection))).to.eql([
      ...['append', 'add', 'listPage', 'listAccesses'],
    ]);
    await connection.close();
  });
});
