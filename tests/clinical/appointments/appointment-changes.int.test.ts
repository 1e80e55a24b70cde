import { expect } from 'chai';
import type { AppointmentDocument } from '../../../src/domains/clinical/appointments/appointments.model.js';
import { startApi, type TestApi } from '../../support/api.js';
import { timeHeader } from '../../support/make.js';
import {
  expectProblem,
  expectSameRefusal,
  hour,
  newDoctor,
  newPatient,
  summariesOf,
  tomorrow,
} from '../../support/people.js';

describe('changing appointments', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });

  after(() => api.stop());

  const appointments = () =>
    api.system.around.stores.connection.collection<AppointmentDocument>('appointments');
  const stored = (_id: string) => appointments().findOne({ _id });
  const cancel = { status: 'cancelled', cancellation_reason: 'pat-fb' };

  /** The visit began an hour ago. */
  const begin = (_id: string) =>
    appointments().updateOne({ _id }, { $set: { date: new Date(Date.now() - hour) } });

  describe('PATCH /appointments/{appointment_id}', () => {
    /** A patient and a doctor with accounts, and an appointment of theirs. */
    async function scene() {
      const [patient, doctor] = [await newPatient(api), await newDoctor(api)];
      const { patient_id } = patient;
      const { appointment_id, date } = await api.make.appointment({
        ...{ doctor_id: doctor.doctor_id, patient_id },
      });
      const patch = (token: string, body: unknown, headers = {}) =>
        api.patch(`/appointments/${appointment_id}`, { token, body, headers });
      /** As the visit begins. */
      const then = { [timeHeader]: date as string };
      return { patient, doctor, appointment_id, patch, then };
    }

    it('BOOK-3: the doctor checks in and completes; the history says who and when', async () => {
      const { doctor, patient, appointment_id, patch, then } = await scene();
      expect((await patch(doctor.token, { status: 'checked_in' }, then)).body.status).to.equal('checked_in');
      const { status, body } = await patch(doctor.token, { status: 'completed', disease: 'Asthma' }, then);
      expect(status).to.equal(200);
      expect(body).to.deep.include({ status: 'completed', disease: 'Asthma', version: 3 });
      expect(body.ended_at).to.equal(body.updated_at);
      expect(body.history.map((step: { status: string }) => step.status)).to.deep.equal([
        'scheduled',
        'checked_in',
        'completed',
      ]);
      expect(body.history[2]).to.deep.equal({ status: 'completed', at: body.ended_at, by: doctor.user_id });
      expect((await stored(appointment_id))!.status).to.equal('completed');
      expect((await summariesOf(api, patient.patient_id, 'appointments'))[0]).to.deep.include({
        status: 'completed',
        disease: 'Asthma',
      });
    });

    it('BOOK-5: a patient cancels their own; cancelling twice is a 409', async () => {
      const { patient, appointment_id, patch } = await scene();
      expect((await patch(patient.token, cancel)).body.status).to.equal('cancelled');
      const twice = await patch(patient.token, cancel);
      expectProblem(twice, 409, 'step_not_allowed');
      expect(twice.body).to.deep.include({ from: 'cancelled', to: 'cancelled' });
      expect((await stored(appointment_id))!.history).to.have.length(2);
      expect((await summariesOf(api, patient.patient_id, 'appointments'))[0].status).to.equal('cancelled');
    });

    it('BOOK-5: of two who cancel at once one succeeds', async () => {
      const { patient, doctor, patch } = await scene();
      const answers = await Promise.all([patch(patient.token, cancel), patch(doctor.token, cancel)]);
      expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 409]);
    });

    it('BOOK-10: no role checks in before the day or completes before the start, and nothing is billed', async () => {
      const { doctor, appointment_id, patch, then } = await scene();
      const start = Date.parse(then[timeHeader]);
      const at = (time: number) => ({ [timeHeader]: new Date(time).toISOString() });
      const midnight = Math.floor(start / (24 * hour)) * 24 * hour;
      for (const token of [doctor.token, admin])
        for (const headers of [{}, at(midnight - 1)])
          expectProblem(await patch(token, { status: 'checked_in' }, headers), 409, 'step_not_allowed');
      expectProblem(
        await patch(doctor.token, { status: 'checked_in' }, at(midnight + 25 * hour)),
        409,
        'step_not_allowed',
      );
      expect((await patch(doctor.token, { status: 'checked_in' }, at(midnight))).status).to.equal(200);
      for (const token of [doctor.token, admin])
        expectProblem(await patch(token, { status: 'completed' }, at(start - 1)), 409, 'step_not_allowed');
      expect((await stored(appointment_id))!.status).to.equal('checked_in');
      const { knex } = api.system.around.stores;
      expect(await knex('billing').where({ appointment_id })).to.deep.equal([]);
      expect((await patch(doctor.token, { status: 'completed' }, at(start))).status).to.equal(200);
    });

    for (const body of [
      { status: 'completed' },
      { status: 'checked_in' },
      { status: 'no_show' },
      { disease: 'X' },
    ]) {
      it(`BOOK-5: a patient may not ask for ${JSON.stringify(body)}`, async () => {
        const { patient, appointment_id, patch } = await scene();
        expectProblem(await patch(patient.token, body), 403, 'forbidden');
        expect(await stored(appointment_id)).to.deep.include({
          status: 'scheduled',
          disease: null,
          version: 1,
        });
      });
    }

    it('BOOK-3: nobody can miss a visit before it begins; afterwards they can', async () => {
      const { doctor, appointment_id, patch } = await scene();
      const before = await stored(appointment_id);
      expectProblem(await patch(doctor.token, { status: 'no_show' }), 409, 'step_not_allowed');
      expect(await stored(appointment_id)).to.deep.equal(before);
      await begin(appointment_id);
      expect((await patch(doctor.token, { status: 'no_show' })).body.status).to.equal('no_show');
    });

    for (const steps of [
      ['completed'],
      ['scheduled'],
      ['no_show', 'checked_in'],
      ['checked_in', 'cancelled'],
    ]) {
      it(`BOOK-3: scheduled → ${steps.join(' → ')} is a 409`, async () => {
        const { appointment_id, patch, then } = await scene();
        for (const status of steps.slice(0, -1))
          expect((await patch(admin, { status }, then)).status).to.equal(200);
        const before = await stored(appointment_id);
        const last = steps.at(-1) === 'cancelled' ? cancel : { status: steps.at(-1) };
        expectProblem(await patch(admin, last, then), 409, 'step_not_allowed');
        expect(await stored(appointment_id)).to.deep.equal(before);
      });
    }

    it('BOOK-3: notes can be written until it is over', async () => {
      const { doctor, appointment_id, patch } = await scene();
      const { body } = await patch(doctor.token, { disease: 'Asthma', disease_code: '195967001' });
      expect(body).to.deep.include({
        disease: 'Asthma',
        disease_code: '195967001',
        status: 'scheduled',
        version: 2,
      });
      await begin(appointment_id);
      await patch(doctor.token, { status: 'no_show' });
      expectProblem(await patch(doctor.token, { disease: 'Gout' }), 409, 'step_not_allowed');
    });

    it('PAT-5: for another patient, and a doctor who has never had this one, it does not exist', async () => {
      const { appointment_id, patch } = await scene();
      const [stranger, otherDoctor] = [await newPatient(api), await newDoctor(api)];
      const ask = (id: string, token: string) => api.patch(`/appointments/${id}`, { token, body: cancel });
      for (const { token } of [stranger, otherDoctor]) {
        const answer = await patch(token, cancel);
        expectProblem(answer, 404, 'not_found');
        const missing = await ask('A-none', token);
        expectSameRefusal(answer, missing);
      }
      expect((await stored(appointment_id))!.status).to.equal('scheduled');
    });

    it('BOOK-5: another doctor of the patient reads it but may not change it', async () => {
      const { patient, appointment_id, patch } = await scene();
      const { doctor_id, token } = await newDoctor(api);
      await api.make.appointment({ doctor_id, patient_id: patient.patient_id });
      expect((await api.get(`/appointments/${appointment_id}`, { token })).status).to.equal(200);
      expectProblem(await patch(token, cancel), 403, 'forbidden');
      expect((await stored(appointment_id))!.status).to.equal('scheduled');
    });

    it('DOCS-3: a stale If-Match is refused with 412, the right one passes', async () => {
      const { doctor, appointment_id, patch } = await scene();
      expectProblem(await patch(doctor.token, { reason: 'a' }, { 'if-match': '"v2"' }), 412, 'stale_version');
      expect((await stored(appointment_id))!.reason).to.equal(null);
      expect(
        (await patch(doctor.token, { reason: 'a' }, { 'if-match': '"v1"' })).headers.get('etag'),
      ).to.equal('"v2"');
    });

    it('BOOK-5: refuses an empty change, an unknown status, another’s fields, no token, a manager', async () => {
      const { doctor, appointment_id, patch } = await scene();
      for (const body of [
        {},
        { status: 'done' },
        { doctor_id: 'D2' },
        { date: tomorrow() },
        { status: { $ne: 1 } },
      ])
        expectProblem(await patch(doctor.token, body), 400, 'invalid_request');
      expectProblem(await api.patch(`/appointments/${appointment_id}`, { body: {} }), 401, 'not_signed_in');
      expectProblem(await patch(await api.as('manager'), cancel), 403, 'forbidden');
      expect((await stored(appointment_id))!.version).to.equal(1);
    });
  });

  describe('DELETE /appointments/{appointment_id}', () => {
    async function scene(...steps: string[]) {
      const patient = await newPatient(api);
      const { doctor_id } = await api.make.doctor();
      const { appointment_id } = await api.make.appointment({ doctor_id, patient_id: patient.patient_id });
      await api.make.steps(appointment_id, ...steps);
      const remove = (token?: string, headers = {}) =>
        api.delete(`/appointments/${appointment_id}`, { token, headers });
      return { patient, doctor_id, appointment_id, remove };
    }

    it('BOOK-5: the owner removes what is still to come, and the summary goes with it', async () => {
      for (const steps of [[], ['cancelled']]) {
        const { patient, appointment_id, remove } = await scene(...steps);
        const { status, body } = await remove(patient.token);
        expect({ status, body }).to.deep.equal({ status: 204, body: undefined });
        expect(await stored(appointment_id)).to.equal(null);
        expect(await summariesOf(api, patient.patient_id, 'appointments')).to.deep.equal([]);
        expectProblem(await remove(patient.token), 404, 'not_found');
      }
    });

    it('BOOK-5: not what is past or what somebody has acted on; an admin may', async () => {
      const past = await scene();
      await begin(past.appointment_id);
      const acted = await scene('checked_in');
      for (const { patient, appointment_id, remove } of [past, acted]) {
        expectProblem(await remove(patient.token), 409, 'step_not_allowed');
        expect(await stored(appointment_id)).not.to.equal(null);
        expect((await remove(admin)).status).to.equal(204);
        expect(await stored(appointment_id)).to.equal(null);
      }
    });

    it('BOOK-5: nobody removes what is completed: its bill refers to it', async () => {
      const { patient, appointment_id, remove } = await scene('checked_in', 'completed');
      expectProblem(await remove(admin), 409, 'still_in_use');
      expectProblem(await remove(patient.token), 409, 'still_in_use');
      expect(await stored(appointment_id)).not.to.equal(null);
    });

    it('BOOK-5: nobody removes what a prescription refers to', async () => {
      const { patient, doctor_id, appointment_id, remove } = await scene();
      await api.make.prescription({ doctor_id, patient_id: patient.patient_id, appointment_id });
      expectProblem(await remove(admin), 409, 'still_in_use');
      expect(await stored(appointment_id)).not.to.equal(null);
    });

    it('PAT-5: not another patient’s, nor without a token, nor as a doctor, nor a stale version', async () => {
      const { appointment_id, remove } = await scene();
      expectProblem(await remove((await newPatient(api)).token), 404, 'not_found');
      expectProblem(await remove(), 401, 'not_signed_in');
      expectProblem(await remove(await api.as('doctor')), 403, 'forbidden');
      expectProblem(await remove(admin, { 'if-match': '"v9"' }), 412, 'stale_version');
      expect(await stored(appointment_id)).not.to.equal(null);
    });
  });
});
