import { expect } from 'chai';
import { createHttp } from '../../src/serving.js';
import type { Config } from '../../src/config.js';
import { startServer } from '../../src/http/server.js';
import { startApi, type TestApi } from '../support/api.js';
import { testPassword } from '../support/make.js';
import { createVisitor, newGuest, words } from './visitor.js';

/* Who is let in, by which cookies, and whose forms are taken. */

describe('the sessions of the pages', () => {
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  const account = async () =>
    api.make.account('patient', { patient_id: (await api.make.patient()).patient_id });
  /** A second server over the same services, with other settings. */
  async function withConfig(changes: Partial<Config>, test: (at: { url: string }) => Promise<void>) {
    const { parts, around } = api.system;
    const app = createHttp(parts, { ...around, config: { ...around.config, ...changes } }, () => true);
    const server = await startServer(app, { host: '127.0.0.1', port: 0 });
    await test(server).finally(() => server.stop());
  }
  const sessionsOf = (token: string) => api.get('/auth/sessions', { token });

  describe('POST /sign-in', () => {
    it('AUTH-2: keeps both tokens in cookies that no script and no other site can use', async () => {
      const { email } = await account();
      const { status, headers, to } = await createVisitor(api).post('/sign-in', {
        email,
        password: testPassword,
      });
      expect({ status, to }).deep.equal({ status: 303, to: '/my/appointments' });
      const cookies = headers.getSetCookie();
      expect(cookies.map((cookie) => cookie.replace(/=[^;]+/, '=…')).sort()).deep.equal([
        'access=…; Path=/; HttpOnly; SameSite=Strict',
        'device=…; Path=/; HttpOnly; SameSite=Strict; Max-Age=34560000',
        'refresh=…; Path=/; HttpOnly; SameSite=Strict',
      ]);
      expect(headers.get('cache-control')).equal('no-store');
    });

    it('AUTH-2: in production sends them over HTTPS only, to this very host', async () => {
      const { email } = await account();
      await withConfig({ production: true }, async (secure) => {
        const { headers } = await createVisitor(secure).post('/sign-in', { email, password: testPassword });
        const cookies = headers.getSetCookie().map((cookie) => cookie.replace(/=[^;]+/, '=…'));
        expect(cookies.sort()).deep.equal([
          '__Host-access=…; Path=/; HttpOnly; SameSite=Strict; Secure',
          '__Host-device=…; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=34560000',
          '__Host-refresh=…; Path=/; HttpOnly; SameSite=Strict; Secure',
        ]);
      });
    });

    it('AUTH-2: refuses an unknown email and a wrong password alike, and never shows the password again', async () => {
      const { email } = await account();
      const visitor = createVisitor(api);
      const wrong = await visitor.post('/sign-in', { email, password: 'Wrong-Horse-9-Battery' });
      const unknown = await visitor.post('/sign-in', {
        email: 'no@body.example',
        password: 'Wrong-Horse-9-Battery',
      });
      expect([wrong.status, unknown.status]).deep.equal([401, 401]);
      expect(wrong.text.replaceAll(email, '')).equal(unknown.text.replaceAll('no@body.example', ''));
      expect(wrong.text).to.include(email).and.include('role="alert"');
      expect(wrong.text).to.not.include('Wrong-Horse');
      expect(visitor.cookies.size).equal(0);
    });

    it('WEB-3: leads from each mistake to its field', async () => {
      const page = await createVisitor(api).post('/sign-in', { email: 'nonsense' });
      expect(page.status).equal(400);
      for (const field of ['email', 'password']) {
        expect(page.text).to.include(`<a href="#${field}">`);
        expect(page.text).to.match(
          new RegExp(
            `<input[^>]*id="${field}"[^>]*aria-describedby="${field}-mistake"[^>]*aria-invalid="true"`,
          ),
        );
      }
    });

    it('WEB-3: goes on to a page of ours only', async () => {
      const { email } = await account();
      for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', '/api/users/me'])
        expect((await createVisitor(api).post('/sign-in', { email, password: testPassword, next })).to).equal(
          '/my/appointments',
        );
      const visitor = createVisitor(api);
      const asked = await visitor.get('/my/appointments/A1?x=%22');
      expect(asked).to.include({ status: 303, to: '/sign-in?next=%2Fmy%2Fappointments%2FA1%3Fx%3D%2522' });
      const form = await visitor.get(asked.to!);
      const done = await visitor.submit(form, '/sign-in', { email, password: testPassword });
      expect(done.to).equal('/my/appointments/A1?x=%22');
      expect((await visitor.get('/sign-in?next=//evil.example')).to).equal('/my/appointments');
    });
  });

  it('AUTH-4: counts sign-ins together with those of the API, by address and account', async () => {
    const limits = { login: 3, auth: 100_000, write: 100_000, read: 100_000 };
    await withConfig({ limits }, async (strict) => {
      const body = { email: 'counted@b.example', password: 'Wrong-Horse-9-Battery' };
      const visitor = createVisitor(strict);
      const byApi = async () =>
        (
          await fetch(`${strict.url}/api/auth/login`, {
            method: 'POST',
            body: JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          })
        ).status;
      expect(await byApi()).equal(401);
      expect((await visitor.post('/sign-in', body)).status).equal(401);
      expect(await byApi()).equal(401);
      const refused = await visitor.post('/sign-in', { ...body, email: 'COUNTED@b.example' });
      expect(refused.status).equal(429);
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
      expect(words(refused)).to.include('Wait a minute');
      expect((await visitor.post('/sign-in', { ...body, email: 'other@b.example' })).status).equal(401);
    });
  });

  describe('the cookies', () => {
    it('AUTH-3: mean nothing to the API', async () => {
      const { visitor, token } = await newGuest(api);
      const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      for (const path of ['/users/me', '/appointments/mine'])
        expect((await api.get(path, { headers: { cookie } })).status, path).equal(401);
      expect((await api.get('/users/me', { token, headers: { cookie } })).status).equal(200);
      // And a bearer token means nothing to the pages.
      const bearer = await createVisitor(api).get('/my/appointments', { authorization: `Bearer ${token}` });
      expect(bearer.status).equal(303);
    });

    it('AUTH-3: of one cookie in the place of the other nobody is let in', async () => {
      const { visitor } = await newGuest(api);
      const access = visitor.cookies.get('access')!;
      const refresh = visitor.cookies.get('refresh')!;
      for (const [name, value] of [
        ['access', refresh],
        ['refresh', access],
        ['access', `${access.slice(0, -3)}abc`],
        ['access', 'nonsense'],
      ]) {
        const thief = createVisitor(api);
        thief.cookies.set(name!, value!);
        const page = await thief.get('/my/appointments');
        expect(page.status).to.be.oneOf([303, 307]);
        expect((await thief.get('/my/appointments')).to).to.match(/^\/sign-in/);
      }
      expect((await visitor.get('/my/appointments')).status).equal(200);
    });

    it('AUTH-3: are renewed when the access token is of no use any more, and the form comes again with them', async () => {
      const { visitor } = await newGuest(api);
      const before = visitor.cookies.get('refresh');
      visitor.cookies.delete('access');
      const renewed = await visitor.post('/my/notices/read', { form_key: 'k' });
      expect(renewed).to.include({ status: 307, to: '/my/notices/read' });
      expect(visitor.cookies.get('refresh')).to.be.a('string').and.not.equal(before);
      expect((await visitor.post('/my/notices/read', { form_key: 'k' })).to).equal('/my/notices');
    });

    it('AUTH-3: five tabs that open at once are given the same ones, and nobody is signed out', async () => {
      const { visitor } = await newGuest(api);
      visitor.cookies.delete('access');
      const old = visitor.cookies.get('refresh')!;
      const tabs = await Promise.all(
        Array.from({ length: 5 }, () => {
          const tab = createVisitor(api);
          tab.cookies.set('refresh', old);
          return tab.get('/my/appointments').then((page) => ({ tab, page }));
        }),
      );
      expect(tabs.map(({ page }) => `${page.status} ${page.to}`)).deep.equal(
        Array(5).fill('307 /my/appointments'),
      );
      const given = new Set(tabs.map(({ tab }) => tab.cookies.get('refresh')));
      expect([given.size, given.has(old)]).deep.equal([1, false]);
      const after = await Promise.all(tabs.map(({ tab }) => tab.get('/my/appointments')));
      expect(after.map(({ status }) => status)).deep.equal(Array(5).fill(200));
    });

    it('AUTH-3: an ended session leads to signing in, and takes the cookies back', async () => {
      const { visitor, token } = await newGuest(api);
      const { items } = (await sessionsOf(token)).body;
      for (const { id, current } of items) if (!current) await api.delete(`/auth/sessions/${id}`, { token });
      expect((await visitor.get('/my/appointments')).status).equal(307);
      expect([...visitor.cookies.keys()]).deep.equal(['device']);
      expect((await visitor.get('/my/appointments')).to).to.match(/^\/sign-in\?next=/);
    });
  });

  describe('POST /sign-out', () => {
    it('AUTH-3: ends the session and takes the cookies back', async () => {
      const { visitor } = await newGuest(api);
      const kept = new Map(visitor.cookies);
      const out = await visitor.post('/sign-out');
      expect(out).to.include({ status: 303, to: '/book' });
      expect([...visitor.cookies.keys()]).deep.equal(['device']);
      const thief = createVisitor(api);
      for (const [name, value] of kept) thief.cookies.set(name, value);
      await thief.get('/my/appointments');
      expect((await thief.get('/my/appointments')).to).to.match(/^\/sign-in/);
    });
  });

  describe('POST /register', () => {
    const person = () => ({
      name: 'Asha Rao',
      date_of_birth: '1980-02-29',
      sex: 'female',
      email: `asha.${crypto.randomUUID()}@test.example`,
      password: testPassword,
    });

    it('AUTH-1: makes an account of a patient and signs in to it', async () => {
      const visitor = createVisitor(api);
      const done = await visitor.post('/register', { ...person(), next: '/book?q=heart' });
      expect(done).to.include({ status: 303, to: '/book?q=heart' });
      expect(words(await visitor.get('/my/appointments'))).to.include('Signed in as Asha Rao');
    });

    it('AUTH-1, AUTH-5: refuses a weak password, a taken email, a missing field and any other role', async () => {
      const visitor = createVisitor(api);
      const { email } = await account();
      for (const [fields, status, said] of [
        [{ ...person(), password: 'short' }, 400, 'The password needs 12 characters'],
        [{ ...person(), email }, 409, 'There is an account with this email'],
        [{ ...person(), date_of_birth: '1980-02-30' }, 400, 'Enter your date of birth'],
        [{ ...person(), name: '' }, 400, 'Enter your name'],
        [{ ...person(), role: 'admin' }, 400, 'not as it should be'],
      ] as const) {
        const page = await visitor.post('/register', fields);
        expect({ said, status: page.status }).deep.equal({ said, status });
        expect(words(page)).to.include(said);
      }
      expect(visitor.cookies.size).equal(0);
    });
  });
});
