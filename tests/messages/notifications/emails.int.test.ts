import { expect } from 'chai';
import { drillAdmin } from '../../../scripts/drill-hospital.js';
import { startApi, openTestSystem, type TestApi } from '../../support/api.js';
import { newPatient, type Account } from '../../support/people.js';
import { testPassword } from '../../support/make.js';
import { startSmtp, type TestSmtp } from './smtp.js';
import { bookedFor, tell } from './tell.js';

const day = 86_400_000;

describe('emails of notifications', function () {
  this.timeout(60_000);
  let smtp: TestSmtp;
  let api: TestApi;
  let patient: Account & { patient_id: string; email: string };
  let token: string;

  before(async () => {
    smtp = await startSmtp();
    api = await startApi({ SMTP_URL: smtp.url, MAIL_FROM: 'Test Hospital <no-reply@hospital.example>' });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });
  beforeEach(async () => {
    patient = (await newPatient(api)) as typeof patient;
    ({ token } = patient);
    smtp.delivered.length = 0;
    delete smtp.refuse.from;
    delete smtp.refuse.rcpt;
    delete smtp.refuse.data;
  });
  afterEach(() => api.clock.set(undefined));

  const drain = (): Promise<void> => api.system.parts.outboxes.mail.drain();
  const collection = (name: string) => api.system.around.stores.connection.collection(name);
  const latest = async () => (await api.get('/notifications?limit=1', { token })).body.items[0];
  const statusOf = async (): Promise<string | null> => (await latest()).email_status;
  /** The entry of the newest notification. */
  const entry = async () =>
    (await collection('outbox').findOne({ 'payload.notification_id': (await latest()).notification_id }))!;
  const later = (ms: number): void => api.clock.set(new Date(api.clock.now().getTime() + ms));

  it('SUP-9: is sent once to the address of the account, in text and in HTML', async () => {
    await tell(api, bookedFor(patient));
    await drain();
    await drain();
    expect(smtp.delivered).to.have.length(1);
    const { from, to, headers, content } = smtp.delivered[0]!;
    expect({ from, to }).to.deep.equal({ from: 'no-reply@hospital.example', to: [patient.email] });
    expect(headers).to.deep.include({
      from: 'Test Hospital <no-reply@hospital.example>',
      to: patient.email,
      subject: 'Appointment booked',
      'auto-submitted': 'auto-generated',
    });
    expect(headers['message-id']).to.equal(
      `<${(await entry())['_id'] as unknown as string}@hospital.example>`,
    );
    expect(headers['content-type']).to.match(/^multipart\/alternative/);
    expect(content)
      .to.include('An appointment with Dr Ada Test is booked for')
      .and.include('<p>An appointment');
    expect(await statusOf()).to.equal('sent');
  });

  it('SUP-9: keeps neither the address nor the text in the outbox', async () => {
    await tell(api, bookedFor(patient));
    const { payload } = await entry();
    expect(payload).to.deep.equal({ notification_id: (await latest()).notification_id });
    await drain();
  });

  it('SUP-9: goes to the address that the user has when it is sent', async () => {
    await smtp.stop();
    await tell(api, bookedFor(patient));
    await drain();
    await collection('users').updateOne(
      { _id: patient.user_id as never },
      { $set: { email: 'new@test.example' } },
    );
    await smtp.start();
    later(2_000);
    await drain();
    expect(smtp.delivered.map(({ to }) => to)).to.deep.equal([['new@test.example']]);
  });

  it('SUP-9: sent again after a crash before its status was stored, it is the same one to the reader', async () => {
    await tell(api, bookedFor(patient));
    await drain();
    const { _id } = await entry();
    const { notification_id } = await latest();
    await collection('notifications').updateOne(
      { _id: notification_id },
      { $set: { email_status: 'waiting' } },
    );
    await collection('outbox').updateOne({ _id }, { $set: { applied_at: null, claimed_until: new Date(0) } });
    await drain();
    const [first, second] = smtp.delivered;
    expect(second!.headers['message-id']).to.equal(first!.headers['message-id']);
    expect(await statusOf()).to.equal('sent');

    // Of a crash after it, nothing is sent again.
    await collection('outbox').updateOne({ _id }, { $set: { applied_at: null, claimed_until: new Date(0) } });
    await drain();
    expect(smtp.delivered).to.have.length(2);
    expect((await entry())['applied_at']).to.be.instanceOf(Date);
  });

  it('SUP-9: is not sent to who wants no emails, or not of this kind; the inbox has it', async () => {
    const prefer = (email: boolean, muted_kinds: string[]) =>
      api.put('/notifications/preferences', { token, body: { email, muted_kinds } });
    const entries = () => collection('outbox').countDocuments({ kind: 'notification.email' });
    const before = await entries();
    for (const [email, muted] of [
      [false, []],
      [true, ['appointment.booked']],
    ] as const) {
      await prefer(email, [...muted]);
      await tell(api, bookedFor(patient));
      expect(await statusOf()).to.equal(null);
    }
    await drain();
    expect([smtp.delivered.length, await entries()]).to.deep.equal([0, before]);
    expect((await api.get('/notifications', { token })).body.items).to.have.length(2);

    await prefer(true, ['payment.paid']);
    await tell(api, bookedFor(patient));
    await drain();
    expect(smtp.delivered).to.have.length(1);
  });

  it('SUP-9: waits while the server is away, and is sent when it is back', async () => {
    await smtp.stop();
    await tell(api, bookedFor(patient));
    api.clock.set(new Date());
    await drain();
    expect(await statusOf()).to.equal('waiting');
    expect(await entry()).to.deep.include({ attempts: 1, applied_at: null });
    await smtp.start();
    await drain();
    expect(smtp.delivered).to.deep.equal([]);
    later(1_000);
    await drain();
    expect(smtp.delivered).to.have.length(1);
    expect(await statusOf()).to.equal('sent');
  });

  for (const [what, part, code] of [
    ['an address that is busy', 'rcpt', 451],
    ['an email that it cannot keep now', 'data', 452],
    ['our sender', 'from', 550],
  ] as const)
    it(`SUP-9: is tried again when the server refuses ${what} (${code})`, async () => {
      smtp.refuse[part] = () => code;
      await tell(api, bookedFor(patient));
      api.clock.set(new Date());
      await drain();
      expect(await statusOf()).to.equal('waiting');
      delete smtp.refuse[part];
      later(1_000);
      await drain();
      expect(smtp.delivered).to.have.length(1);
      expect(await statusOf()).to.equal('sent');
    });

  for (const [what, part, code] of [
    ['the address', 'rcpt', 550],
    ['the email', 'data', 554],
  ] as const)
    it(`SUP-9: is not tried again when the server refuses ${what} for good (${code}), and holds up nobody`, async () => {
      const other = (await newPatient(api)) as typeof patient;
      smtp.refuse[part] = (address) => (address === patient.email ? code : undefined);
      await tell(api, bookedFor(patient));
      await tell(api, bookedFor(other));
      await drain();
      expect(await statusOf()).to.equal('refused');
      expect((await entry())['applied_at']).to.be.instanceOf(Date);
      expect(smtp.delivered.map(({ to }) => to)).to.deep.equal([[other.email]]);
      delete smtp.refuse[part];
      later(day);
      await drain();
      expect(smtp.delivered).to.have.length(1);
    });

  it('SUP-9: is dropped when it could not be sent for two days, or when nobody wants it any more', async () => {
    await smtp.stop();
    await tell(api, bookedFor(patient));
    await drain();
    later(2 * day + 1);
    await drain();
    expect(await statusOf()).to.equal('dropped');

    api.clock.set(undefined);
    await tell(api, bookedFor(patient));
    await drain();
    await api.put('/notifications/preferences', { token, body: { email: false, muted_kinds: [] } });
    await smtp.start();
    later(2_000);
    await drain();
    expect(await statusOf()).to.equal('dropped');
    expect(smtp.delivered).to.deep.equal([]);
  });

  it('SUP-9: is dropped when the account is closed meanwhile', async () => {
    await smtp.stop();
    await tell(api, bookedFor(patient));
    await drain();
    const { notification_id } = await latest();
    const removed = await api.delete(`/patients/${patient.patient_id}`, { token: await api.as('admin') });
    expect(removed.status).to.equal(204);
    await smtp.start();
    later(2_000);
    await drain();
    expect(smtp.delivered).to.deep.equal([]);
    expect(await collection('notifications').findOne({ _id: notification_id })).to.include({
      email_status: 'dropped',
    });
  });

  it('SUP-9: no name adds a header or a recipient', async () => {
    const doctor = 'Dr Ada\r\nBcc: all@hospital.example\r\n\r\n<script>x</script>';
    const message = bookedFor(patient);
    await tell(api, { ...message, facts: { ...message.facts, doctor } });
    await drain();
    const { to, headers, content } = smtp.delivered[0]!;
    expect(to).to.deep.equal([patient.email]);
    expect(headers).to.not.have.property('bcc');
    expect(content).to.include('&lt;script&gt;').and.not.match(/^Bcc:/m);
  });

  it('SUP-9: of two systems on one outbox, one sends it', async () => {
    const many = Array.from({ length: 10 }, (_, i) => ({ ...bookedFor(patient), appointment_id: `A${i}` }));
    await Promise.all(many.map((message) => tell(api, message)));
    const { compose } = await import('../../../src/composition.js');
    const other = compose(api.system.around);
    other.start();
    await Promise.all([drain(), other.outboxes.mail.drain()]);
    await Promise.all([drain(), other.outboxes.mail.drain()]);
    await other.stop();
    expect(new Set(smtp.delivered.map(({ headers }) => headers['message-id'])).size).to.equal(10);
    expect(smtp.delivered).to.have.length(10);
  });
});

describe('a mail server that never answers', function () {
  this.timeout(60_000);

  it('SUP-9: holds up neither the other hand-overs nor the stop', async () => {
    const smtp = await startSmtp({ silent: true });
    const { system, close } = await openTestSystem({ SMTP_URL: smtp.url });
    const { parts, around } = system;
    parts.start();
    const { patient_id } = await parts.patients.forActors.create(drillAdmin, {
      name: 'Pat Test',
      age: 40,
    });
    await parts.accounts.createAccount({
      ...{ email: 'pat@test.example', password: testPassword, name: 'Pat Test', role: 'patient', patient_id },
    });
    await tell({ system } as TestApi, bookedFor({ patient_id }));
    await smtp.asked;
    await parts.outboxes.mongodb.drain();
    await parts.stop();
    const left = await around.stores.connection.collection('notifications').findOne({});
    expect(left).to.include({ email_status: 'waiting' });
    await close();
    await smtp.stop();
  });
});
