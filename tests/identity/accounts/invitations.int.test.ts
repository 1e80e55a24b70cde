import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startSmtp, type TestSmtp } from '../../messages/notifications/smtp.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { expectProblem, nthSlot } from '../../support/people.js';
import { createVisitor, hiddenFields, words } from '../../web/visitor.js';
import { linkOf } from './letters.js';

const password = 'Correct-Horse-9-Battery';
const own = 'Otter-Lantern-Vivid-4';
const fresh = (): string => `invited.${randomUUID()}@test.example`;
const staff = ['doctor', 'manager', 'admin', 'pharmacist'];

describe('accounts that wait for their owner', function () {
  this.timeout(60_000);
  let api: TestApi;
  let smtp: TestSmtp;
  before(async () => {
    smtp = await startSmtp();
    api = await startApi({ SMTP_URL: smtp.url, PUBLIC_URL: 'https://care.example' });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });
  afterEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;
  const register = (fields: Record<string, unknown>, token?: string): Promise<Answer> =>
    api.post('/auth/register', { body: { name: 'Ann Smith', password, ...fields }, token });
  const accept = (token: string, chosen = own): Promise<Answer> =>
    api.post('/auth/invitations/accept', { body: { token, password: chosen } });
  const login = (email: string, given: string): Promise<Answer> =>
    api.post('/auth/login', { body: { email, password: given } });
  const later = (hours: number): void => api.clock.set(new Date(Date.now() + hours * 3_600_000));
  async function mailed(to: string, subject: string): Promise<string> {
    await api.system.parts.outboxes.mail.drain();
    return smtp.delivered.find((one) => one.to.includes(to) && one.headers['subject'] === subject)!.content;
  }
  async function invite(role = 'manager'): Promise<{ email: string; user_id: string; token: string }> {
    const email = fresh();
    const { status, body } = await register({ email, role }, await api.as('admin'));
    expect(status).equal(201);
    return { email, user_id: body.user.id, token: await linkOf(api, email, 'invitation') };
  }

  it('AUTH-13: whatever account an admin asks for is invited, and the answer has no tokens of it', async () => {
    const admin = await api.as('admin');
    for (const role of [...staff, 'patient']) {
      const email = fresh();
      const { status, body } = await register({ email, role }, admin);
      expect([role, status, body.user.role]).to.eql([role, 201, role]);
      expect(Object.keys(body).sort(), role).to.eql(['invitation', 'user']);
      expect(JSON.stringify(body), role).not.to.match(/token/);
      const sessions = await db().collection('sessions').countDocuments({ user_id: body.user.id });
      expect(sessions, role).equal(0);
      // Not by the password that the admin may have sent, nor by any other.
      expectProblem(await login(email, password), 401, 'wrong_credentials');
    }
  });

  it('AUTH-13: the link comes by email, and is in no store', async () => {
    const { email, token } = await invite();
    const content = await mailed(email, 'You are invited to an account');
    expect(content.replaceAll('=\r\n', '')).to.include(`https://care.example/invitation?token=`);
    for (const { name } of await db().listCollections().toArray())
      expect(JSON.stringify(await db().collection(name).find().toArray()), name).not.to.include(token);
  });

  it('AUTH-13: is accepted once, with a password of one’s own, which confirms the address', async () => {
    const { email, token } = await invite();
    expectProblem(await accept(token, 'Hospital2026'), 400, 'weak_password');
    const { status, body } = await accept(token);
    expect([status, body.user.email, body.user.email_confirmed]).to.eql([200, email, true]);
    expect((await api.get('/users/me', { token: body.access_token })).body.role).equal('manager');
    expectProblem(await accept(token), 410, 'link_not_valid');
    expect((await login(email, own)).status).equal(200);
    expectProblem(await login(email, password), 401, 'wrong_credentials');
  });

  it('AUTH-13: of ten that accept at once one is let in', async () => {
    const { token } = await invite();
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(token)));
    expect(answers.map(({ status }) => status).sort()).to.eql([200, ...Array<number>(9).fill(410)]);
  });

  it('AUTH-13: a link that is old, replaced, changed, of another kind or made up is refused alike', async () => {
    const { token, user_id } = await invite();
    const [link_id, mac] = token.split('.') as [string, string];
    const email = fresh();
    await register({ email });
    const bad = [
      ...['', 'x', `${link_id}`, `${link_id}.`, `${link_id}.${mac.slice(1)}`, `L1.${mac}`, `.${mac}`],
      await linkOf(api, email, 'confirmation'),
    ];
    for (const wrong of bad.filter(Boolean)) expectProblem(await accept(wrong), 410, 'link_not_valid');
    const admin = await api.as('admin');
    expectProblem(await api.post(`/users/${user_id}/invitation`, { token: admin }), 429, 'too_many_requests');
    later(1);
    expect((await api.post(`/users/${user_id}/invitation`, { token: admin })).status).equal(200);
    expectProblem(await accept(token), 410, 'link_not_valid');
    const { email: other, token: old } = await invite();
    later(80);
    expectProblem(await accept(old), 410, 'link_not_valid');
    expectProblem(await login(other, own), 401, 'wrong_credentials');
  });

  it('AUTH-13: an accepted invitation, and a user that is not there, are not invited again', async () => {
    const token = await api.as('admin');
    const invited = await invite();
    await accept(invited.token);
    expectProblem(await api.post(`/users/${invited.user_id}/invitation`, { token }), 409, 'step_done');
    expectProblem(await api.post('/users/U-none/invitation', { token }), 404, 'not_found');
  });

  it('AUTH-13: its page takes the password and signs in; a used link is a page that says so', async () => {
    const { email, token } = await invite('manager');
    const visitor = createVisitor(api);
    const page = await visitor.get(`/invitation?token=${token}`);
    expect([page.status, words(page).includes(email)]).to.eql([200, true]);
    const weak = await visitor.submit(page, '/invitation', { password: 'Hospital2026' });
    expect([weak.status, words(weak).includes('The invitation is not accepted')]).to.eql([400, true]);
    const done = await visitor.post('/invitation', { ...hiddenFields(page, '/invitation'), password: own });
    expect([done.status, done.to]).to.eql([303, '/overview']);
    expect(visitor.cookies.has('access')).equal(true);
    expect((await visitor.get(`/invitation?token=${token}`)).status).equal(410);
  });

  it('AUTH-13: until the address is confirmed an account books two visits at the most', async () => {
    const email = fresh();
    const { access_token: token } = (await register({ email })).body;
    const doctor = await api.make.doctor();
    const book = (n: number): Promise<Answer> =>
      api.post(`/bookings/${doctor.doctor_id}`, { token, body: { booking_date_time: nthSlot(n) } });
    expect([(await book(0)).status, (await book(4)).status]).to.eql([201, 201]);
    const third = await book(8);
    expectProblem(third, 409, 'too_many_bookings');
    expect(third.body.detail).to.include('confirm');
    const link = await linkOf(api, email, 'confirmation');
    expect((await mailed(email, 'Confirm your email address')).replaceAll('=\r\n', '')).to.include(
      'https://care.example/confirm-email',
    );
    const page = await createVisitor(api).get(`/confirm-email?token=${link}`);
    expect(page.status).equal(200);
    expect((await api.get('/users/me', { token })).body.email_confirmed).equal(false);
    expect((await createVisitor(api).submit(page, '/confirm-email')).status).equal(200);
    expect((await api.get('/users/me', { token })).body.email_confirmed).equal(true);
    expectProblem(await api.post('/auth/confirm', { body: { token: link } }), 410, 'link_not_valid');
    expectProblem(await api.post('/auth/confirmation', { token }), 409, 'step_done');
    expect((await book(8)).status).equal(201);
  });

  it('AUTH-13: the link to confirm is sent again when asked for, and the former one is good no more', async () => {
    const email = fresh();
    const { access_token: token } = (await register({ email })).body;
    const first = await linkOf(api, email, 'confirmation');
    expectProblem(await api.post('/auth/confirmation', { token }), 429, 'too_many_requests');
    await db()
      .collection('account_links')
      .updateMany({}, { $set: { created_at: new Date(0) } });
    expect((await api.post('/auth/confirmation', { token })).status).equal(200);
    expectProblem(await api.post('/auth/confirm', { body: { token: first } }), 410, 'link_not_valid');
    const second = await linkOf(api, email, 'confirmation');
    expect((await api.post('/auth/confirm', { body: { token: second } })).status).equal(204);
  });

  it('AUTH-13: accounts of before and those that the system makes count as confirmed', async () => {
    const { token, user_id } = await api.make.account('customer');
    const users = db().collection<{ _id: string }>('users');
    await users.updateOne({ _id: user_id }, { $unset: { email_confirmed: 1, vendor_status: 1 } });
    const { body } = await api.get('/users/me', { token });
    expect([body.email_confirmed, body.vendor_status]).to.eql([true, null]);
  });

  it('AUTH-13: a vendor waits for an admin, who approves or refuses, audited', async () => {
    const about = { business_name: 'Med Ltd', business_registration: 'R-1', service_areas: ['North'] };
    const { body } = await register({ email: fresh(), role: 'vendor', ...about });
    expect(body.user.vendor_status).equal('pending');
    const path = `/users/${body.user.id}/vendor-status`;
    const decide = (token: string, status: string): Promise<Answer> =>
      api.put(path, { token, body: { status } });
    expectProblem(await decide(body.access_token, 'approved'), 403, 'forbidden');
    const admin = await api.as('admin');
    expectProblem(await decide(admin, 'perhaps'), 400, 'invalid_request');
    for (const status of ['approved', 'refused', 'approved'])
      expect((await decide(admin, status)).body.vendor_status).equal(status);
    expect((await api.get('/users/me', { token: body.access_token })).body.vendor_status).equal('approved');
    const audited = await db()
      .collection('audit_events')
      .countDocuments({ action: 'account.vendor_decided', subject: body.user.id });
    expect(audited).equal(3);
    const { user_id } = await api.make.account('customer');
    const wrong = await api.put(`/users/${user_id}/vendor-status`, {
      token: admin,
      body: { status: 'approved' },
    });
    expectProblem(wrong, 404, 'not_found');
  });
});

describe('emails about accounts without a mail server', () => {
  it('AUTH-13: are files that the operator alone reads', async () => {
    const { mkdtemp, readdir, readFile, rm, stat } = await import('node:fs/promises');
    const { join } = await import('node:path');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(join(tmpdir(), 'accounts-mail-'));
    const api = await startApi({ DATA_DIR: folder });
    try {
      const email = fresh();
      await register();
      await api.system.parts.outboxes.mail.drain();
      const [file] = await readdir(join(folder, 'mail'));
      const path = join(folder, 'mail', file!);
      expect((await readFile(path, 'utf8')).includes(email)).equal(true);
      expect((await stat(path)).mode & 0o777).equal(0o600);
      async function register(): Promise<void> {
        const body = { name: 'Ann Smith', email, password, role: 'customer', type: 'individual' };
        expect((await api.post('/auth/register', { body })).status).equal(201);
      }
    } finally {
      await api.stop();
      await rm(folder, { recursive: true });
    }
  });
});
