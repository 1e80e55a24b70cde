import { expect } from 'chai';
import { poll } from '../../../src/databases/embedded/processes.js';
import { openDesk } from '../../money/payments/desk.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { newPatient } from '../../support/people.js';
import { newGuest, words, type Visitor } from '../../web/visitor.js';

type Entry = Record<string, unknown>;

describe('the trail', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => (api = await startApi()));
  after(() => api?.stop());

  const events = () => api.system.around.stores.connection.db!.collection('audit_events');
  const entriesOf = ({ headers }: Pick<Answer, 'headers'>): Promise<Entry[]> =>
    events()
      .find({ request_id: headers.get('x-request-id') })
      .toArray();

  /** The one entry of a request. */
  async function entryOf(
    answer: Pick<Answer, 'headers' | 'status'> & { readonly body?: unknown },
  ): Promise<Entry> {
    const found = await entriesOf(answer);
    expect(found, `${answer.status} ${JSON.stringify(answer.body)}`).to.have.length(1);
    return found[0]!;
  }

  describe('of what is read', () => {
    it('AUTH-8: GET /patients/{id} makes one entry before its answer: who, role, whose, why, from where', async () => {
      const { patient_id } = await api.make.patient();
      const { token, user_id } = await api.make.account('admin');
      const headers = { 'purpose-of-use': 'TREAT' };
      const entry = await entryOf(await api.get(`/patients/${patient_id}`, { token, headers }));
      expect(entry).deep.include({
        ...{ action: 'patient.read', outcome: 'success', problem: null, purpose: 'TREAT' },
        ...{ actor_user_id: user_id, role: 'admin', subject: patient_id, patient_ids: [patient_id] },
        address: '127.0.0.1',
      });
      expect(entry['at']).instanceOf(Date);
    });

    it('AUTH-8: a list makes one entry with all whose records it shows', async () => {
      const token = await api.as('admin');
      for (const _ of [1, 2, 3]) await api.make.patient();
      const answer = await api.get('/patients?limit=3', { token });
      const ids = (answer.body.items as { patient_id: string }[]).map(({ patient_id }) => patient_id);
      expect(ids).to.have.length(3);
      expect(await entryOf(answer)).deep.include({ action: 'patient.list', patient_ids: ids, purpose: null });
      const none = await api.get('/patients?q=nobody-of-this-name', { token });
      expect(await entryOf(none)).deep.include({ action: 'patient.list', patient_ids: [] });
    });

    it('AUTH-8: the records behind a figure of a report make one entry; its figures none', async () => {
      const token = await api.as('admin');
      const visit = await api.make.appointment();
      await api.make.steps(visit.appointment_id, 'checked_in', 'completed');
      const report = '/reports/top-doctors?from=2020-01-01&to=2040-01-01';
      expect(await entriesOf(await api.get(report, { token }))).deep.equal([]);
      const drill = encodeURIComponent(JSON.stringify({ doctor_id: visit.doctor_id }));
      const answer = await api.get(`${report}&drill=${drill}`, { token });
      expect(answer.status, JSON.stringify(answer.body)).equal(200);
      const patient_ids = [visit.patient_id];
      expect(await entryOf(answer)).deep.include({ action: 'report.records', patient_ids });
    });

    it('AUTH-8: a file has its entry as JSON does, and so has the answer that there is nothing new', async () => {
      const token = await api.as('admin');
      const { transaction_id, patient_id } = await (await openDesk(api)).paid();
      const paper = await api.get(`/transactions/${transaction_id}/receipt?format=pdf`, { token });
      expect(paper.headers.get('content-type')).equal('application/pdf');
      const whose = { outcome: 'success', patient_ids: [patient_id] };
      expect(await entryOf(paper)).deep.include({ ...whose, action: 'payment.paper' });
      const { prescription_id } = await api.make.prescription({ patient_id });
      const read = await api.get(`/prescriptions/${prescription_id}`, { token });
      const headers = { 'if-none-match': read.headers.get('etag')!, 'cache-control': 'max-age=0' };
      const again = await api.get(`/prescriptions/${prescription_id}`, { token, headers });
      expect(again.status).equal(304);
      expect(await entryOf(again)).deep.include({ ...whose, action: 'prescription.read' });
    });

    it('AUTH-8, WEB-3: a form that is refused shows the record again, and has an entry that says so', async () => {
      const { visitor, patient_id } = await newGuest(api);
      const { appointment_id } = await api.make.appointment({ patient_id });
      const page = `/my/appointments/${appointment_id}/cancel`;
      const form = await visitor.get(page);
      const refused = await visitor.submit(form, page, { cancellation_reason: 'none such' });
      expect([refused.status, words(refused).includes('Choose why you cancel.')]).deep.equal([400, true]);
      const entry = await entryOf(refused);
      const problem = 'invalid_request';
      expect(entry).deep.include({ action: 'appointment.update', outcome: 'failure', problem });
      expect(entry['patient_ids']).deep.equal([patient_id]);
      const foreign = await api.make.appointment();
      const nobodys = await visitor.post(`/my/appointments/${foreign.appointment_id}/cancel`);
      expect(nobodys.status).equal(400);
      expect(await entriesOf(nobodys)).deep.equal([]);
    });

    it('AUTH-8: refuses a purpose that is none, by name, and shows nothing', async () => {
      const { patient_id } = await api.make.patient();
      const headers = { 'purpose-of-use': 'curiosity' };
      const answer = await api.get(`/patients/${patient_id}`, { token: await api.as('admin'), headers });
      expect([answer.status, answer.body.errors[0].pointer]).deep.equal([400, '/header/Purpose-Of-Use']);
      expect(answer.body.detail).include('TREAT');
      expect(await entriesOf(answer)).deep.equal([]);
    });

    it('AUTH-8: a refusal makes one entry that names whom it asked for; a request that says nothing makes none', async () => {
      const { patient_id } = await api.make.patient();
      const stranger = await newPatient(api);
      const foreign = await api.get(`/patients/${patient_id}`, { token: stranger.token });
      const refused = { outcome: 'failure', problem: 'not_found', patient_ids: [patient_id] };
      expect(foreign.status).equal(404);
      expect(await entryOf(foreign)).deep.include({ ...refused, actor_user_id: stranger.user_id });
      const missing = await api.get('/patients/none-such', { token: await api.as('admin') });
      expect(await entryOf(missing)).deep.include({ ...refused, patient_ids: ['none-such'] });
      const role = await api.get(`/patients/${patient_id}`, { token: await api.as('manager') });
      expect(await entryOf(role)).deep.include({ ...refused, problem: 'forbidden', role: 'manager' });
      for (const wrong of [await api.get(`/patients/${patient_id}`), await api.get('/patients?limit=x')])
        expect(await entriesOf(wrong)).deep.equal([]);
    });
  });

  describe('of what is written', () => {
    it('AUTH-8: each write of a patient, a visit, a prescription makes one entry in its own transaction', async () => {
      const admin = await api.as('admin');
      const made = await api.post('/patients', { token: admin, body: { name: 'Noor', age: 40 } });
      const { patient_id } = made.body;
      const whose = { outcome: 'success', patient_ids: [patient_id] };
      expect(await entryOf(made)).deep.include({ ...whose, action: 'patient.create' });
      const patched = await api.patch(`/patients/${patient_id}`, { token: admin, body: { name: 'Noor B' } });
      expect(await entryOf(patched)).deep.include({ ...whose, action: 'patient.update' });

      const { doctor_id } = await api.make.doctor();
      const doctor = (await api.make.account('doctor', { doctor_id })).token;
      const visit = await api.make.appointment({ patient_id, doctor_id });
      const booked = await events().findOne({ action: 'appointment.book', patient_ids: patient_id });
      expect(booked).deep.include(whose);
      const body = {
        patient_id,
        doctor_id,
        drug: 'Metformin',
        dosage: '500mg',
        frequency: 'Daily',
        cost: 12.5,
      };
      const prescribed = await api.post('/prescriptions', { token: doctor, body });
      expect(await entryOf(prescribed)).deep.include({ ...whose, action: 'prescription.create' });
      const removed = await api.delete(`/prescriptions/${prescribed.body.prescription_id}`, {
        token: doctor,
      });
      expect(removed.status).equal(204);
      expect(await entryOf(removed)).deep.include({ ...whose, action: 'prescription.delete' });
      const gone = await api.delete(`/appointments/${visit.appointment_id}`, { token: admin });
      expect(gone.status).equal(204);
      expect(await entryOf(gone)).deep.include({ ...whose, action: 'appointment.delete' });
      const stale = await api.patch(`/patients/${patient_id}`, {
        ...{ token: admin, body: { name: 'Noor C' }, headers: { 'if-match': '"v1"' } },
      });
      expect(await entryOf(stale)).deep.include({ outcome: 'failure', problem: 'stale_version' });
    });

    it('AUTH-8: a payment and its refund cross from Postgres, once each; a replay has an entry of its own', async () => {
      const desk = await openDesk(api);
      const booking = await desk.booked();
      const headers = { 'idempotency-key': `trail-${booking.appointment_id}` };
      const token = await api.as('admin');
      const paid = await api.post(`/transactions/${booking.appointment_id}`, { token, body: {}, headers });
      expect(paid.status, JSON.stringify(paid.body)).equal(201);
      const has = (answer: Answer) => poll(async () => (await entriesOf(answer)).length > 0, 10_000);
      expect(await has(paid)).equal(true);
      const whose = { outcome: 'success', patient_ids: [booking.patient_id] };
      expect(await entryOf(paid)).deep.include({ ...whose, action: 'payment.pay' });
      const again = await api.post(`/transactions/${booking.appointment_id}`, { token, body: {}, headers });
      expect(again.headers.get('idempotent-replayed')).equal('true');
      expect(await entryOf(again)).deep.include({ ...whose, action: 'payment.pay' });
      const refund = await api.put(`/transactions/${paid.body.transaction_id}`, { token, body: {} });
      expect(refund.status, JSON.stringify(refund.body)).equal(200);
      expect(await has(refund)).equal(true);
      expect(await entryOf(refund)).deep.include({ ...whose, action: 'payment.refund' });
    });
  });

  describe('that cannot be written', () => {
    const take = (validator: object) =>
      api.system.around.stores.connection.db!.command({ collMod: 'audit_events', validator });
    let visitor: Visitor;
    let page: string;
    before(async () => {
      const guest = await newGuest(api);
      const { appointment_id } = await api.make.appointment({ patient_id: guest.patient_id });
      ({ visitor } = guest);
      page = `/my/appointments/${appointment_id}/cancel`;
      await take({ no_entry: true });
    });
    after(() => take({}));

    it('AUTH-8: shows no record and changes none: 503 trail_unavailable', async () => {
      const patients = api.system.around.stores.connection.db!.collection<{ _id: string }>('patients');
      const [known] = await patients.find().limit(1).toArray();
      const token = await api.as('admin');
      const read = await api.get(`/patients/${known!._id}`, { token });
      expect([read.status, read.body.code]).deep.equal([503, 'trail_unavailable']);
      expect(read.headers.get('retry-after')).equal('2');
      const list = await api.get('/patients', { token });
      expect(list.body).not.have.property('items');
      const body = { name: 'Never written' };
      const write = await api.patch(`/patients/${known!._id}`, { token, body });
      expect([write.status, write.body.code]).deep.equal([503, 'trail_unavailable']);
      expect(await patients.findOne({ _id: known!._id })).deep.equal(known);
      const refused = await api.get('/patients/none-such', { token });
      expect([refused.status, refused.body.code]).deep.equal([503, 'trail_unavailable']);
      const records = `/reports/top-doctors?drill=${encodeURIComponent('{"doctor_id":"none"}')}&format=csv`;
      const file = await api.get(records, { token });
      expect([file.status, file.body.code]).deep.equal([503, 'trail_unavailable']);
      const sheet = await visitor.get(page);
      expect([sheet.status, words(sheet).includes('Choose')]).deep.equal([503, false]);
      const form = await visitor.post(page);
      expect([form.status, words(form).includes('Choose')]).deep.equal([503, false]);
      // What is nobody's record is answered all the same.
      expect((await api.get('/hospitals')).status).equal(200);
    });
  });

  it('AUTH-8: no entry holds a name, an email or what somebody wrote', async () => {
    const { patient_id } = await api.make.patient({ name: 'Quetzalcoatl Xiu' });
    const token = await api.as('admin');
    await api.get('/patients?q=Quetzalcoatl', { token });
    await api.get(`/patients/${patient_id}`, { token });
    await api.get('/patients/quetzalcoatl%20xiu', { token });
    expect(JSON.stringify(await events().find().toArray())).not.match(
      /quetzalcoatl|@test\.example|Metformin/i,
    );
  });
});
