import { createHmac, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createHttp } from '../../../src/serving.js';
import { startServer } from '../../../src/http/server.js';
import { openSystem } from '../../../src/system.js';
import { startSmtp, type TestSmtp } from '../../messages/notifications/smtp.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { testPassword as password } from '../../support/make.js';
import { expectProblem } from '../../support/people.js';

/* The cases are those that Medplum tests its refresh grant with, its known gaps among them, as far as there are such things here. */

interface Pair {
  access_token: string;
  refresh_token: string;
}

describe('a refresh whose answer may be lost', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());
  beforeEach(() => api.clock.set(new Date()));
  afterEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;
  const later = (seconds: number): void =>
    api.clock.set(new Date(api.clock.now().getTime() + seconds * 1000));
  async function login(): Promise<Pair & { email: string; user_id: string }> {
    const { email, user_id } = await api.make.account('manager');
    const { body } = await api.post('/auth/login', { body: { email, password } });
    return { ...body, email, user_id };
  }
  const refresh = (refresh_token: string, headers: Record<string, string> = {}): Promise<Answer> =>
    api.post('/auth/refresh', { body: { refresh_token }, headers });
  const next = async (refresh_token: string): Promise<Pair> => {
    const { status, body } = await refresh(refresh_token);
    expect(status).equal(200);
    return body as Pair;
  };
  const isSignedIn = async (token: string): Promise<boolean> =>
    (await api.get('/users/me', { token })).status === 200;
  const expectEnded = async (...pairs: Pair[]): Promise<void> => {
    for (const { access_token } of pairs) expect(await isSignedIn(access_token)).equal(false);
  };

  it('AUTH-3: the direct parent gives the same successor for ten seconds, without rotating again', async () => {
    const first = await login();
    const second = await next(first.refresh_token);
    const count = () => db().collection('refresh_tokens').countDocuments({ user_id: first.user_id });
    const before = await count();
    for (const seconds of [0, 5, 4.9]) {
      later(seconds);
      const again = await next(first.refresh_token);
      expect(again.refresh_token).equal(second.refresh_token);
      expect(await isSignedIn(again.access_token)).equal(true);
    }
    expect(await count()).equal(before);
    expect(await isSignedIn((await next(second.refresh_token)).access_token)).equal(true);
  });

  it('AUTH-3: after ten seconds it ends the family and its access tokens, audited', async () => {
    const first = await login();
    const second = await next(first.refresh_token);
    later(10);
    expectProblem(await refresh(first.refresh_token), 401, 'refresh_token_refused');
    expectProblem(await refresh(second.refresh_token), 401, 'refresh_token_refused');
    await expectEnded(first, second);
    const reuse = { actor_user_id: first.user_id, action: 'auth.refresh_reuse' };
    expect(await db().collection('audit_events').countDocuments(reuse)).to.be.at.least(1);
  });

  it('AUTH-3: R1 after R3 ends the family, also within ten seconds', async () => {
    const first = await login();
    const second = await next(first.refresh_token);
    const third = await next(second.refresh_token);
    expectProblem(await refresh(first.refresh_token), 401, 'refresh_token_refused');
    await expectEnded(first, second, third);
  });

  it('AUTH-3: of R1 shown again and R2 used at the same moment, either order is one of the two above', async () => {
    for (let round = 0; round < 5; round++) {
      const first = await login();
      const second = await next(first.refresh_token);
      const [again, third] = await Promise.all([refresh(first.refresh_token), refresh(second.refresh_token)]);
      if (again.status === 200) expect(again.body.refresh_token).equal(second.refresh_token);
      else await expectEnded(second);
      expect(third.status === 200 || again.status === 401).equal(true);
    }
  });

  it('AUTH-3: another program gets nothing again: it ends the family', async () => {
    const first = await login();
    const second = await next(first.refresh_token);
    expectProblem(
      await refresh(first.refresh_token, { 'user-agent': 'thief' }),
      401,
      'refresh_token_refused',
    );
    await expectEnded(first, second);
  });

  it('AUTH-3: 5 at once over two servers rotate once, all with the same successor', async () => {
    const { config, logger, stores } = api.system.around;
    const system = await openSystem({ config, logger, clock: api.clock, dbName: stores.connection.name });
    const server = await startServer(
      createHttp(system.parts, system.around, () => true),
      {
        host: '127.0.0.1',
        port: 0,
      },
    );
    try {
      const { refresh_token, user_id } = await login();
      const ask = async (url: string): Promise<[number, string]> => {
        const response = await fetch(`${url}/api/auth/refresh`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ refresh_token }),
        });
        return [response.status, ((await response.json()) as Pair).refresh_token];
      };
      const answers = await Promise.all([api, server, api, server, api].map(({ url }) => ask(url)));
      expect(answers.map(([status]) => status)).to.eql(Array(5).fill(200));
      expect(new Set(answers.map(([, token]) => token)).size).equal(1);
      const rotated = { user_id, rotated_at: { $ne: null } };
      expect(await db().collection('refresh_tokens').countDocuments(rotated)).equal(1);
    } finally {
      await server.stop();
      await system.close();
    }
  });

  it('AUTH-3: a session that was ended meanwhile gives nothing again', async () => {
    for (const end of ['logout', 'closed', 'password'] as const) {
      const first = await login();
      const second = await next(first.refresh_token);
      const admin = await api.as('admin');
      if (end === 'logout') await api.post('/auth/logout', { token: second.access_token });
      if (end === 'closed')
        await api.patch(`/users/${first.user_id}`, { token: admin, body: { active: false } });
      if (end === 'password') await api.delete(`/users/${first.user_id}/sessions`, { token: admin });
      expectProblem(await refresh(first.refresh_token), 401, 'refresh_token_refused');
      expectProblem(await refresh(second.refresh_token), 401, 'refresh_token_refused');
      await expectEnded(first, second);
    }
  });

  it('AUTH-3: the successor is in no store, and nobody can tell it from the token alone', async () => {
    const first = await login();
    const second = await next(first.refresh_token);
    for (const { name } of await db().listCollections().toArray())
      expect(JSON.stringify(await db().collection(name).find().toArray()), name).not.to.include(
        second.refresh_token,
      );
    const guess = createHmac('sha256', 'secret')
      .update(JSON.stringify(['successor', first.refresh_token]))
      .digest('base64url');
    expect(guess).not.equal(second.refresh_token);
    expect(Buffer.from(second.refresh_token, 'base64url').length).equal(32);
  });

  it('AUTH-3: forged tokens, an access token, a device token and a challenge are none; a refresh token is no bearer', async () => {
    const { body } = await api.post('/auth/login', {
      body: { email: (await api.make.account('manager')).email, password },
    });
    const [header, claims, signature] = (body.access_token as string).split('.') as [string, string, string];
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
    const resigned = createHmac('sha256', 'secret').update(`${header}.${claims}`).digest('base64url');
    for (const shown of [
      ...[body.access_token, body.device_token, `${unsigned}.${claims}.`, `${header}.${claims}.${resigned}`],
      ...[`${header}.${Buffer.from('{"sid":"S1"}').toString('base64url')}.${signature}`, randomUUID()],
    ])
      expectProblem(await refresh(shown), 401, 'refresh_token_refused');
    expectProblem(await api.get('/users/me', { token: body.refresh_token }), 401, 'not_signed_in');
    expect((await refresh(body.refresh_token)).status).equal(200);
  });
});

describe('a new device', function () {
  this.timeout(60_000);
  let api: TestApi;
  let smtp: TestSmtp;
  before(async () => {
    smtp = await startSmtp();
    api = await startApi({ SMTP_URL: smtp.url, TRUSTED_PROXY_HOPS: '1' });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });

  const subject = 'A new device has signed in to your account';
  const told = async (email: string): Promise<number> => {
    await api.system.parts.outboxes.mail.drain();
    return smtp.delivered.filter(({ to, headers }) => to.includes(email) && headers['subject'] === subject)
      .length;
  };

  it('AUTH-14: is told to the owner by email, once; a known one, and the first, are not', async () => {
    const { email } = await api.make.account('manager');
    const login = (
      address: string,
      agent: string,
      device_token?: string,
      given = password,
    ): Promise<Answer> =>
      api.post('/auth/login', {
        body: { email, password: given, ...(device_token && { device_token }) },
        headers: { 'x-forwarded-for': address, 'user-agent': agent },
      });
    expect(await told(email)).equal(0);
    const { device_token } = (await login('198.51.100.1', 'phone')).body;
    expect(await told(email)).equal(1);
    await login('198.51.100.1', 'phone');
    await login('198.51.100.2', 'phone', device_token);
    expect(await told(email)).equal(1);
    await login('203.0.113.9', 'thief');
    expect(await told(email)).equal(2);
    const other = await api.make.account('manager');
    const theirs = (await api.post('/auth/login', { body: { email: other.email, password } })).body
      .device_token;
    await login('203.0.113.10', 'thief', theirs);
    expect(await told(email)).equal(3);
    // A wrong password tells nobody anything.
    await login('203.0.113.11', 'thief', undefined, 'Wrong-Horse-9-Battery');
    expect(await told(email)).equal(3);
  });
});
