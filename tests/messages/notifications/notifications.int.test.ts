import { expect } from 'chai';
import { MongoError } from 'mongodb';
import { createTransact } from '../../../src/databases/mongo/mongo.js';
import type { NewNotification } from '../../../src/contracts/notifications.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, expectSameRefusal, newDoctor, newPatient } from '../../support/people.js';
import { bookedFor, tell } from './tell.js';

describe('the inbox', function () {
  this.timeout(60_000);
  let api: TestApi;
  let patient: Awaited<ReturnType<typeof newPatient>>;
  let token: string;

  before(async () => {
    api = await startApi();
  });
  after(() => api?.stop());
  beforeEach(async () => {
    patient = await newPatient(api);
    ({ token } = patient);
  });
  afterEach(() => api.clock.set(undefined));

  const inbox = async (query = '') => (await api.get(`/notifications${query}`, { token })).body;

  describe('notify', () => {
    it('SUP-9: tells the user who is the patient, and nobody else', async () => {
      const other = await newPatient(api);
      await tell(api, bookedFor(patient));
      const { items } = await inbox();
      expect(items).to.have.length(1);
      expect(items[0]).to.deep.include({
        kind: 'appointment.booked',
        title: 'Appointment booked',
        body: 'An appointment with Dr Ada Test is booked for Mon 1 March 2027, 10:00 (UTC+00:00).',
        appointment_id: 'A1',
        email_status: null,
        read_at: null,
      });
      expect((await api.get('/notifications', { token: other.token })).body.items).to.deep.equal([]);
    });

    it('SUP-9: tells the user who is the doctor', async () => {
      const doctor = await newDoctor(api);
      await tell(api, { ...bookedFor(patient), to: { doctor_id: doctor.doctor_id } });
      expect((await api.get('/notifications', { token: doctor.token })).body.items).to.have.length(1);
      expect((await inbox()).items).to.deep.equal([]);
    });

    it('SUP-9: tells nobody of a patient without an account, or of one who is gone', async () => {
      const { patient_id } = await api.make.patient();
      const notifications = api.system.around.stores.connection.collection('notifications');
      const before = await notifications.countDocuments();
      await tell(api, bookedFor({ patient_id }));
      await tell(api, bookedFor({ patient_id: 'P-none' }));
      expect(await notifications.countDocuments()).to.equal(before);
    });

    it('SUP-9: tells once when the transaction is tried again, and not at all when it fails', async () => {
      const transact = createTransact(api.system.around.stores.connection);
      const failed = await transact(async (tx) => {
        await api.system.parts.notifications.notify(bookedFor(patient), tx);
        throw new Error('no');
      }).catch((error: unknown) => error);
      expect(failed).to.be.instanceOf(Error);
      expect((await inbox()).items).to.deep.equal([]);

      let tries = 0;
      await transact(async (tx) => {
        await api.system.parts.notifications.notify(bookedFor(patient), tx);
        if (++tries > 1) return;
        const conflict = new MongoError('WriteConflict');
        conflict.addErrorLabel('TransientTransactionError');
        throw conflict;
      });
      expect(tries).to.equal(2);
      expect((await inbox()).items).to.have.length(1);
    });
  });

  describe('GET /notifications', () => {
    it('SUP-9: gives one’s own page by page, the newest first', async () => {
      for (let minute = 0; minute < 5; minute++) {
        api.clock.set(new Date(Date.UTC(2027, 0, 1, 0, minute)));
        await tell(api, { ...bookedFor(patient), appointment_id: `A${minute}` });
      }
      api.clock.set(undefined);
      const first = await inbox('?limit=3');
      const second = await inbox(`?limit=3&cursor=${first.next_cursor}`);
      const ids = [...first.items, ...second.items].map(
        ({ appointment_id }: NewNotification) => appointment_id,
      );
      expect(ids).to.deep.equal(['A4', 'A3', 'A2', 'A1', 'A0']);
      expect(second.next_cursor).to.equal(null);
      expectProblem(await api.get('/notifications?cursor=x', { token }), 400, 'invalid_cursor');
      expectProblem(await api.get('/notifications?unread=maybe', { token }), 400, 'invalid_request');
      expectProblem(await api.get('/notifications'), 401, 'not_signed_in');
    });

    it('SUP-9: gives what is read or unread, if asked', async () => {
      await tell(api, { ...bookedFor(patient), appointment_id: 'A-read' });
      const [read] = (await inbox()).items;
      await api.patch(`/notifications/${read.notification_id}`, { token, body: { read: true } });
      await tell(api, { ...bookedFor(patient), appointment_id: 'A-new' });
      const ids = async (query: string) =>
        (await inbox(query)).items.map(({ appointment_id }: NewNotification) => appointment_id);
      expect(await ids('?unread=true')).to.deep.equal(['A-new']);
      expect(await ids('?unread=false')).to.deep.equal(['A-read']);
      expect(await ids('')).to.deep.equal(['A-new', 'A-read']);
    });
  });

  describe('/notifications/{notification_id}', () => {
    it('SUP-9: is read, and unread again; what was read keeps its time', async () => {
      await tell(api, bookedFor(patient));
      const { notification_id } = (await inbox()).items[0];
      const address = `/notifications/${notification_id}`;
      const at = new Date(Date.now() + 1_000);
      api.clock.set(at);
      const marked = await api.patch(address, { token, body: { read: true } });
      api.clock.set(new Date(at.getTime() + 1_000));
      const again = await api.patch(address, { token, body: { read: true } });
      api.clock.set(undefined);
      expect([marked.status, again.status]).to.deep.equal([200, 200]);
      expect(again.body).to.deep.equal(marked.body);
      expect((await api.get(address, { token })).body).to.deep.equal(marked.body);
      expect(marked.body.read_at).to.equal(at.toISOString());
      const unread = await api.patch(address, { token, body: { read: false } });
      expect(unread.body.read_at).to.equal(null);
      expect((await api.get(address, { token })).body).to.deep.equal(unread.body);
    });

    it('SUP-9: is nobody else’s, an admin included: the same 404 as for none', async () => {
      await tell(api, bookedFor(patient));
      const { notification_id } = (await inbox()).items[0];
      for (const other of [(await newPatient(api)).token, await api.as('admin')]) {
        const ask = { token: other, body: { read: true } };
        const [hidden, missing] = [`/notifications/${notification_id}`, '/notifications/N-none'];
        expectSameRefusal(await api.get(hidden, { token: other }), await api.get(missing, { token: other }));
        expectSameRefusal(await api.patch(hidden, ask), await api.patch(missing, ask));
      }
      expect((await inbox()).items[0].read_at).to.equal(null);
    });

    it('SUP-9: refuses a body that says neither, and a caller without a token', async () => {
      await tell(api, bookedFor(patient));
      const { notification_id } = (await inbox()).items[0];
      const address = `/notifications/${notification_id}`;
      for (const body of [{}, { read: 'true' }, { read: null }, { read: true, title: 'x' }])
        expectProblem(await api.patch(address, { token, body }), 400, 'invalid_request');
      expectProblem(await api.patch(address, { body: { read: true } }), 401, 'not_signed_in');
      expect((await api.get(address, { token })).body.read_at).to.equal(null);
    });
  });

  describe('POST /notifications/read-all', () => {
    it('SUP-9: marks all of one’s own, and says how many were new', async () => {
      const other = await newPatient(api);
      for (const to of [patient, patient, other]) await tell(api, bookedFor(to));
      const ask = () => api.post('/notifications/read-all', { token });
      const [first, second] = [await ask(), await ask()];
      expect([first.body, second.body]).to.deep.equal([{ marked: 2 }, { marked: 0 }]);
      expect((await inbox('?unread=true')).items).to.deep.equal([]);
      const theirs = await api.get('/notifications?unread=true', { token: other.token });
      expect(theirs.body.items).to.have.length(1);
      expectProblem(await api.post('/notifications/read-all'), 401, 'not_signed_in');
    });
  });

  describe('/notifications/preferences', () => {
    const address = '/notifications/preferences';

    it('SUP-9: wants all by email until the user says otherwise, each for oneself', async () => {
      const other = await newPatient(api);
      expect((await api.get(address, { token })).body).to.deep.equal({ email: true, muted_kinds: [] });
      const wanted = { email: false, muted_kinds: ['payment.paid'] };
      const put = await api.put(address, {
        token,
        body: { ...wanted, muted_kinds: ['payment.paid', 'payment.paid'] },
      });
      expect(put.status).to.equal(200);
      expect(put.body).to.deep.equal(wanted);
      expect((await api.get(address, { token })).body).to.deep.equal(wanted);
      const theirs = await api.get(address, { token: other.token });
      expect(theirs.body).to.deep.equal({ email: true, muted_kinds: [] });
    });

    it('SUP-9: keeps the last of many that come at once', async () => {
      const all = await Promise.all(
        [true, false, true, false, true].map((email) =>
          api.put(address, { token, body: { email, muted_kinds: [] } }),
        ),
      );
      expect(all.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200]);
    });

    it('SUP-9: refuses a kind that there is not, a missing field, and a caller without a token', async () => {
      const before = (await api.get(address, { token })).body;
      const bodies = [
        { email: true },
        { email: true, muted_kinds: ['gossip'] },
        { email: 1, muted_kinds: [] },
      ];
      for (const body of bodies)
        expectProblem(await api.put(address, { token, body }), 400, 'invalid_request');
      expectProblem(await api.put(address, { body: before }), 401, 'not_signed_in');
      expect((await api.get(address, { token })).body).to.deep.equal(before);
    });
  });
});
