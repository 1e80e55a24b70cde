import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';
import { createVisitor, hiddenFields, newGuest } from './visitor.js';

/* Whose forms are taken, and what a page may do in a browser. */

describe('the safety of the pages', () => {
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  const sessionsOf = (token: string) => api.get('/auth/sessions', { token });

  describe('forms that others send', () => {
    it('WEB-3: are refused with 403, and change nothing', async () => {
      const { visitor, token } = await newGuest(api);
      const open = (await sessionsOf(token)).body.items.length;
      const strange: Record<string, string>[] = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: '' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'none' },
        { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
      ];
      for (const headers of strange) {
        const refused = await visitor.post('/sign-out', {}, headers);
        expect({ headers, status: refused.status }).deep.equal({ headers, status: 403 });
        expect((await visitor.post('/sign-in', { email: 'a@b.example' }, headers)).status).equal(403);
      }
      expect((await sessionsOf(token)).body.items.length).equal(open);
      expect((await visitor.get('/my/appointments')).status).equal(200);
    });

    it('WEB-3: from somebody who is not signed in any more lead to signing in, and back to their page', async () => {
      const { doctor_id } = await api.make.doctor();
      const from = `/book/doctors/${doctor_id}`;
      const send = (referer: string) => createVisitor(api).post(`${from}/hold`, {}, { referer });
      expect((await send(`${api.url}${from}`)).to).equal(`/sign-in?next=${encodeURIComponent(from)}`);
      expect((await send(`https://evil.example${from}`)).to).equal('/sign-in');
    });

    it('WEB-3: are refused in another form, too long or without the key of their sending', async () => {
      const { visitor } = await newGuest(api);
      const { doctor_id } = await api.make.doctor();
      const action = `/book/doctors/${doctor_id}/hold`;
      const json = { 'content-type': 'application/json' };
      expect((await visitor.post(action, {}, json)).status).to.be.oneOf([400, 415]);
      expect((await visitor.post(action, {}, { 'content-type': 'text/plain' })).status).equal(415);
      expect((await visitor.post(action, { start: 'x'.repeat(20_000) })).status).equal(413);
      const page = await visitor.get(`/book/doctors/${doctor_id}`);
      const [, start] = /name="start" value="([^"]*)"/.exec(page.text)!;
      expect((await visitor.post(action, { start: start! })).status).equal(400);
      const nested = { ...hiddenFields(page, action), 'start[$gt]': '' };
      expect((await visitor.post(action, nested)).status).equal(400);
      expect((await visitor.post(action, { ...hiddenFields(page, action), start: start! })).status).equal(
        303,
      );
    });
  });

  it('WEB-3: names that every object has are no fields of a form, and are told of as any other', async () => {
    const send = (name: string) => {
      const fields = new URLSearchParams([
        [name, '1'],
        ['email', 'a@b.example'],
        ['password', 'x'],
      ]);
      const headers = { origin: api.url, 'content-type': 'application/x-www-form-urlencoded' };
      return fetch(`${api.url}/sign-in`, { method: 'POST', headers, body: fields.toString() });
    };
    for (const name of ['__proto__', 'constructor', 'toString', 'other']) {
      const page = await send(name);
      expect({ name, status: page.status }).deep.equal({ name, status: 400 });
      expect(await page.text())
        .to.include('Something in the address or the form')
        .and.include('value="a@b.example"');
    }
  });

  it('WEB-3: what others put behind an address means nothing', async () => {
    const visitor = createVisitor(api);
    for (const path of ['/book?utm_source=x', '/sign-in?fbclid=x', '/book?constructor=x'])
      expect({ path, status: (await visitor.get(path)).status }).deep.equal({ path, status: 200 });
  });

  describe('every page', () => {
    it('WEB-3: runs no script, loads nothing from elsewhere, is framed by nobody and kept by no cache', async () => {
      const { visitor } = await newGuest(api);
      for (const path of [
        '/book',
        '/sign-in',
        '/register',
        '/my/appointments',
        '/my/notices',
        '/book/none',
      ]) {
        const { headers, text } = await createVisitor(api)
          .get(path)
          .then((page) => (page.to ? visitor.get(path) : page));
        expect(headers.get('content-security-policy')).equal(
          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
        expect(headers.get('x-frame-options')).equal('DENY');
        expect(headers.get('referrer-policy')).equal('same-origin');
        expect(headers.get('cache-control')).equal('no-store');
        expect(text).to.not.match(/<script|\sstyle=|\son\w+=|javascript:/i);
      }
    });

    it('AUTH-5: takes a password masked, and from a manager of passwords', async () => {
      const { visitor } = await newGuest(api);
      const pages = [
        ...(await Promise.all(['/sign-in', '/register'].map((path) => createVisitor(api).get(path)))),
        ...(await Promise.all(['/account', '/my/second-factor'].map((path) => visitor.get(path)))),
      ];
      for (const { text } of pages) {
        const fields = text.match(/<input\s[^>]*name="[a-z_]*password"[^>]*>/g) ?? [];
        expect(fields).to.not.be.empty;
        for (const field of fields)
          expect(field)
            .to.include('type="password"')
            .and.match(/autocomplete="(current|new)-password"/)
            .and.not.include('onpaste');
      }
    });

    it('AUTH-3: has the way out for who is signed in', async () => {
      const { visitor } = await newGuest(api);
      for (const path of ['/book', '/my/appointments', '/my/notices', '/account', '/account/sessions'])
        expect((await visitor.get(path)).text, path).to.include('action="/sign-out"');
    });

    it('WEB-3: has a stylesheet that a browser may keep, under an address of its content', async () => {
      const page = await createVisitor(api).get('/book');
      const [, href] = /rel="stylesheet" href="([^"]*)"/.exec(page.text)!;
      const css = await createVisitor(api).get(href!);
      expect(css.status).equal(200);
      expect(css.headers.get('content-type')).to.match(/^text\/css/);
      expect(css.headers.get('cache-control')).to.include('immutable');
      expect(css.text).to.not.match(/url\(|@import/);
    });

    it('WEB-3: is a page also when there is none, or it is not for this account', async () => {
      const visitor = createVisitor(api);
      const { email } = await api.make.account('doctor', { doctor_id: (await api.make.doctor()).doctor_id });
      await visitor.signIn(email);
      for (const [path, status] of [
        ['/book/none', 404],
        ['/my/none/such', 404],
        ['/my/appointments', 403],
        ['/my/notices', 200],
      ] as const) {
        const page = await visitor.get(path);
        expect({ path, status: page.status }).deep.equal({ path, status });
        expect(page.headers.get('content-type')).to.match(/^text\/html/);
        expect(page.text)
          .to.match(/^<!doctype html>/)
          .and.include('<h1');
      }
      const missing = await api.get('//bookkeeping');
      expect(missing.headers.get('content-type')).to.match(/^application\/problem\+json/);
    });
  });
});
