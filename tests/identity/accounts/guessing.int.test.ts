import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createHttp } from '../../../src/serving.js';
import { startServer } from '../../../src/http/server.js';
import { pauseAfter } from '../../../src/domains/identity/accounts/guesses.js';
import { openSystem } from '../../../src/system.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor } from '../../web/visitor.js';

const password = 'Correct-Horse-9-Battery';
const wrong = 'Wrong-Horse-9-Battery';
const address = (n: number): string => `198.51.${100 + Math.floor(n / 200)}.${(n % 200) + 1}`;

describe('guessing the password of an account', function () {
  this.timeout(120_000);
  let api: TestApi;
  let second: { url: string; stop(): Promise<void> };
  before(async () => {
    api = await startApi({ LOGIN_ATTEMPTS: '5', TRUSTED_PROXY_HOPS: '1' });
    const { config, logger, stores } = api.system.around;
    const system = await openSystem({ config, logger, dbName: stores.connection.name });
    const app = createHttp(system.parts, system.around, () => true);
    const server = await startServer(app, { host: '127.0.0.1', port: 0 });
    second = {
      url: server.url,
      async stop() {
        await server.stop();
        await system.close();
      },
    };
  });
  after(async () => {
    await second?.stop();
    await api?.stop();
  });

  const events = () => api.system.around.stores.connection.db!.collection('audit_events');
  const hashed = (): Promise<number> => events().countDocuments({ action: 'auth.login' });
  async function login(
    body: { email: string; password: string; device_token?: string },
    from = address(0),
    url = api.url,
  ): Promise<Answer> {
    const response = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  async function owner(): Promise<{ email: string; device_token: string }> {
    const email = `owner.${randomUUID()}@test.example`;
    await api.system.parts.accounts.createAccount({ email, password, name: 'Owner', role: 'manager' });
    const { body } = await login({ email, password });
    return { email, device_token: body.device_token };
  }
  const guess = async (email: string, times: number, addresses: number): Promise<Answer[]> => {
    const answers: Answer[] = [];
    const one = async (n: number): Promise<void> => {
      const url = n % 2 === 0 ? api.url : second.url;
      answers.push(await login({ email, password: wrong }, address(n % addresses), url));
    };
    for (let n = 0; n < times; n += 50)
      await Promise.all(Array.from({ length: Math.min(50, times - n) }, (_, k) => one(n + k)));
    return answers;
  };

  /** Five are free; after them 2, 4, 8 … seconds pass between two. */
  function mostIn(seconds: number): number {
    let paused = 1;
    for (let at = 0; at <= seconds; paused++) at += pauseAfter(paused);
    return 5 + paused;
  }
  /** Makes the pauses of now last, however slow this machine is. */
  const stayPaused = () =>
    api.system.around.stores.connection
      .db!.collection('rate_limits')
      .updateMany({ key: /^guess_turn:/ }, { $set: { expire: new Date(Date.now() + 3_600_000), points: 1 } });

  it('AUTH-14: 1,000 guesses from 200 addresses over two servers: few reach the hash, and the owner gets in', async () => {
    const { email, device_token } = await owner();
    const before = await hashed();
    const begun = performance.now();
    const guesses = guess(email, 1000, 200);
    expect((await login({ email, password, device_token }, address(1))).status).equal(200);
    const answers = await guesses;
    const seconds = (performance.now() - begun) / 1000;
    expect((await login({ email, password, device_token }, address(1))).status).equal(200);
    const refused = answers.filter(({ status }) => status === 429);
    const tried = (await hashed()) - before - 2;
    expect(tried).to.be.within(5, mostIn(seconds));
    expect(refused.length).equal(1000 - tried);
    for (const { body, headers } of refused) {
      expect(body.code).equal('too_many_requests');
      expect(Number(headers.get('retry-after'))).to.be.within(1, 1800);
    }
    process.stderr.write(`      1,000 guesses in ${seconds.toFixed(1)} s: ${tried} reached the hash\n`);
  });

  it('AUTH-14: 100 from 20 addresses are answered alike for an account that is there and one that is not', async () => {
    const { email } = await owner();
    const of = async (name: string): Promise<[number, number]> => {
      const begun = performance.now();
      const answers = await guess(name, 100, 20);
      expect(answers.filter(({ status }) => status === 401).length).to.be.within(
        5,
        mostIn((performance.now() - begun) / 1000),
      );
      const bodies = answers.filter(({ status }) => status === 401).map(({ body }) => body.code as string);
      expect(new Set(bodies)).to.eql(new Set(['wrong_credentials']));
      return [bodies.length, answers.filter(({ status }) => status === 429).length];
    };
    for (const name of [email, `nobody.${randomUUID()}@test.example`]) {
      const [let_in, refused] = await of(name);
      expect(let_in + refused).equal(100);
    }
  });

  it('AUTH-14: a device is known to the account that it signed in to, and to no other; guesses from it count too', async () => {
    const mine = await owner();
    const theirs = await owner();
    await guess(mine.email, 20, 20);
    await stayPaused();
    const foreign = { email: mine.email, password, device_token: theirs.device_token };
    expectProblem(await login(foreign, address(3)), 429, 'too_many_requests');
    for (const token of ['x', `${mine.device_token}x`, mine.device_token.replace(/^[^/]+/, 'DV1')])
      expectProblem(await login({ ...foreign, device_token: token }, address(4)), 429, 'too_many_requests');
    const device = { email: mine.email, device_token: mine.device_token };
    for (let n = 0; n < 6; n++)
      expectProblem(await login({ ...device, password: wrong }, address(n)), 401, 'wrong_credentials');
    await stayPaused();
    expectProblem(await login({ ...device, password }, address(9)), 429, 'too_many_requests');
  });

  it('AUTH-14: the right password makes the next attempts free again', async () => {
    const { email } = await owner();
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++)
        expect((await login({ email, password: wrong }, address(n))).status).equal(401);
      expect((await login({ email, password })).status).equal(200);
    }
  });

  it('AUTH-14: a browser stays a known device after signing out; its cookie signs nobody in', async () => {
    const { email } = await owner();
    const visitor = createVisitor(api);
    const signIn = () => visitor.post('/sign-in', { email, password });
    expect((await signIn()).status).equal(303);
    await visitor.post('/sign-out');
    expect([...visitor.cookies.keys()]).to.eql(['device']);
    expect((await visitor.get('/my/notices')).to).to.match(/^\/sign-in/);
    await guess(email, 20, 20);
    await stayPaused();
    expect((await createVisitor(api).post('/sign-in', { email, password })).status).equal(429);
    expect((await signIn()).status).equal(303);
  });

  it('AUTH-14: pauses grow to half an hour', () => {
    expect([1, 2, 3, 10, 11, 1000].map(pauseAfter)).to.eql([2, 4, 8, 1024, 1800, 1800]);
  });
});
