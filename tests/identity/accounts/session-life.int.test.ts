import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { testPassword } from '../../support/make.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor } from '../../web/visitor.js';

const hour = 3_600_000;

describe('the life of a session', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => {
    api = await startApi({ MAX_SESSIONS: '3', REFRESH_TOKEN_SECONDS: '7200', SESSION_SECONDS: '18000' });
  });
  after(() => api?.stop());
  afterEach(() => api.clock.set(undefined));

  const login = async (email: string): Promise<{ access_token: string; refresh_token: string }> =>
    (await api.post('/auth/login', { body: { email, password: testPassword } })).body;
  const refresh = (refresh_token: string): Promise<Answer> =>
    api.post('/auth/refresh', { body: { refresh_token } });
  const sessionsOf = async (token: string): Promise<{ id: string; current: boolean }[]> =>
    (await api.get('/auth/sessions', { token })).body.items;

  it('AUTH-14: an account has so many open sessions at the most; the oldest ends, also of twenty at once', async () => {
    const { email, token: oldest } = await api.make.account('manager');
    await login(email);
    await login(email);
    expect((await api.get('/users/me', { token: oldest })).status).equal(200);
    const { access_token } = await login(email);
    expect(await sessionsOf(access_token)).to.have.length(3);
    const all = await Promise.all(Array.from({ length: 20 }, () => login(email)));
    const open = await api.system.around.stores.connection
      .db!.collection('sessions')
      .countDocuments({ ended_at: null, user_id: (await userOf(email))._id });
    expect(open).equal(3);
    expect(all).to.have.length(20);
  });
  const userOf = async (email: string): Promise<{ _id: string }> =>
    (await api.system.around.stores.connection
      .db!.collection<{ _id: string }>('users')
      .findOne({ email_key: email }))!;

  it('AUTH-14: is over when it was not used for its idle life, and at its absolute one however it is used', async () => {
    const { email } = await api.make.account('manager');
    const begun = Date.now();
    const at = (hours: number): void => api.clock.set(new Date(begun + hours * hour));
    at(0);
    const idle = await login(email);
    let used = await login(email);
    at(1.5);
    used = (await refresh(used.refresh_token)).body;
    at(3);
    expectProblem(await refresh(idle.refresh_token), 401, 'refresh_token_refused');
    used = (await refresh(used.refresh_token)).body;
    at(4.5);
    used = (await refresh(used.refresh_token)).body;
    const session = (await sessionsOf(used.access_token)).find(({ current }) => current);
    expect(session).to.deep.include({ expires_at: new Date(begun + 5 * hour).toISOString() });
    at(5.1);
    expectProblem(await refresh(used.refresh_token), 401, 'refresh_token_refused');
  });

  it('AUTH-14: an admin sees and ends the sessions of anybody, one or all, audited; nobody else does', async () => {
    const admin = await api.as('admin');
    const { email, token, user_id } = await api.make.account('manager');
    const other = (await login(email)).access_token;
    const path = `/users/${user_id}/sessions`;
    const { body } = await api.get(path, { token: admin });
    expect(body.items).to.have.length(2);
    for (const ask of [api.get, api.delete]) expectProblem(await ask(path, { token }), 403, 'forbidden');
    expectProblem(await api.get('/users/U-none/sessions', { token: admin }), 404, 'not_found');
    expectProblem(await api.delete('/users/U-none/sessions', { token: admin }), 404, 'not_found');
    const first = body.items[1].id as string;
    expect((await api.delete(`${path}/${first}`, { token: admin })).status).equal(204);
    expectProblem(await api.delete(`${path}/${first}`, { token: admin }), 404, 'not_found');
    expect((await api.get('/users/me', { token })).status).equal(401);
    expect((await api.get('/users/me', { token: other })).status).equal(200);
    expect((await api.delete(path, { token: admin })).body).to.eql({ ended: 1 });
    expect((await api.get('/users/me', { token: other })).status).equal(401);
    const ended = await api.system.around.stores.connection
      .db!.collection('audit_events')
      .find({ action: 'auth.session_ended', role: 'admin' })
      .toArray();
    expect(ended.map(({ subject }) => subject as string))
      .to.include(first)
      .and.have.length(2);
  });

  it('AUTH-14: a browser that signs in anew leaves no session of before open', async () => {
    const { email } = await api.make.account('manager');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    const former = visitor.cookies.get('access')!;
    await visitor.signIn(email);
    expect((await api.get('/users/me', { token: former })).status).equal(401);
    expect((await api.get('/users/me', { token: visitor.cookies.get('access')! })).status).equal(200);
  });
});

describe('refreshing from one address', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi({ RATE_LIMIT_AUTH: '6' })));
  after(() => api?.stop());
  beforeEach(() => api.system.around.stores.connection.db!.collection('rate_limits').deleteMany({}));

  it('AUTH-14: cookies that are made up use up nobody’s refresh, on any page', async () => {
    const { email } = await api.make.account('manager');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    for (const path of ['/book', '/my/notices', '/sign-in', '/reports', '/register'])
      for (let n = 0; n < 8; n++) {
        const stranger = createVisitor(api);
        stranger.cookies.set('refresh', `made-up-${path}-${n}`);
        expect((await stranger.get(path)).status, path).equal(307);
        expect(stranger.cookies.has('refresh')).equal(false);
      }
    visitor.cookies.delete('access');
    expect((await visitor.get('/my/notices')).status).equal(307);
    expect((await visitor.get('/my/notices')).status).equal(200);
  });

  it('AUTH-14: refreshes of many sessions behind one address count by the session', async () => {
    const signIn = async (): Promise<string> => {
      const { email } = await api.make.account('customer');
      await api.system.around.stores.connection.db!.collection('rate_limits').deleteMany({});
      return (await api.post('/auth/login', { body: { email, password: testPassword } })).body.refresh_token;
    };
    const shown = [];
    for (let n = 0; n < 9; n++) shown.push(await signIn());
    for (let n = 0; n < 7; n++) await api.post('/auth/refresh', { body: { refresh_token: `made up ${n}` } });
    expect((await api.post('/auth/refresh', { body: { refresh_token: 'x' } })).status).equal(429);
    for (const refresh_token of shown)
      expect((await api.post('/auth/refresh', { body: { refresh_token } })).status).equal(200);
    let last = shown[0]!;
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) {
      const { status, body } = await api.post('/auth/refresh', { body: { refresh_token: last } });
      statuses.push(status);
      last = body.refresh_token ?? last;
    }
    expect(statuses.at(-1)).equal(429);
  });
});
