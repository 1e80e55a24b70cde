import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startSmtp, type TestSmtp } from '../../messages/notifications/smtp.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor, hiddenFields, words } from '../../web/visitor.js';
import { linkOf } from './letters.js';

const former = 'Correct-Horse-9-Battery';
const next = 'Otter-Lantern-Vivid-4';

describe('a forgotten password', function () {
  this.timeout(60_000);
  let api: TestApi;
  let smtp: TestSmtp;
  before(async () => {
    smtp = await startSmtp();
    api = await startApi({
      SMTP_URL: smtp.url,
      PUBLIC_URL: 'https://care.example',
      TRUSTED_PROXY_HOPS: '1',
      RATE_LIMIT_LOGIN: '20',
    });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });
  afterEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;
  const nobody = (): string => `nobody.${randomUUID()}@test.example`;
  const forgot = (email: string, headers: Record<string, string> = {}, body = {}): Promise<Answer> =>
    api.post('/auth/forgot', { body: { email, ...body }, headers });
  const reset = (token: string, password = next): Promise<Answer> =>
    api.post('/auth/reset', { body: { token, password } });
  const login = (email: string, password: string): Promise<Answer> =>
    api.post('/auth/login', { body: { email, password } });
  const later = (minutes: number): void => api.clock.set(new Date(Date.now() + minutes * 60_000));
  const subjectsTo = async (email: string): Promise<string[]> => {
    await api.system.parts.outboxes.mail.drain();
    return smtp.delivered.filter(({ to }) => to.includes(email)).map(({ headers }) => headers['subject']!);
  };
  async function forgetful(): Promise<{ email: string; user_id: string; token: string }> {
    const { email, user_id } = await api.make.account('manager');
    expect((await forgot(email)).status).equal(204);
    // A link that is used by then is sent no more.
    await api.system.parts.outboxes.mail.drain(30_000);
    return { email, user_id, token: await linkOf(api, email, 'reset') };
  }

  it('AUTH-12: a link comes by email, and is in no store', async () => {
    const { email, token } = await forgetful();
    expect(await subjectsTo(email)).to.eql(['Choose a new password']);
    const { content } = smtp.delivered.find(({ to }) => to.includes(email))!;
    expect(content.replaceAll('=\r\n', '')).to.include('https://care.example/reset?token=');
    for (const { name } of await db().listCollections().toArray())
      expect(JSON.stringify(await db().collection(name).find().toArray()), name).not.to.include(token);
  });

  it('AUTH-12: it takes a new password once, ends all sessions, is audited and told by email', async () => {
    const { email, user_id, token } = await forgetful();
    const sessions = [await login(email, former), await login(email, former)];
    expectProblem(await reset(token, 'Hospital2026'), 400, 'weak_password');
    expectProblem(await reset(token, 'x'.repeat(80)), 400, 'invalid_request');
    const done = await reset(token);
    expect([done.status, done.body]).to.eql([204, undefined]);
    for (const { body } of sessions) {
      expectProblem(await api.get('/users/me', { token: body.access_token }), 401, 'not_signed_in');
      const again = await api.post('/auth/refresh', { body: { refresh_token: body.refresh_token } });
      expectProblem(again, 401, 'refresh_token_refused');
    }
    expectProblem(await login(email, former), 401, 'wrong_credentials');
    expect((await login(email, next)).status).equal(200);
    expectProblem(await reset(token), 410, 'link_not_valid');
    expect(await subjectsTo(email)).to.eql(['Choose a new password', 'Your password was changed']);
    const audited = await db().collection('audit_events').find({ subject: user_id }).toArray();
    const actions = audited.map(({ action, outcome }) => `${action} ${outcome}`);
    expect(actions).to.include('auth.reset_asked success').and.include('auth.password_changed success');
  });

  it('AUTH-12: of ten that use it at once one changes the password', async () => {
    const { token } = await forgetful();
    const answers = await Promise.all(Array.from({ length: 10 }, () => reset(token)));
    expect(answers.map(({ status }) => status).sort()).to.eql([204, ...Array<number>(9).fill(410)]);
  });

  it('AUTH-12: a link lives 30 minutes', async () => {
    const { token } = await forgetful();
    later(31);
    expectProblem(await reset(token), 410, 'link_not_valid');
    api.clock.set(undefined);
    later(29);
    expect((await reset(token)).status).equal(204);
  });

  it('AUTH-12: one that is replaced, changed, of another kind, of another address or made up is refused alike', async () => {
    const { email, user_id, token } = await forgetful();
    const [link_id, mac] = token.split('.') as [string, string];
    const invited = `invited.${randomUUID()}@test.example`;
    const body = { name: 'Ann Smith', email: invited, role: 'manager' };
    await api.post('/auth/register', { token: await api.as('admin'), body });
    const invitation = await linkOf(api, invited, 'invitation');
    for (const wrong of ['x', link_id, `${link_id}.${mac.slice(1)}`, `L1.${mac}`, invitation])
      expectProblem(await reset(wrong), 410, 'link_not_valid');
    const wrongKind = await api.post('/auth/invitations/accept', { body: { token, password: next } });
    expectProblem(wrongKind, 410, 'link_not_valid');
    // Within a minute nothing is sent, and the first one stays good.
    expect((await forgot(email)).status).equal(204);
    expect(await linkOf(api, email, 'reset')).equal(token);
    later(2);
    await forgot(email);
    expectProblem(await reset(token), 410, 'link_not_valid');
    const second = await linkOf(api, email, 'reset');
    const users = db().collection<{ _id: string }>('users');
    await users.updateOne({ _id: user_id }, { $set: { email_key: `moved.${email}` } });
    expectProblem(await reset(second), 410, 'link_not_valid');
  });

  it('AUTH-12: a closed account gets none; one that is invited may begin by it', async () => {
    const { email, user_id } = await api.make.account('manager');
    const users = db().collection<{ _id: string }>('users');
    await users.updateOne({ _id: user_id }, { $set: { active: false } });
    expect((await forgot(email)).status).equal(204);
    expect(await subjectsTo(email)).to.eql([]);
    const invited = `invited.${randomUUID()}@test.example`;
    const body = { name: 'Ann Smith', email: invited, role: 'manager' };
    await api.post('/auth/register', { token: await api.as('admin'), body });
    const invitation = await linkOf(api, invited, 'invitation');
    await forgot(invited);
    expect((await reset(await linkOf(api, invited, 'reset'))).status).equal(204);
    expect((await login(invited, next)).body.user.email_confirmed).equal(true);
    const late = await api.post('/auth/invitations/accept', {
      body: { token: invitation, password: former },
    });
    expectProblem(late, 410, 'link_not_valid');
  });

  it('AUTH-12: a known and an unknown email are answered alike, with the same writes, and no email to nobody', async () => {
    const counts = async (): Promise<Record<string, number>> => {
      const names = ['account_links', 'outbox', 'audit_events', 'rate_limits', 'users', 'sessions'];
      const of = async (name: string) => [name, await db().collection(name).countDocuments()] as const;
      return Object.fromEntries(await Promise.all(names.map(of)));
    };
    const seen = async (email: string) => {
      const before = await counts();
      const { status, body, headers } = await forgot(email);
      const after = await counts();
      const written = Object.keys(before).map((name) => after[name]! - before[name]!);
      const kept = [...headers].filter(([name]) => !/^(date|x-request-id|ratelimit-)/.test(name));
      return { status, body, kept, written };
    };
    const { email } = await api.make.account('manager');
    await subjectsTo(email);
    const unknown = nobody();
    // What waits to be sent is taken away when it is: each is looked at by what it is while it waits.
    const [known, none] = [await seen(email), await seen(unknown)];
    expect({ ...none, written: 0 }).to.eql({ ...known, written: 0 });
    expect([known.written[0], none.written[0]]).to.eql([1, 1]);
    expect(known.written[2]).equal(none.written[2]);
    expect(await subjectsTo(unknown)).to.eql([]);
    const links = JSON.stringify(await db().collection('account_links').find().toArray());
    expect(links).not.to.include(unknown);
  });

  it('AUTH-12, AUTH-14: asked often for one address it pauses, known or not; a known device and other addresses go on', async () => {
    const { email } = await api.make.account('manager');
    const { device_token } = (await login(email, former)).body;
    const from = (n: number) => ({ 'x-forwarded-for': `198.51.100.${n}` });
    for (const address of [email, nobody()]) {
      const answers: Answer[] = [];
      for (let n = 1; n <= 12; n++) answers.push(await forgot(address, from(n)));
      expect(answers.slice(0, 5).map(({ status }) => status)).to.eql(Array(5).fill(204));
      const last = answers.at(-1)!;
      expectProblem(last, 429, 'too_many_requests');
      expect(Number(last.headers.get('retry-after'))).to.be.within(1, 1800);
    }
    expect((await forgot(email, from(20), { device_token })).status).equal(204);
    expect((await forgot(nobody(), from(1))).status).equal(204);
    // And by address and account, as sign-ins are.
    const many: number[] = [];
    for (let n = 0; n < 21; n++) many.push((await forgot('someone@test.example', from(99))).status);
    expect(many.at(-1)).equal(429);
  });

  it('AUTH-12: after a reset the account is free of the pauses that guesses have left', async () => {
    const { email, token } = await forgetful();
    const counted = (): Promise<number> =>
      db()
        .collection('rate_limits')
        .countDocuments({ key: /^guess:/, points: 3 });
    const former = await counted();
    for (let n = 0; n < 3; n++)
      expectProblem(await login(email, 'Wrong-Horse-9-Battery'), 401, 'wrong_credentials');
    expect(await counted()).equal(former + 1);
    await reset(token);
    expect(await counted()).equal(former);
  });

  it('AUTH-12: refuses what is no email, and a field it does not know', async () => {
    expectProblem(await forgot('nonsense'), 400, 'invalid_request');
    expectProblem(await forgot(nobody(), {}, { role: 'admin' }), 400, 'invalid_request');
    expectProblem(await api.post('/auth/reset', { body: { token: 'x' } }), 400, 'invalid_request');
  });

  it('AUTH-12: has pages, which say the same of everybody and sign nobody in', async () => {
    const { email } = await api.make.account('manager');
    const visitor = createVisitor(api);
    expect(words(await visitor.get('/sign-in'))).to.include('Forgot your password?');
    const form = await visitor.get('/forgot');
    const wrong = await visitor.submit(form, '/forgot', { email: 'nonsense' });
    expect([wrong.status, words(wrong).includes('Enter your email')]).to.eql([400, true]);
    const sent = await visitor.submit(form, '/forgot', { email });
    const unknown = nobody();
    const none = await createVisitor(api).submit(form, '/forgot', { email: unknown });
    expect([sent.status, none.status]).to.eql([200, 200]);
    expect(sent.text.replaceAll(email, '')).equal(none.text.replaceAll(unknown, ''));
    const token = await linkOf(api, email, 'reset');
    const page = await visitor.get(`/reset?token=${token}`);
    expect([page.status, words(page).includes(email)]).to.eql([200, true]);
    const weak = await visitor.submit(page, '/reset', { password: 'Hospital2026' });
    expect([weak.status, words(weak).includes('The password is not changed')]).to.eql([400, true]);
    const done = await visitor.post('/reset', { ...hiddenFields(page, '/reset'), password: next });
    expect([done.status, words(done).includes('Your password is changed')]).to.eql([200, true]);
    expect(visitor.cookies.size).equal(0);
    for (const bad of [token, 'x', '']) expect((await visitor.get(`/reset?token=${bad}`)).status).equal(410);
    expect((await visitor.post('/reset', { ...hiddenFields(page, '/reset'), password: next })).status).equal(
      410,
    );
  });
});
