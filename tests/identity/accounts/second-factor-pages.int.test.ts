import { expect } from 'chai';
import { totpCode } from '../../../src/domains/identity/accounts/totp.js';
import { startApi, type TestApi } from '../../support/api.js';
import { testPassword as password } from '../../support/make.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor, words } from '../../web/visitor.js';

describe('the pages of a second factor', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  const codeOf = ({ secret }: { secret: string }): string => totpCode(secret, api.clock.now());
  const nextStep = (): void => api.clock.set(new Date(api.clock.now().getTime() + 31_000));

  it('AUTH-11: has pages: set up, sign in by a code, new codes, turned off', async () => {
    const { email } = await api.make.account('manager');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    const begin = await visitor.get('/my/second-factor');
    const refused = await visitor.submit(begin, '/my/second-factor', { password: 'Wrong-Horse-9-Battery' });
    expect([refused.status, words(refused).includes('The password is wrong')]).to.eql([401, true]);
    const shown = await visitor.submit(begin, '/my/second-factor', { password });
    expect(shown.text).to.include('<svg');
    const secret = /Key: <code>([^<]+)</.exec(shown.text)![1]!.replaceAll(' ', '');
    const wrong = await visitor.submit(shown, '/my/second-factor/confirm', { code: 'abcdef' });
    expect([wrong.status, words(wrong).includes('The code is wrong')]).to.eql([401, true]);
    const codes = await visitor.submit(shown, '/my/second-factor/confirm', { code: codeOf({ secret }) });
    expect([codes.status, codes.text.match(/<li><code>/g)!.length]).to.eql([200, 10]);
    nextStep();

    const fresh = createVisitor(api);
    const asked = await fresh.post('/sign-in', { email, password, next: '/my/notices' });
    expect([asked.status, fresh.cookies.size]).to.eql([200, 0]);
    const failed = await fresh.submit(asked, '/sign-in/code', { code: 'abcdef' });
    expect([failed.status, words(failed).includes('You are not signed in')]).to.eql([401, true]);
    const done = await fresh.submit(failed, '/sign-in/code', { code: codeOf({ secret }) });
    expect([done.status, done.to, fresh.cookies.has('access')]).to.eql([303, '/my/notices', true]);
    nextStep();

    const page = await fresh.get('/my/second-factor');
    expect(words(page)).to.include('10 of your recovery codes are left');
    const nothing = await fresh.submit(page, '/my/second-factor/codes', { renewal_code: 'abcdef' });
    expect([nothing.status, words(nothing).includes('Nothing is changed')]).to.eql([401, true]);
    const renewed = await fresh.submit(page, '/my/second-factor/codes', { renewal_code: codeOf({ secret }) });
    expect(words(renewed)).to.include('Your recovery codes');
    nextStep();
    const step = await fresh.get('/my/code?next=/my/notices');
    expect((await fresh.submit(step, '/my/code', { code: 'abcdef' })).status).equal(401);
    expect((await fresh.submit(step, '/my/code', { code: codeOf({ secret }) })).to).equal('/my/notices');
    nextStep();
    expect((await fresh.submit(page, '/my/second-factor/off', { password, code: 'abcdef' })).status).equal(
      401,
    );
    const off = await fresh.submit(page, '/my/second-factor/off', { password, code: codeOf({ secret }) });
    expect(off.to).equal('/my/second-factor');
    expect(words(await fresh.get('/my/second-factor'))).to.include('Your password');
  });
});

describe('a role that must have a second factor', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi({ SECOND_FACTOR_ROLES: 'manager,admin' })));
  after(() => api?.stop());

  it('AUTH-11: can set one up and sign out, and nothing else, until it has', async () => {
    const { token } = await api.make.account('manager');
    const { body } = await api.get('/auth/second-factor', { token });
    expect(body).to.include({ is_demanded: true, since: null });
    expect((await api.get('/users/me', { token })).status).equal(200);
    for (const path of ['/reports/top-doctors', '/notifications', '/auth/sessions'])
      expectProblem(await api.get(path, { token }), 403, 'second_factor_due');
    const begun = await api.post('/auth/second-factor', { token, body: { password } });
    const code = totpCode(begun.body.secret, api.clock.now());
    expect((await api.post('/auth/second-factor/confirm', { token, body: { code } })).status).equal(200);
    expect((await api.get('/notifications', { token })).status).equal(200);
  });

  it('AUTH-11: other roles do without', async () => {
    const { token } = await api.make.account('customer');
    expect((await api.get('/notifications', { token })).status).equal(200);
  });

  it('AUTH-11: its pages lead to setting it up', async () => {
    const { email } = await api.make.account('manager');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    expect((await visitor.get('/overview')).to).equal('/my/second-factor');
    expect(words(await visitor.get('/my/second-factor'))).to.include('Your role needs one');
    expect((await visitor.post('/sign-out')).status).equal(303);
  });
});
