import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createHttp } from '../../src/serving.js';
import { startServer } from '../../src/http/server.js';
import { openSystem } from '../../src/system.js';
import { startApi, type Answer, type TestApi } from '../support/api.js';

const password = 'Correct-Horse-9-Battery';
const freshEmail = (): string => `limit.${randomUUID()}@test.example`;

function expectRefusal({ status, headers, body }: Answer, limit: number): void {
  expect([status, body.code, body.limit]).to.eql([429, 'too_many_requests', limit]);
  const wait = Number(headers.get('retry-after'));
  expect(wait).to.be.within(1, 60);
  expect(headers.get('ratelimit-limit')).to.equal(`${limit}`);
  expect(headers.get('ratelimit-remaining')).to.equal('0');
  expect(Number(headers.get('ratelimit-reset'))).to.be.within(1, 60);
}

/** A second server over the databases of the first one, with a memory of its own: another process, or a restart. */
async function startAnother(
  api: TestApi,
): Promise<{ login(email: string): Promise<Answer>; stop(): Promise<void> }> {
  const { config, logger, stores } = api.system.around;
  const system = await openSystem({ config, logger, dbName: stores.connection.name });
  const app = createHttp(system.parts, system.around, () => true);
  const server = await startServer(app, { host: '127.0.0.1', port: 0 });
  return {
    async login(email) {
      const response = await fetch(`${server.url}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    async stop() {
      await server.stop();
      await system.close();
    },
  };
}

describe('rate limits', () => {
  let api: TestApi;
  /** One that allows an address little, for what counts by address alone. */
  let strict: TestApi;
  before(async () => {
    const figures = { RATE_LIMIT_LOGIN: '5', RATE_LIMIT_WRITE: '3' };
    api = await startApi(figures);
    strict = await startApi({ ...figures, RATE_LIMIT_AUTH: '4' });
  });
  after(() => Promise.all([api.stop(), strict.stop()]));
  // Each test starts with no counts: they all come from one address.
  beforeEach(async () => {
    for (const { system } of [api, strict])
      await system.around.stores.connection.db!.collection('rate_limits').deleteMany({});
  });

  const login = (email: string, headers: Record<string, string> = {}): Promise<Answer> =>
    api.post('/auth/login', { body: { email, password }, headers });
  const tries = (): Promise<number> =>
    api.system.around.stores.connection
      .db!.collection('audit_events')
      .countDocuments({ action: 'auth.login' });

  it('AUTH-6: of 200 logins at once at a limit of 5, exactly 5 reach the hash', async () => {
    const email = freshEmail();
    const before = await tries();
    const answers = await Promise.all(Array.from({ length: 200 }, () => login(email)));
    const let_in = answers.filter(({ status }) => status === 401);
    const refused = answers.filter(({ status }) => status === 429);
    expect([let_in.length, refused.length]).to.eql([5, 195]);
    // Each login that is let in verifies one hash and writes one entry.
    expect((await tries()) - before).to.equal(5);
    for (const answer of refused) expectRefusal(answer, 5);
    const remaining = let_in.map(({ headers }) => Number(headers.get('ratelimit-remaining')));
    expect(remaining.sort()).to.eql([0, 1, 2, 3, 4]);
  });

  it('AUTH-6: counts by account: another one from the same address is let in', async () => {
    const email = freshEmail();
    for (let i = 0; i < 5; i++) expect((await login(email)).status).to.equal(401);
    expectRefusal(await login(email), 5);
    expectRefusal(await login(email.toUpperCase()), 5);
    expect((await login(freshEmail())).status).to.equal(401);
  });

  it('AUTH-6: the right password is refused too while the limit holds', async () => {
    const email = freshEmail();
    await api.system.parts.accounts.createAccount({ email, password, name: 'L', role: 'manager' });
    for (let i = 0; i < 5; i++) expect((await login(email)).status).to.equal(200);
    expectRefusal(await login(email), 5);
  });

  it('AUTH-6: being signed in as somebody opens no way round the limit of an account', async () => {
    const victim = freshEmail();
    const statuses: number[] = [];
    for (let i = 0; i < 2; i++) {
      const { token } = await api.make.account('customer');
      for (let j = 0; j < 4; j++)
        statuses.push((await login(victim, { authorization: `Bearer ${token}` })).status);
    }
    expect(statuses.filter((status) => status === 401)).to.have.length(5);
  });

  it('AUTH-6: two servers over one database share the count', async () => {
    const other = await startAnother(api);
    try {
      const email = freshEmail();
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? login(email) : other.login(email))),
      );
      expect(answers.filter(({ status }) => status === 401)).to.have.length(5);
      expect(answers.filter(({ status }) => status === 429)).to.have.length(35);
    } finally {
      await other.stop();
    }
  });

  it('AUTH-6: a restart keeps the count', async () => {
    const email = freshEmail();
    const first = await startAnother(api);
    for (let i = 0; i < 5; i++) expect((await first.login(email)).status).to.equal(401);
    await first.stop();
    const second = await startAnother(api);
    try {
      expectRefusal(await second.login(email), 5);
    } finally {
      await second.stop();
    }
  });

  it('AUTH-6: registering and refreshing count by address, at the figure of auth', async () => {
    const register = (): Promise<Answer> =>
      strict.post('/auth/register', { body: { name: 'N', email: freshEmail(), password } });
    const refresh = (): Promise<Answer> => strict.post('/auth/refresh', { body: { refresh_token: 'x' } });
    for (const ask of [register, refresh, register, refresh])
      expect((await ask()).status).to.be.oneOf([201, 401]);
    expectRefusal(await register(), 4);
    expectRefusal(await refresh(), 4);
  });

  it('AUTH-6: many accounts tried from one address count by the address, and a login needs no valid token', async () => {
    const spray = (): Promise<Answer> =>
      strict.post('/auth/login', { token: 'x.y.z', body: { email: freshEmail(), password } });
    for (let i = 0; i < 4; i++) expect((await spray()).body.code).to.equal('wrong_credentials');
    expectRefusal(await spray(), 4);
  });

  it('AUTH-6: a write counts by user, at its own figure; reading is free', async () => {
    const one = await api.make.account('admin');
    const two = await api.make.account('admin');
    const write = (token: string): Promise<Answer> => api.post('/hospitals', { token, body: {} });
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await write(one.token);
      expect(status).to.equal(400);
      expect(headers.get('ratelimit-limit')).to.equal('3');
      expect(headers.get('ratelimit-remaining')).to.equal(`${2 - i}`);
    }
    expectRefusal(await write(one.token), 3);
    expect((await write(two.token)).status).to.equal(400);
    expect((await api.get('/users/me', { token: one.token })).status).to.equal(200);
  });

  it('AUTH-6: refused tokens count by address, by the limit of the route or that of auth, and shut out nobody else', async () => {
    const bad = (path: string, method = 'GET'): Promise<Answer> =>
      strict.request(method, path, { token: 'x.y.z', ...(method === 'POST' ? { body: {} } : {}) });
    for (let i = 0; i < 4; i++) expect((await bad('/users/me')).status).to.equal(401);
    expectRefusal(await bad('/users/me'), 4);
    expectRefusal(await bad('/patients'), 4);
    for (let i = 0; i < 3; i++) expect((await bad('/hospitals', 'POST')).status).to.equal(401);
    expectRefusal(await bad('/hospitals', 'POST'), 3);
    const { token } = await strict.make.account('admin');
    expect((await strict.get('/users/me', { token })).status).to.equal(200);
    expect((await strict.post('/auth/refresh', { body: { refresh_token: 'x' } })).body.code).to.equal(
      'refresh_token_refused',
    );
  });

  it('AUTH-6: no header of the client changes the key', async () => {
    const email = freshEmail();
    const spoofed = (i: number): Record<string, string> => ({
      'x-forwarded-for': `203.0.113.${i}`,
      'x-real-ip': `203.0.113.${i}`,
      forwarded: `for=203.0.113.${i}`,
      'x-client-ip': `203.0.113.${i}`,
    });
    const answers: Answer[] = [];
    for (let i = 0; i < 20; i++) answers.push(await login(email, spoofed(i)));
    expect(answers.map(({ status }) => status)).to.eql([
      ...Array<number>(5).fill(401),
      ...Array<number>(15).fill(429),
    ]);
  });
});

describe('rate limits behind a proxy', () => {
  let api: TestApi;
  before(async () => (api = await startApi({ RATE_LIMIT_LOGIN: '2', TRUSTED_PROXY_HOPS: '1' })));
  after(() => api.stop());

  const login = async (email: string, forwarded: string): Promise<number> => {
    const headers = { 'x-forwarded-for': forwarded };
    return (await api.post('/auth/login', { body: { email, password }, headers })).status;
  };

  it('AUTH-6: the address that the proxy adds is the key, what the client wrote before it is not', async () => {
    const email = freshEmail();
    expect(await login(email, '198.51.100.1, 192.0.2.1')).to.equal(401);
    expect(await login(email, '198.51.100.2, 192.0.2.1')).to.equal(401);
    expect(await login(email, '198.51.100.3, 198.51.100.4, 192.0.2.1')).to.equal(429);
    expect(await login(email, '192.0.2.1')).to.equal(429);
    expect(await login(email, '192.0.2.2')).to.equal(401);
  });

  it('AUTH-6: a whole /64 of IPv6 is one client', async () => {
    const email = freshEmail();
    expect(await login(email, '2001:db8:1:2::1')).to.equal(401);
    expect(await login(email, '2001:db8:1:2:ffff::2')).to.equal(401);
    expect(await login(email, '2001:DB8:0001:2::3')).to.equal(429);
    expect(await login(email, '2001:db8:1:3::1')).to.equal(401);
  });
});
