import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createProvider } from '../../../src/domains/identity/accounts/providers.js';
import { totpCode } from '../../../src/domains/identity/accounts/totp.js';
import { readConfig } from '../../../src/config.js';
import { startApi, type TestApi } from '../../support/api.js';
import { testPassword as password } from '../../support/make.js';
import { createVisitor, words, type Shown, type Visitor } from '../../web/visitor.js';
import { clientId, clientSecret, startForger, startGithub, startProvider } from './issuers.js';

const publicUrl = 'https://care.example';
const back = '/sign-in/with/openid/back';
const settings = { OPENID_CLIENT_ID: clientId, OPENID_CLIENT_SECRET: clientSecret, PUBLIC_URL: publicUrl };
const unverified = 'No account here goes with that one';

describe('signing in by an OpenID provider', function () {
  this.timeout(60_000);
  let api: TestApi;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  before(async () => {
    provider = await startProvider(publicUrl + back);
    api = await startApi({ ...settings, OPENID_ISSUER: provider.url, OPENID_NAME: 'Ward login' });
  });
  after(async () => {
    await api?.stop();
    await provider?.stop();
  });
  afterEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;

  /** Goes on at the provider as a browser does, until it leads back to us: the path there. */
  async function atProvider(start: string): Promise<string> {
    const cookies = new Map<string, string>();
    for (let url = start, hops = 0; hops < 10; hops++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const set of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
        cookies.set(name!, value!);
      }
      const to = answer.headers.get('location');
      if (!to) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
      if (to.startsWith(publicUrl)) return to.slice(publicUrl.length);
      url = new URL(to, url).href;
    }
    throw new Error('the provider leads nowhere');
  }
  async function signIn(
    visitor: Visitor,
    email: string,
    { verified = true, sub = `s-${email}`, next = '' } = {},
  ): Promise<Shown> {
    provider.now.signedIn = { sub, email, email_verified: verified };
    const { to } = await visitor.get(`/sign-in/with/openid${next}`);
    return visitor.get(await atProvider(to!));
  }
  const isIn = async (visitor: Visitor): Promise<boolean> =>
    (await visitor.get('/my/notices')).status === 200;
  const identities = (user_id: string): Promise<number> =>
    db().collection('login_identities').countDocuments({ user_id });

  it('AUTH-7: sends the browser there with PKCE, state and nonce, and keeps what it needs sealed', async () => {
    const visitor = createVisitor(api);
    const page = await visitor.get('/sign-in?next=/my/notices');
    expect(words(page)).to.include('Sign in with Ward login').and.not.include('Google');
    const { status, to, headers } = await visitor.get('/sign-in/with/openid?next=/my/notices');
    expect(status).equal(303);
    const { searchParams } = new URL(to!);
    expect(Object.fromEntries(searchParams)).to.include({
      ...{ client_id: clientId, response_type: 'code', scope: 'openid email' },
      ...{ code_challenge_method: 'S256', redirect_uri: publicUrl + back },
    });
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(searchParams.get(name)!.length).to.be.greaterThan(40);
    const [cookie] = headers.getSetCookie();
    expect(cookie).to.match(/^flow=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/);
    for (const name of ['state', 'nonce']) expect(cookie).not.to.include(searchParams.get(name)!);
    expect((await visitor.get('/sign-in/with/google')).status).equal(404);
  });

  it('AUTH-7: links by an address that both sides have verified, once, and goes on where it was to', async () => {
    const { email, user_id } = await api.make.account('manager');
    const visitor = createVisitor(api);
    const done = await signIn(visitor, email.toUpperCase(), { sub: user_id, next: '?next=/my/notices' });
    expect([done.status, done.headers.get('refresh')]).to.eql([200, '0; url=/my/notices']);
    expect([visitor.cookies.has('flow'), await isIn(visitor)]).to.eql([false, true]);
    expect(await identities(user_id)).equal(1);
    // From then on by who it is there, whatever the address there becomes.
    const later = createVisitor(api);
    await signIn(later, `moved.${email}`, { sub: user_id, verified: false });
    expect([await isIn(later), await identities(user_id)]).to.eql([true, 1]);
    const audited = await db()
      .collection('audit_events')
      .countDocuments({ subject: user_id, action: 'account.identity_linked' });
    expect(audited).equal(1);
  });

  it('AUTH-7: an address that is not verified there, not confirmed here, or nobody’s, is let in nowhere', async () => {
    const { email, user_id } = await api.make.account('manager');
    const fresh = `ann.${randomUUID()}@test.example`;
    const registered = await api.post('/auth/register', {
      body: { name: 'Ann Smith', email: fresh, password, role: 'customer', type: 'individual' },
    });
    const invited = `invited.${randomUUID()}@test.example`;
    await api.post('/auth/register', {
      token: await api.as('admin'),
      body: { name: 'Ann Smith', email: invited, role: 'admin' },
    });
    for (const [address, verified] of [
      [email, false],
      [fresh, true],
      [invited, true],
      [`nobody.${randomUUID()}@test.example`, true],
    ] as const) {
      const visitor = createVisitor(api);
      const refused = await signIn(visitor, address, { verified });
      expect([refused.status, words(refused).includes(unverified)], address).to.eql([403, true]);
      expect([...visitor.cookies.keys()].filter((name) => name !== 'flow')).to.eql([]);
    }
    expect(await identities(user_id)).equal(0);
    expect(await identities(registered.body.user.id)).equal(0);
  });

  it('AUTH-7: a closed account is let in nowhere, linked or not', async () => {
    const { email, user_id } = await api.make.account('manager');
    await signIn(createVisitor(api), email, { sub: user_id });
    await api.patch(`/users/${user_id}`, { token: await api.as('admin'), body: { active: false } });
    const visitor = createVisitor(api);
    expect((await signIn(visitor, email, { sub: user_id })).status).equal(403);
    expect(await isIn(visitor)).equal(false);
  });

  it('AUTH-7, AUTH-11: a second factor is asked for all the same', async () => {
    const { email, user_id, token } = await api.make.account('manager');
    const { secret } = (await api.post('/auth/second-factor', { token, body: { password } })).body;
    const code = () => ({ code: totpCode(secret, api.clock.now()) });
    await api.post('/auth/second-factor/confirm', { token, body: code() });
    api.clock.set(new Date(Date.now() + 31_000));
    const visitor = createVisitor(api);
    const asked = await signIn(visitor, email, { sub: user_id });
    expect([words(asked).includes('Enter a code'), visitor.cookies.has('access')]).to.eql([true, false]);
    expect((await visitor.submit(asked, '/sign-in/code', { code: 'abcdef' })).status).equal(401);
    expect((await visitor.submit(asked, '/sign-in/code', code())).status).equal(303);
    expect(await isIn(visitor)).equal(true);
  });

  it('AUTH-7: another state, another browser, a second use, a late answer and an error are refused', async () => {
    const { email, user_id } = await api.make.account('manager');
    provider.now.signedIn = { sub: user_id, email, email_verified: true };
    const begin = async (visitor: Visitor): Promise<string> =>
      atProvider((await visitor.get('/sign-in/with/openid')).to!);
    const refused = async (visitor: Visitor, path: string): Promise<void> => {
      expect((await visitor.get(path)).status, path).equal(401);
      expect(await isIn(visitor)).equal(false);
    };
    const mine = createVisitor(api);
    const path = await begin(mine);
    const changed = new URL(path, publicUrl);
    changed.searchParams.set('state', 'another');
    await refused(mine, changed.pathname + changed.search);
    // A thief who lets somebody come back with the thief's own code.
    await refused(createVisitor(api), path);
    const other = createVisitor(api);
    await other.get('/sign-in/with/openid');
    await refused(other, path);
    const elsewhere = createVisitor(api);
    elsewhere.cookies.set('flow', `${mine.cookies.get('flow')!.slice(0, -4)}AAAA`);
    await refused(elsewhere, path);
    const flow = mine.cookies.get('flow')!;
    expect((await mine.get(path)).status).equal(200);
    const again = createVisitor(api);
    again.cookies.set('flow', flow);
    await refused(again, path);
    const late = createVisitor(api);
    const latePath = await begin(late);
    api.clock.set(new Date(Date.now() + 601_000));
    await refused(late, latePath);
    api.clock.set(undefined);
    const denied = createVisitor(api);
    const { to } = await denied.get('/sign-in/with/openid');
    const state = new URL(to!).searchParams.get('state')!;
    await refused(denied, `${back}?error=access_denied&state=${state}`);
    await refused(denied, back);
  });
});

describe('an OpenID issuer that lies', function () {
  this.timeout(60_000);
  let api: TestApi;
  let forger: Awaited<ReturnType<typeof startForger>>;
  before(async () => {
    forger = await startForger();
    api = await startApi({ ...settings, OPENID_ISSUER: forger.url });
  });
  after(async () => {
    await api?.stop();
    await forger?.stop();
  });

  it('AUTH-7: another nonce, issuer, audience, key, no signature, an expired token: refused; the right one is taken', async () => {
    const { email, user_id } = await api.make.account('manager');
    forger.saying.person = { sub: user_id, email, email_verified: true };
    const past = Math.floor(Date.now() / 1000) - 3600;
    const come = async (visitor: Visitor): Promise<Shown> => {
      const { searchParams } = new URL((await visitor.get('/sign-in/with/openid')).to!);
      forger.saying.nonce = searchParams.get('nonce')!;
      return visitor.get(`${back}?code=c&state=${searchParams.get('state')}`);
    };
    for (const forged of [
      ...[{ nonce: 'another' }, { iss: 'https://evil.example' }, { aud: 'another-client' }, { exp: past }],
      ...([{ alg: 'none' }, { alg: 'other-key' }] as const),
    ]) {
      forger.saying.forged = forged;
      const visitor = createVisitor(api);
      expect((await come(visitor)).status, JSON.stringify(forged)).equal(401);
      expect(visitor.cookies.has('access')).equal(false);
    }
    // What is said to be verified must be said so, and not in words.
    for (const email_verified of [false, 'true', 1, null]) {
      forger.saying.forged = { email_verified };
      expect((await come(createVisitor(api))).status, String(email_verified)).equal(403);
    }
    forger.saying.forged = {};
    const visitor = createVisitor(api);
    expect((await come(visitor)).status).equal(200);
    expect((await visitor.get('/my/notices')).status).equal(200);
  });

  it('AUTH-7: one that cannot be reached is a page that says so, and is asked again', async () => {
    forger.saying.isDown = true;
    const other = await startApi({ ...settings, OPENID_ISSUER: forger.url });
    try {
      const visitor = createVisitor(other);
      expect((await visitor.get('/sign-in/with/openid')).status).equal(401);
      forger.saying.isDown = false;
      expect((await visitor.get('/sign-in/with/openid')).status).equal(303);
    } finally {
      forger.saying.isDown = false;
      await other.stop();
    }
  });
});

describe('signing in with GitHub', () => {
  const own = { id: 'github', name: 'GitHub', clientId, clientSecret };
  const come = async (emails: Parameters<typeof startGithub>[0]) => {
    const github = await startGithub(emails);
    try {
      const provider = createProvider({ ...own, issuer: github.url });
      const { url, flow } = await provider.begin(`${publicUrl}/sign-in/with/github/back`);
      expect(new URL(url).searchParams.get('code_challenge_method')).to.equal('S256');
      const wrong = new URL(`${publicUrl}/sign-in/with/github/back?code=c&state=another`);
      const refused = await provider.finish(wrong, flow).then(
        () => 'taken',
        () => 'refused',
      );
      expect(refused).to.equal('refused');
      wrong.searchParams.set('state', flow.state);
      return { known: await provider.finish(wrong, flow), seen: github.seen };
    } finally {
      await github.stop();
    }
  };

  it('AUTH-7: asks its API who it is, and takes the primary address if it is verified', async () => {
    const other = { email: 'other@test.example', primary: false, verified: true };
    const mine = { email: 'asha@test.example', primary: true, verified: true };
    const { known, seen } = await come([other, mine]);
    expect(known).to.eql({ subject: '4711', email: 'asha@test.example' });
    expect(seen).to.eql([
      'POST /login/oauth/access_token',
      ...['GET /api/user Bearer gho_1', 'GET /api/user/emails Bearer gho_1'],
    ]);
    expect((await come([{ ...mine, verified: false }, other])).known.email).to.equal(null);
    expect((await come([])).known.email).to.equal(null);
  });

  it('AUTH-7: settings of a provider go together, and an issuer in the clear is refused in production', () => {
    for (const one of [
      { OAUTH_GOOGLE_CLIENT_ID: 'x' },
      { OAUTH_GITHUB_CLIENT_SECRET: 'x' },
      { OPENID_ISSUER: 'https://login.example' },
      { OPENID_ISSUER: 'https://login.example', OPENID_CLIENT_ID: 'x' },
    ])
      expect(() => readConfig({ NODE_ENV: 'test', ...one }), JSON.stringify(one)).to.throw('go together');
    const clear = { ...settings, OPENID_ISSUER: 'http://login.example' };
    expect(() => readConfig({ NODE_ENV: 'production', ...clear })).to.throw('must be https in production');
    const { providers } = readConfig({
      ...{ NODE_ENV: 'test', OAUTH_GOOGLE_CLIENT_ID: 'x', OAUTH_GOOGLE_CLIENT_SECRET: 'y' },
    });
    expect(providers.map(({ id }) => id)).to.eql(['google']);
  });
});
