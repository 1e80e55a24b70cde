import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import {
  expectProblem,
  expectSameRefusal,
  newDoctor,
  newPatient,
  summariesOf,
} from '../../support/people.js';
import { stored } from '../../support/stored.js';

const now = new Date('2027-03-10T08:00:00.000Z');
const date = '2027-03-12T10:00:00.000Z';
const other = '2027-03-12T14:00:00.000Z';

describe('moving and cancelling', () => {
  let api: TestApi;
  let admin: string;
  let stranger: { token: string; patient_id: string };

  before(async () => {
    api = await startApi();
    api.clock.set(now);
    admin = await api.as('admin');
    stranger = await newPatient(api);
    await api.as('manager');
  });
  after(() => api.stop());
  afterEach(() => api.clock.set(now));

  const collection = (name: string) => api.system.around.stores.connection.collection(name);
  const appointment = (_id: string) => collection('appointments').findOne({ _id: _id as never });
  const claims = (holder_id: string) => collection('slot_claims').find({ holder_id }).toArray();
  const announced = (kind: string, appointment_id: string) =>
    collection('outbox').find({ kind, 'payload.appointment_id': appointment_id }).toArray();
  /** What somebody was told of this appointment; while the clock stands still, in any order. */
  async function told(token: string, appointment_id: string): Promise<string[][]> {
    const { body } = await api.get('/notifications?limit=100', { token });
    return body.items
      .filter((item: { appointment_id: string }) => item.appointment_id === appointment_id)
      .map((item: { kind: string; body: string }) => [item.kind, item.body]);
  }

  /** A patient and a doctor with accounts, and an appointment of theirs, in two days at 10:00. */
  async function scene(fields: object = {}) {
    const [patient, doctor] = [await newPatient(api), await newDoctor(api)];
    const { doctor_id } = doctor;
    const { patient_id } = patient;
    const { appointment_id } = await api.make.appointment({ doctor_id, patient_id, date, ...fields });
    const path = `/appointments/${appointment_id}`;
    const move = (token: string, body: object = { date: other }, headers = {}) =>
      api.post(`${path}/reschedule`, { token, body, headers });
    const cancel = (token: string, cancellation_reason?: string, more: object = {}) =>
      api.patch(path, { token, body: { status: 'cancelled', cancellation_reason, ...more } });
    const book = async (at: string) =>
      api.post('/appointments', { token: (await newPatient(api)).token, body: { doctor_id, date: at } });
    return { patient, doctor, doctor_id, appointment_id, path, move, cancel, book };
  }

  describe('POST /appointments/{appointment_id}/reschedule', () => {
    it('BOOK-5: the patient moves it: the same appointment, its slot free for others', async () => {
      const { patient, appointment_id, move, book } = await scene();
      const { status, body, headers } = await move(patient.token, { date: other, reason: 'Work' });
      expect(status).to.equal(200);
      expect(headers.get('etag')).to.equal('"v2"');
      expect(body).to.deep.include({ appointment_id, date: other, status: 'scheduled', version: 2 });
      expect(body.slot_end).to.equal('2027-03-12T14:15:00.000Z');
      expect(body.reschedules).to.deep.equal([
        {
          from: date,
          to: other,
          at: now.toISOString(),
          by: patient.user_id,
          party: 'patient',
          reason: 'Work',
        },
      ]);
      expect(body.history).to.have.length(1);
      expect((await appointment(appointment_id))!['date']).to.deep.equal(new Date(other));
      expect((await summariesOf(api, patient.patient_id, 'appointments'))[0].date).to.equal(other);
      expect(
        (await claims(appointment_id)).map((claim) => claim['grain'].toISOString().slice(11, 16)),
      ).to.deep.equal(['14:00', '14:05', '14:10']);
      expect((await book(date)).status).to.equal(201);
      expectProblem(await book(other), 409, 'slot_taken');
      expect(await told(patient.token, appointment_id)).to.have.deep.members([
        [
          'appointment.booked',
          'An appointment with Dr Ada Test is booked for Fri 12 March 2027, 10:00 (UTC+00:00).',
        ],
        [
          'appointment.rescheduled',
          'The appointment with Dr Ada Test on Fri 12 March 2027, 10:00 (UTC+00:00) is moved to Fri 12 March 2027, ' +
            '14:00 (UTC+00:00).',
        ],
      ]);
    });

    it('BOOK-8: a move counts once each, never as a cancellation, and keeps the fee that was agreed', async () => {
      const { doctor_id, appointment_id, move } = await scene();
      await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { consultation_fee: 250 } });
      for (const to of [other, date, other]) expect((await move(admin, { date: to })).status).to.equal(200);
      const { body } = await api.get(`/appointments/${appointment_id}`, { token: admin });
      expect(body.reschedules.map(({ from, to }: { from: string; to: string }) => [from, to])).to.deep.equal([
        [date, other],
        [other, date],
        [date, other],
      ]);
      expect(body).to.include({ status: 'scheduled', cancellation_reason: null, consultation_fee: 100 });
      expect(await announced('appointment.cancelled', appointment_id)).to.deep.equal([]);
    });

    it('BOOK-5: to a slot that overlaps its own it moves as well, when the doctor’s slots become longer', async () => {
      const { doctor_id, appointment_id, move } = await scene();
      await move(admin, { date: '2027-03-12T10:15:00Z' });
      await api.patch(`/doctors/${doctor_id}`, { token: admin, body: { slot_minutes: 30 } });
      const moved = await move(admin, { date });
      expect([moved.status, moved.body.slot_end]).to.deep.equal([200, '2027-03-12T10:30:00.000Z']);
      expect(await claims(appointment_id)).to.have.length(6);
    });

    it('BOOK-2: refuses what cannot be taken, with the nearest free slots; the old slot stays', async () => {
      const { patient, move, book } = await scene();
      expect((await book(other)).status).to.equal(201);
      const before = await stored(api);
      for (const [to, status, code] of [
        [other, 409, 'slot_taken'],
        ['2027-03-12T20:00:00Z', 422, 'outside_availability'],
        ['2027-03-12T14:01:00Z', 422, 'off_slot_grid'],
      ] as const) {
        const answer = await move(patient.token, { date: to });
        expectProblem(answer, status, code);
        expect(answer.body.nearest_slots).to.have.length(5);
      }
      for (const [to, code] of [
        ['2027-03-10T08:00:00Z', 'outside_booking_window'],
        ['2027-04-12T10:00:00Z', 'outside_booking_window'],
        [date, 'invalid_request'],
        ['soon', 'invalid_request'],
      ] as const) {
        const answer = await move(patient.token, { date: to });
        expectProblem(answer, 400, code);
        expect(answer.body.errors[0].pointer).to.equal('/body/date');
      }
      expectProblem(await move(patient.token, { date: other }, { 'if-match': '"v7"' }), 412, 'stale_version');
      expect(await stored(api)).to.equal(before);
    });

    it('BOOK-5: a patient only before it begins, nobody once somebody has acted on it', async () => {
      const late = await scene();
      const acted = await scene();
      await api.make.steps(acted.appointment_id, 'checked_in');
      const cancelled = await scene();
      await api.make.steps(cancelled.appointment_id, 'cancelled');
      api.clock.set(new Date(date));
      const before = await stored(api);
      expectProblem(await late.move(late.patient.token), 409, 'step_not_allowed');
      for (const { move, patient } of [acted, cancelled])
        for (const token of [patient.token, admin]) expectProblem(await move(token), 409, 'step_not_allowed');
      expect(await stored(api)).to.equal(before);
      expect((await late.move(admin)).status).to.equal(200);
    });

    it('PAT-5: for another patient it does not exist; it is not a doctor’s, a manager’s or anybody’s', async () => {
      const { doctor, path, move } = await scene();
      const before = await stored(api);
      const missing = await api.post('/appointments/A-none/reschedule', {
        token: stranger.token,
        body: { date: other },
      });
      expectSameRefusal(await move(stranger.token), missing);
      for (const token of [doctor.token, await api.as('manager')])
        expectProblem(await move(token), 403, 'forbidden');
      expectProblem(await api.post(`${path}/reschedule`, { body: { date: other } }), 401, 'not_signed_in');
      expect(await stored(api)).to.equal(before);
    });
  });

  describe('cancelling', () => {
    it('BOOK-8: gives the slot back, tells both, and tells the billing store what goes back', async () => {
      const { patient, doctor, appointment_id, cancel, book } = await scene();
      const { status, body } = await cancel(patient.token, 'pat-fb');
      expect([status, body.status, body.cancellation_reason]).to.deep.equal([200, 'cancelled', 'pat-fb']);
      expect(await claims(appointment_id)).to.deep.equal([]);
      const [entry, ...more] = await announced('appointment.cancelled', appointment_id);
      expect(more).to.deep.equal([]);
      expect(entry!['payload']).to.deep.equal({
        ...{ appointment_id, patient_id: patient.patient_id, doctor_id: doctor.doctor_id },
        ...{ reason: 'pat-fb', refund_percent: 100, cancelled_at: now, cancelled_by: patient.user_id },
      });
      expect((await book(date)).status).to.equal(201);
      const message = [
        'appointment.cancelled',
        'The appointment with Dr Ada Test on Fri 12 March 2027, 10:00 (UTC+00:00) is cancelled.',
      ];
      expect(await told(patient.token, appointment_id)).to.deep.include(message);
      expect(await told(doctor.token, appointment_id)).to.deep.equal([message]);
    });

    for (const [at, reason, by, percent] of [
      ['2027-03-11T10:00:00Z', 'pat', 'patient', 100],
      ['2027-03-11T10:00:00.001Z', 'pat', 'patient', 50],
      ['2027-03-12T06:00:00.001Z', 'oth-fin', 'patient', 0],
      ['2027-03-12T10:30:00Z', 'pat-mv', 'admin', 0],
      ['2027-03-12T09:59:00Z', 'prov-pers', 'doctor', 100],
      ['2027-03-12T09:59:00Z', 'oth-room', 'admin', 100],
    ] as const) {
      it(`BOOK-6: ${reason} at ${at}, by the ${by}, gives ${percent} % back`, async () => {
        const { patient, doctor, appointment_id, cancel } = await scene();
        api.clock.set(new Date(at));
        const token = { patient: patient.token, doctor: doctor.token, admin }[by];
        expect((await cancel(token, reason)).status).to.equal(200);
        const [entry] = await announced('appointment.cancelled', appointment_id);
        expect(entry!['payload']).to.include({ reason, refund_percent: percent });
        expect(await told(doctor.token, appointment_id)).to.have.length(by === 'patient' ? 1 : 0);
      });
    }

    it('BOOK-8: asks staff for a reason, of the list, that is one’s own to give; and only to cancel', async () => {
      const { patient, doctor, path, cancel } = await scene();
      const before = await stored(api);
      const patch = (body: object) => api.patch(path, { token: admin, body });
      for (const answer of [
        await cancel(admin),
        await cancel(admin, 'because'),
        await patch({ status: 'checked_in', cancellation_reason: 'pat' }),
        await patch({ cancellation_reason: 'pat' }),
      ]) {
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors[0].pointer).to.equal('/body/cancellation_reason');
      }
      for (const reason of ['prov', 'maint', 'other'])
        expectProblem(await cancel(patient.token, reason), 403, 'forbidden');
      expect(await stored(api)).to.equal(before);
      expect((await cancel(doctor.token, 'pat-lt')).status).to.equal(200);
    });

    it('BOOK-6: a visit that was missed keeps its slot, for its time is over, and what was paid for it', async () => {
      const { appointment_id } = await scene();
      api.clock.set(new Date(date));
      await api.make.steps(appointment_id, 'no_show');
      expect(await claims(appointment_id)).to.have.length(3);
      const [entry] = await announced('appointment.cancelled', appointment_id);
      expect(entry!['payload']).to.include({ reason: null, refund_percent: 0 });
    });
  });

  describe('DELETE /appointments/{appointment_id}', () => {
    it('BOOK-5: gives the slot back, and sends back a payment that arrives at the same moment', async () => {
      const { patient, doctor, appointment_id, path, book } = await scene();
      api.clock.set(new Date('2027-03-12T09:59:00Z'));
      expect((await api.delete(path, { token: patient.token })).status).to.equal(204);
      expect(await claims(appointment_id)).to.deep.equal([]);
      const [entry] = await announced('appointment.cancelled', appointment_id);
      expect(entry!['payload']).to.include({ reason: 'pat', refund_percent: 100 });
      expect(await told(doctor.token, appointment_id)).to.have.length(1);
      expect((await book(date)).status).to.equal(201);
    });

    it('BOOK-5: what was cancelled before is announced once', async () => {
      const { appointment_id, path, cancel } = await scene();
      await cancel(admin, 'oth-err');
      expect((await api.delete(path, { token: admin })).status).to.equal(204);
      expect(await announced('appointment.cancelled', appointment_id)).to.have.length(1);
    });

    it('BILL-2: refuses what is paid, until the money went back', async () => {
      const { patient, appointment_id, path, cancel } = await scene();
      const paid = await api.post(`/transactions/${appointment_id}`, { token: admin, body: {} });
      expect(paid.status).to.equal(201);
      const before = await stored(api);
      for (const token of [patient.token, admin])
        expectProblem(await api.delete(path, { token }), 409, 'booking_is_paid');
      expect(await stored(api)).to.equal(before);
      await cancel(patient.token, 'pat');
      expect((await api.delete(path, { token: patient.token })).status).to.equal(204);
    });
  });

  describe('a visit that has no slot', () => {
    it('BOOK-4: takes its place once, beyond the capacity if it must; one that is over takes none', async () => {
      const { doctor_id, appointment_id } = await scene();
      const { claimMissing } = api.system.parts.appointments;
      const { doctor_id: _, ...visit } = (await appointment(appointment_id))!;
      const ids = ['A-early-1', 'A-early-2', 'A-early-3', 'A-early-4'];
      const [first, second, past, nobody] = ids as [string, string, string, string];
      const at = (_id: string, fields: object) =>
        ({
          ...visit,
          _id,
          doctor_id,
          slot_end: null,
          date: new Date('2027-03-12T11:02:00Z'),
          ...fields,
        }) as never;
      await collection('appointments').insertMany([
        at(first, {}),
        at(second, {}),
        at(past, { date: now }),
        at(nobody, { doctor_id: 'D-none' }),
      ]);
      expect(await claimMissing(appointment_id)).to.equal(false);
      expect([await claimMissing(first), await claimMissing(first)]).to.deep.equal([true, false]);
      expect(await claimMissing(second)).to.equal(true);
      for (const id of [past, nobody, 'A-none']) expect(await claimMissing(id)).to.equal(false);
      expect((await claims(first)).map(({ place }) => place)).to.deep.equal([0, 0, 0, 0]);
      expect((await claims(second)).map(({ place }) => place)).to.deep.equal([1, 1, 1, 1]);
      expect((await appointment(first))!['slot_end']).to.deep.equal(new Date('2027-03-12T11:17:00Z'));
    });
  });
});
