import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startSmtp, type TestSmtp } from '../../messages/notifications/smtp.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { testPassword as password } from '../../support/make.js';
import { expectProblem } from '../../support/people.js';
import { createVisitor, words } from '../../web/visitor.js';

const next = 'Otter-Lantern-Vivid-4';
const home = {
  ...{ label: 'Home', recipient: 'Asha Rao', line1: '12 Harbour Street', city: 'Springfield' },
  ...{ postal_code: '62704', country: 'US', is_default: true },
};
const ward = { ...home, label: 'Ward', line2: 'Floor 3', region: 'IL', is_default: false };

describe('one’s own account', function () {
  this.timeout(60_000);
  let api: TestApi;
  let smtp: TestSmtp;
  before(async () => {
    smtp = await startSmtp();
    api = await startApi({ SMTP_URL: smtp.url });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });

  const db = () => api.system.around.stores.connection.db!;
  const change = (token: string, body: object, headers = {}): Promise<Answer> =>
    api.patch('/users/me', { token, body, headers });
  const subjectsTo = async (email: string): Promise<string[]> => {
    await api.system.parts.outboxes.mail.drain();
    return smtp.delivered.filter(({ to }) => to.includes(email)).map(({ headers }) => headers['subject']!);
  };
  async function vendor(): Promise<{ token: string; id: string }> {
    const about = { business_name: 'Med Ltd', business_registration: 'R-1', service_areas: ['North'] };
    const email = `v.${randomUUID()}@test.example`;
    const { body } = await api.post('/auth/register', {
      body: { name: 'Ann Smith', email, password, role: 'vendor', ...about },
    });
    return { token: body.access_token, id: body.user.id };
  }

  describe('GET and PATCH /users/me', () => {
    it('AUTH-9: takes contact details, and what is left out stays', async () => {
      const { token } = await api.make.account('manager');
      const first = await change(token, { name: 'Asha Rao', phone: '+1 212-555-0142' });
      expect([first.status, first.body.version]).to.eql([200, 2]);
      const second = await change(token, { phone: null });
      expect([second.body.name, second.body.phone]).to.eql(['Asha Rao', null]);
      expect((await api.get('/users/me', { token })).body).to.eql(second.body);
      expectProblem(await change(token, { name: 'X' }, { 'if-match': '"v1"' }), 412, 'stale_version');
      expectProblem(await api.patch('/users/me', { body: { name: 'X' } }), 401, 'not_signed_in');
    });

    it('AUTH-9: refuses what is nobody’s to change, by its name', async () => {
      const { token } = await api.make.account('manager');
      for (const [field, value] of Object.entries({
        ...{
          role: 'admin',
          email: 'x@y.example',
          active: true,
          email_confirmed: true,
          vendor_status: 'approved',
        },
        ...{ version: 9, id: 'U1', patient_id: 'P1', second_factor: true, password: next },
      })) {
        const answer = await change(token, { [field]: value });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).equal(`/body/${field}`);
      }
      for (const body of [{}, { name: '' }, { phone: 'call me' }, { name: 'a\nb' }])
        expectProblem(await change(token, body), 400, 'invalid_request');
    });

    it('AUTH-9: keeps several addresses, exactly one of them the default', async () => {
      const { token } = await api.make.account('customer');
      const { status, body } = await change(token, { addresses: [home, ward] });
      expect(status).equal(200);
      expect(body.addresses.map(({ label, is_default }: typeof home) => [label, is_default])).to.eql([
        ['Home', true],
        ['Ward', false],
      ]);
      const [a, b] = body.addresses as [{ address_id: string }, { address_id: string }];
      expect(a.address_id).to.match(/^AD/);
      const swapped = [
        { ...a, is_default: false },
        { ...b, is_default: true },
      ];
      expect((await change(token, { addresses: swapped })).body.addresses).to.eql(swapped);
      for (const addresses of [
        [home, { ...ward, is_default: true }],
        [ward],
        [
          { ...a, is_default: true },
          { ...a, is_default: false },
        ],
        [{ ...home, country: 'usa' }],
        [{ ...home, city: undefined }],
        [{ ...home, colour: 'red' }],
        Array(21).fill(ward),
      ])
        expectProblem(await change(token, { addresses }), 400, 'invalid_request');
      expect((await api.get('/users/me', { token })).body.addresses).to.eql(swapped);
      expect((await change(token, { addresses: [] })).body.addresses).to.eql([]);
    });

    it('AUTH-9: keeps which notices are emailed, and they are honoured', async () => {
      const { patient_id } = await api.make.patient();
      const { token, email } = await api.make.account('patient', { patient_id });
      const preferences = { email: true, muted_kinds: ['appointment.booked'] };
      expect((await change(token, { notifications: preferences })).body.notifications).to.eql(preferences);
      expect((await api.get('/notifications/preferences', { token })).body).to.eql(preferences);
      const { appointment_id } = await api.make.appointment({ patient_id });
      await api.make.steps(appointment_id, 'cancelled');
      expect(await subjectsTo(email)).to.have.length(1);
      const { items } = (await api.get('/notifications', { token })).body;
      expect(items.length).equal(2);
      const wrong = { email: true, muted_kinds: ['weather'] };
      expectProblem(await change(token, { notifications: wrong }), 400, 'invalid_request');
    });

    it('AUTH-9: takes a vendor’s business, certificates with their expiry, and service areas', async () => {
      const { token } = await vendor();
      const certifications = [{ name: 'GDP', number: 'G-1', expires_on: '2027-01-31' }];
      const { status, body } = await change(token, {
        vendor: { service_areas: ['North', 'South'], certifications },
      });
      expect(status).equal(200);
      expect(body.vendor).to.eql({
        ...{ business_name: 'Med Ltd', business_registration: 'R-1' },
        ...{ service_areas: ['North', 'South'], certifications },
      });
      for (const wrong of [
        {},
        { service_areas: [] },
        { certifications: [{ name: 'GDP', number: 'G-1', expires_on: '2027-02-30' }] },
        { certifications: [{ name: 'GDP', number: 'G-1' }] },
      ])
        expectProblem(await change(token, { vendor: wrong }), 400, 'invalid_request');
      const other = await api.make.account('customer');
      const refused = await change(other.token, { vendor: { service_areas: ['North'] } });
      expectProblem(refused, 400, 'invalid_request');
      expect(refused.body.errors[0].pointer).equal('/body/vendor');
    });

    it('AUTH-9, AUTH-13: a vendor under another name waits for an approval again; other changes do not', async () => {
      const { token, id } = await vendor();
      const admin = await api.as('admin');
      await api.put(`/users/${id}/vendor-status`, { token: admin, body: { status: 'approved' } });
      const areas = await change(token, { vendor: { service_areas: ['East'], business_name: 'Med Ltd' } });
      expect(areas.body.vendor_status).equal('approved');
      const renamed = await change(token, { vendor: { business_name: 'Other Ltd' } });
      expect(renamed.body.vendor_status).equal('pending');
    });
  });

  describe('POST /users/me/password', () => {
    it('AUTH-9: asks for the old one; other sessions end, this one stays; it is audited and told', async () => {
      const { token, email, user_id } = await api.make.account('manager');
      const other = (await api.post('/auth/login', { body: { email, password } })).body;
      const ask = (current_password: string, chosen = next): Promise<Answer> =>
        api.post('/users/me/password', { token, body: { current_password, password: chosen } });
      expectProblem(await ask('Wrong-Horse-9-Battery'), 401, 'wrong_credentials');
      expectProblem(await ask(password, 'Hospital2026'), 400, 'weak_password');
      expectProblem(await ask('x'.repeat(80)), 400, 'invalid_request');
      expect((await api.get('/users/me', { token: other.access_token })).status).equal(200);
      expect((await ask(password)).status).equal(204);
      expect((await api.get('/users/me', { token })).status).equal(200);
      expectProblem(await api.get('/users/me', { token: other.access_token }), 401, 'not_signed_in');
      const refresh = await api.post('/auth/refresh', { body: { refresh_token: other.refresh_token } });
      expectProblem(refresh, 401, 'refresh_token_refused');
      const login = (given: string) => api.post('/auth/login', { body: { email, password: given } });
      expectProblem(await login(password), 401, 'wrong_credentials');
      expect((await login(next)).status).equal(200);
      expect(await subjectsTo(email)).to.include('Your password was changed');
      const events = await db()
        .collection('audit_events')
        .find({ subject: user_id, action: 'auth.password_changed' })
        .sort({ _id: 1 })
        .toArray();
      expect(events.map(({ outcome }) => outcome)).to.eql(['failure', 'success']);
      const anonymous = { body: { current_password: password, password: next } };
      expectProblem(await api.post('/users/me/password', anonymous), 401, 'not_signed_in');
    });
  });

  it('AUTH-9, AUTH-3: has pages: contact, addresses, notices, password, sessions', async () => {
    const { email, token } = await api.make.account('customer');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    const page = await visitor.get('/account');
    expect(words(page)).to.include(email);
    const wrong = await visitor.submit(page, '/account', { name: 'Asha Rao', phone: 'call me' });
    expect([wrong.status, words(wrong).includes('Enter a telephone number')]).to.eql([400, true]);
    expect((await visitor.submit(page, '/account', { name: 'Asha Rao' })).to).equal('/account');
    const { is_default: _, ...fields } = home;
    const lacking = await visitor.submit(page, '/account/addresses', { ...fields, country: 'USA' });
    expect([lacking.status, words(lacking).includes('Enter the two letters')]).to.eql([400, true]);
    for (const label of ['Home', 'Ward'])
      expect(
        (await visitor.submit(page, '/account/addresses', { ...fields, label, country: 'us' })).to,
      ).equal('/account');
    const mine = async () => (await api.get('/users/me', { token })).body;
    const [first, second] = (await mine()).addresses;
    expect([first.is_default, second.is_default, first.country]).to.eql([true, false, 'US']);
    await visitor.submit(await visitor.get('/account'), `/account/addresses/${second.address_id}/default`);
    expect((await mine()).addresses[1].is_default).equal(true);
    const removing = `/account/addresses/${second.address_id}/remove`;
    await visitor.submit(await visitor.get('/account'), removing);
    expect((await mine()).addresses).to.eql([{ ...first, is_default: true }]);
    expect((await visitor.post(removing)).status).equal(404);
    await visitor.submit(page, '/account/notices', { email_notices: 'on', payment_paid: 'on' });
    const { notifications } = await mine();
    expect([notifications.email, notifications.muted_kinds.includes('payment.paid')]).to.eql([true, false]);
    expect(notifications.muted_kinds).to.include('appointment.booked');
    const failed = await visitor.submit(page, '/account/password', {
      ...{ current_password: 'Wrong-Horse-9-Battery', password: next },
    });
    expect([failed.status, words(failed).includes('That is not your password')]).to.eql([401, true]);

    const sessions = await visitor.get('/account/sessions');
    expect(words(sessions)).to.include('This one');
    const { items } = (await api.get('/auth/sessions', { token })).body;
    const own = items.find(({ current }: { current: boolean }) => current).id;
    expect((await visitor.submit(sessions, `/account/sessions/${own}/end`)).to).equal('/account/sessions');
    expectProblem(await api.get('/users/me', { token }), 401, 'not_signed_in');
    expect((await visitor.post('/account/sessions/S-none/end')).status).equal(404);
    const done = await visitor.submit(page, '/account/password', {
      current_password: password,
      password: next,
    });
    expect(done.to).equal('/account');
    expect((await visitor.get('/account')).status).equal(200);
    expect((await createVisitor(api).get('/account')).to).equal('/sign-in?next=%2Faccount');
  });
});
