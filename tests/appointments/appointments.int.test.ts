import { expect } from 'chai';
import fc from 'fast-check';
import { startApi, type Answer, type TestApi } from '../support/api.js';

const day = 86_400_000;
const hour = 3_600_000;

describe('appointments', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });

  after(() => api.stop());

  const appointments = () => api.system.around.stores.connection.collection<{ _id: string }>('appointments');
  const stored = (_id: string) => appointments().findOne({ _id });
  const at = (ms: number): string => new Date(Math.ceil(Date.now() / hour) * hour + ms).toISOString();
  const tomorrow = (): string => at(day);
  const expectProblem = ({ status, body }: Answer, expected: number, code: string): void => {
    expect({ status, code: body.code }).to.deep.equal({ status: expected, code });
  };

  /** A patient with an account; `token` is theirs. */
  async function newPatient() {
    const { patient_id } = await api.make.patient();
    return { patient_id, ...(await api.make.account('patient', { patient_id })) };
  }

  async function newDoctor(fields: Record<string, unknown> = {}) {
    const doctor = await api.make.doctor(fields);
    return { ...doctor, ...(await api.make.account('doctor', { doctor_id: doctor.doctor_id })) };
  }

  const summariesOf = async (patient_id: string) =>
    (await api.get(`/patients/${patient_id}`, { token: admin })).body.appointments;

  describe('POST /appointments', () => {
    it('BOOK-1: a patient books for oneself; the appointment and its summary are stored together', async () => {
      const { patient_id, token, user_id } = await newPatient();
      const { doctor_id, department_id, hospital_id } = await api.make.doctor();
      const date = tomorrow();
      const { status, body, headers } = await api.post('/appointments', {
        token,
        body: { doctor_id, date, disease: 'Influenza', disease_code: '6142004', reason: 'A cough & fever' },
      });
      expect(status).to.equal(201);
      expect(headers.get('etag')).to.equal('"v1"');
      expect(body).to.deep.include({
        ...{ patient_id, doctor_id, department_id, hospital_id, date, status: 'scheduled', ended_at: null },
        ...{ disease: 'Influenza', disease_code: '6142004', reason: 'A cough & fever', version: 1 },
      });
      expect(body.history).to.deep.equal([{ status: 'scheduled', at: body.created_at, by: user_id }]);
      const document = await stored(body.appointment_id);
      expect(document).to.deep.include({ patient_id, doctor_id, date: new Date(date), status: 'scheduled' });
      const { appointment_id } = body;
      expect(await summariesOf(patient_id)).to.deep.equal([
        { appointment_id, doctor_id, date, status: 'scheduled', disease: 'Influenza' },
      ]);
    });

    it('BOOK-1: an admin books for anyone, under an id of choice; a taken id is refused with 409', async () => {
      const { patient_id } = await api.make.patient();
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, patient_id, date: tomorrow(), appointment_id: `A-${patient_id}` };
      expect((await api.post('/appointments', { token: admin, body })).status).to.equal(201);
      const again = await api.post('/appointments', { token: admin, body: { ...body, date: at(2 * day) } });
      expectProblem(again, 409, 'already_exists');
      expect(again.body.key).to.equal('appointment_id');
      expect((await stored(body.appointment_id))!['date']).to.deep.equal(new Date(body.date));
      expect(await summariesOf(patient_id)).to.have.length(1);
    });

    it('BOOK-1: an admin must say for whom, and for somebody who exists', async () => {
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, date: tomorrow() };
      const nobody = await api.post('/appointments', { token: admin, body });
      expectProblem(nobody, 400, 'invalid_request');
      expect(nobody.body.errors[0].pointer).to.equal('/body/patient_id');
      const unknown = await api.post('/appointments', {
        token: admin,
        body: { ...body, patient_id: 'P-none' },
      });
      expectProblem(unknown, 404, 'not_found');
      expect(await appointments().countDocuments({ doctor_id })).to.equal(0);
    });

    it('PAT-5: a patient who names another one is answered as if there were none', async () => {
      const { token } = await newPatient();
      const other = await newPatient();
      const { doctor_id } = await api.make.doctor();
      const ask = (patient_id: string) =>
        api.post('/appointments', { token, body: { doctor_id, date: tomorrow(), patient_id } });
      const [theirs, none] = [await ask(other.patient_id), await ask('P-none')];
      expectProblem(theirs, 404, 'not_found');
      expect({ ...theirs.body, instance: '' }).to.deep.equal({ ...none.body, instance: '' });
      expect(await appointments().countDocuments({ doctor_id })).to.equal(0);
    });

    it('BOOK-1: nobody without a token, nor a doctor or manager, books', async () => {
      const { doctor_id } = await api.make.doctor();
      const { patient_id } = await api.make.patient();
      const body = { doctor_id, patient_id, date: tomorrow() };
      expectProblem(await api.post('/appointments', { body }), 401, 'not_signed_in');
      for (const role of ['doctor', 'manager'] as const)
        expectProblem(await api.post('/appointments', { token: await api.as(role), body }), 403, 'forbidden');
      expect(await appointments().countDocuments({ doctor_id })).to.equal(0);
    });

    it('BOOK-2: an unknown doctor is a 404', async () => {
      const body = { doctor_id: 'D-none', date: tomorrow() };
      expectProblem(
        await api.post('/appointments', { token: (await newPatient()).token, body }),
        404,
        'not_found',
      );
    });

    for (const [what, date] of [
      ['the past', () => at(-2 * hour)],
      ['more than 30 days ahead', () => at(31 * day)],
    ] as const) {
      it(`BOOK-2: refuses ${what}, naming the field`, async () => {
        const { patient_id, token } = await newPatient();
        const { doctor_id } = await api.make.doctor();
        const answer = await api.post('/appointments', { token, body: { doctor_id, date: date() } });
        expectProblem(answer, 400, 'outside_booking_window');
        expect(answer.body.errors[0].pointer).to.equal('/body/date');
        expect(await appointments().countDocuments({ patient_id })).to.equal(0);
        expect(await summariesOf(patient_id)).to.deep.equal([]);
      });
    }

    it('BOOK-1: reads dd/mm/yyyy hh:mm:ss on the clock of the doctor’s hospital', async () => {
      const { token } = await newPatient();
      const { hospital_id } = await api.make.hospital({ time_zone: 'Asia/Kolkata' });
      const { department_id } = await api.make.department({ hospital_id });
      const { doctor_id } = await api.make.doctor({ department_id });
      const [year, month, date] = tomorrow().slice(0, 10).split('-');
      const body = { doctor_id, date: `${date}/${month}/${year} 09:30:00` };
      const answer = await api.post('/appointments', { token, body });
      expect(answer.status).to.equal(201);
      expect(answer.body.date).to.equal(`${year}-${month}-${date}T04:00:00.000Z`);
    });

    const bad: [string, Record<string, unknown>, string][] = [
      ['a day that the calendar lacks', { date: '31/02/2027 10:00:00' }, '/body/date'],
      ['a time without an offset', { date: '2027-01-01T10:00:00' }, '/body/date'],
      ['a number for a date', { date: 1_800_000_000 }, '/body/date'],
      ['an operator for an id', { doctor_id: { $ne: null } }, '/body/doctor_id'],
      ['an unknown field', { status: 'completed' }, '/body/status'],
      ['an id that is no id', { appointment_id: '../x' }, '/body/appointment_id'],
      ['the id that is an address', { appointment_id: 'mine' }, '/body/appointment_id'],
      ['a reason that is too long', { reason: 'x'.repeat(1001) }, '/body/reason'],
      ['a NUL', { reason: 'a\0b' }, '/body/reason'],
    ];
    for (const [what, fields, pointer] of bad) {
      it(`BOOK-1: refuses ${what} with 400, naming ${pointer}`, async () => {
        const { patient_id, token } = await newPatient();
        const { doctor_id } = await api.make.doctor();
        const body = { doctor_id, date: tomorrow(), ...fields };
        const answer = await api.post('/appointments', { token, body });
        expectProblem(answer, 400, 'invalid_request');
        expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).to.deep.equal([
          pointer,
        ]);
        expect(await appointments().countDocuments({ patient_id })).to.equal(0);
      });
    }

    it('PAT-1: bookings of one patient at the same time all arrive in the summaries', async () => {
      const { patient_id, token } = await newPatient();
      const { doctor_id } = await api.make.doctor();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          api.post('/appointments', { token, body: { doctor_id, date: at(day + i * hour) } }),
        ),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(201));
      expect(await summariesOf(patient_id)).to.have.length(8);
    });

    it('PAT-2: a booking and a removal of the patient at the same moment leave no orphan', async () => {
      const { doctor_id } = await api.make.doctor();
      for (let round = 0; round < 5; round++) {
        const { patient_id } = await api.make.patient();
        const [booked, removed] = await Promise.all([
          api.post('/appointments', { token: admin, body: { doctor_id, patient_id, date: tomorrow() } }),
          api.delete(`/patients/${patient_id}`, { token: admin }),
        ]);
        expect([booked.status, removed.status]).to.be.deep.oneOf([
          [201, 409],
          [404, 204],
        ]);
      }
    });
  });

  describe('POST /bookings/{doctor_id}', () => {
    it('BOOK-1: books by the short form', async () => {
      const { patient_id, token } = await newPatient();
      const { doctor_id } = await api.make.doctor();
      const booking_date_time = tomorrow();
      const { status, body } = await api.post(`/bookings/${doctor_id}`, {
        token,
        body: { booking_date_time, reason: 'Check' },
      });
      expect(status).to.equal(201);
      expect(body).to.deep.include({
        patient_id,
        doctor_id,
        date: booking_date_time,
        reason: 'Check',
        disease: null,
      });
      expect(await stored(body.appointment_id)).to.deep.include({ patient_id, status: 'scheduled' });
    });

    it('BOOK-2: refuses an unknown doctor, the past and a time that is none, and names its own field', async () => {
      const { patient_id, token } = await newPatient();
      const { doctor_id } = await api.make.doctor();
      const book = (id: string, booking_date_time: string) =>
        api.post(`/bookings/${id}`, { token, body: { booking_date_time } });
      expectProblem(await book('D-none', tomorrow()), 404, 'not_found');
      const past = await book(doctor_id, '2020-01-01T00:00:00Z');
      expectProblem(past, 400, 'outside_booking_window');
      const none = await book(doctor_id, '31/02/2027 10:00:00');
      expectProblem(none, 400, 'invalid_request');
      for (const { body } of [past, none]) expect(body.errors[0].pointer).to.equal('/body/booking_date_time');
      expectProblem(await api.post(`/bookings/${doctor_id}`, { body: {} }), 401, 'not_signed_in');
      expect(await appointments().countDocuments({ patient_id })).to.equal(0);
    });
  });

  describe('PATCH /appointments/{appointment_id}', () => {
    /** A patient and a doctor with accounts, and an appointment of theirs. */
    async function scene() {
      const [patient, doctor] = [await newPatient(), await newDoctor()];
      const { patient_id } = patient;
      const { appointment_id } = await api.make.appointment({ doctor_id: doctor.doctor_id, patient_id });
      const patch = (token: string, body: unknown, headers = {}) =>
        api.patch(`/appointments/${appointment_id}`, { token, body, headers });
      return { patient, doctor, appointment_id, patch };
    }

    it('BOOK-3: the doctor checks in and completes; the history says who and when', async () => {
      const { doctor, patient, appointment_id, patch } = await scene();
      expect((await patch(doctor.token, { status: 'checked_in' })).body.status).to.equal('checked_in');
      const { status, body } = await patch(doctor.token, { status: 'completed', disease: 'Asthma' });
      expect(status).to.equal(200);
      expect(body).to.deep.include({ status: 'completed', disease: 'Asthma', version: 3 });
      expect(body.ended_at).to.equal(body.updated_at);
      expect(body.history.map((step: { status: string }) => step.status)).to.deep.equal([
        'scheduled',
        'checked_in',
        'completed',
      ]);
      expect(body.history[2]).to.deep.equal({ status: 'completed', at: body.ended_at, by: doctor.user_id });
      expect((await stored(appointment_id))!['status']).to.equal('completed');
      expect((await summariesOf(patient.patient_id))[0]).to.deep.include({
        status: 'completed',
        disease: 'Asthma',
      });
    });

    it('BOOK-5: a patient cancels their own; cancelling twice is a 409', async () => {
      const { patient, appointment_id, patch } = await scene();
      expect((await patch(patient.token, { status: 'cancelled' })).body.status).to.equal('cancelled');
      const twice = await patch(patient.token, { status: 'cancelled' });
      expectProblem(twice, 409, 'step_not_allowed');
      expect(twice.body).to.deep.include({ from: 'cancelled', to: 'cancelled' });
      expect((await stored(appointment_id))!['history']).to.have.length(2);
      expect((await summariesOf(patient.patient_id))[0].status).to.equal('cancelled');
    });

    it('BOOK-5: of two who cancel at once one succeeds', async () => {
      const { patient, doctor, patch } = await scene();
      const answers = await Promise.all([
        patch(patient.token, { status: 'cancelled' }),
        patch(doctor.token, { status: 'cancelled' }),
      ]);
      expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([200, 409]);
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

    for (const steps of [
      ['completed'],
      ['scheduled'],
      ['no_show', 'checked_in'],
      ['checked_in', 'cancelled'],
    ]) {
      it(`BOOK-3: scheduled → ${steps.join(' → ')} is a 409`, async () => {
        const { appointment_id, patch } = await scene();
        for (const status of steps.slice(0, -1))
          expect((await patch(admin, { status })).status).to.equal(200);
        const before = await stored(appointment_id);
        expectProblem(await patch(admin, { status: steps.at(-1) }), 409, 'step_not_allowed');
        expect(await stored(appointment_id)).to.deep.equal(before);
      });
    }

    it('BOOK-3: notes can be written until it is over', async () => {
      const { doctor, patch } = await scene();
      const { body } = await patch(doctor.token, { disease: 'Asthma', disease_code: '195967001' });
      expect(body).to.deep.include({
        disease: 'Asthma',
        disease_code: '195967001',
        status: 'scheduled',
        version: 2,
      });
      await patch(doctor.token, { status: 'no_show' });
      expectProblem(await patch(doctor.token, { disease: 'Gout' }), 409, 'step_not_allowed');
    });

    it('PAT-5: for another patient, and a doctor who has never had this one, it does not exist', async () => {
      const { appointment_id, patch } = await scene();
      const [stranger, otherDoctor] = [await newPatient(), await newDoctor()];
      const ask = (id: string, token: string) =>
        api.patch(`/appointments/${id}`, { token, body: { status: 'cancelled' } });
      for (const { token } of [stranger, otherDoctor]) {
        const answer = await patch(token, { status: 'cancelled' });
        expectProblem(answer, 404, 'not_found');
        const missing = await ask('A-none', token);
        expect({ ...answer.body, instance: '' }).to.deep.equal({ ...missing.body, instance: '' });
      }
      expect((await stored(appointment_id))!['status']).to.equal('scheduled');
    });

    it('BOOK-5: another doctor of the patient reads it but may not change it', async () => {
      const { patient, appointment_id, patch } = await scene();
      const { doctor_id, token } = await newDoctor();
      await api.make.appointment({ doctor_id, patient_id: patient.patient_id });
      expect((await api.get(`/appointments/${appointment_id}`, { token })).status).to.equal(200);
      expectProblem(await patch(token, { status: 'cancelled' }), 403, 'forbidden');
      expect((await stored(appointment_id))!['status']).to.equal('scheduled');
    });

    it('DOCS-3: a stale If-Match is refused with 412, the right one passes', async () => {
      const { doctor, appointment_id, patch } = await scene();
      expectProblem(await patch(doctor.token, { reason: 'a' }, { 'if-match': '"v2"' }), 412, 'stale_version');
      expect((await stored(appointment_id))!['reason']).to.equal(null);
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
      expectProblem(await patch(await api.as('manager'), { status: 'cancelled' }), 403, 'forbidden');
      expect((await stored(appointment_id))!['version']).to.equal(1);
    });
  });

  describe('DELETE /appointments/{appointment_id}', () => {
    async function scene(...steps: string[]) {
      const patient = await newPatient();
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
        expect(await summariesOf(patient.patient_id)).to.deep.equal([]);
        expectProblem(await remove(patient.token), 404, 'not_found');
      }
    });

    it('BOOK-5: not what is past or what somebody has acted on; an admin may', async () => {
      const past = await scene();
      const date = new Date(Date.now() - hour);
      await appointments().updateOne({ _id: past.appointment_id }, { $set: { date } as never });
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
      expectProblem(await remove((await newPatient()).token), 404, 'not_found');
      expectProblem(await remove(), 401, 'not_signed_in');
      expectProblem(await remove(await api.as('doctor')), 403, 'forbidden');
      expectProblem(await remove(admin, { 'if-match': '"v9"' }), 412, 'stale_version');
      expect(await stored(appointment_id)).not.to.equal(null);
    });
  });

  describe('the summaries in the patient’s record', () => {
    it('PAT-1: are the newest 20 after any history of bookings, steps and removals (property)', async () => {
      const { doctor_id } = await api.make.doctor();
      const booking = fc.record({
        op: fc.constant('book' as const),
        hours: fc.integer({ min: 2, max: 700 }),
      });
      const change = fc.record({
        op: fc.constantFrom('cancel' as const, 'remove' as const),
        nth: fc.nat(40),
      });
      const history = fc.array(fc.oneof({ weight: 4, arbitrary: booking }, change), {
        minLength: 20,
        maxLength: 45,
      });
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const { patient_id } = await api.make.patient();
          const ids: string[] = [];
          for (const step of steps) {
            if (step.op === 'book') {
              const date = at(step.hours * hour);
              ids.push((await api.make.appointment({ doctor_id, patient_id, date })).appointment_id);
              continue;
            }
            const path = `/appointments/${ids[step.nth % Math.max(ids.length, 1)] ?? 'A-none'}`;
            if (step.op === 'remove') await api.delete(path, { token: admin });
            else await api.patch(path, { token: admin, body: { status: 'cancelled' } });
          }
          const newest = await appointments()
            .find({ patient_id })
            .sort({ date: -1, _id: -1 })
            .limit(20)
            .toArray();
          const expected = newest.map((document) => {
            const { _id, doctor_id, date, status, disease } = document as unknown as Record<string, unknown>;
            return { appointment_id: _id, doctor_id, date: (date as Date).toISOString(), status, disease };
          });
          expect(await summariesOf(patient_id)).to.deep.equal(expected);
        }),
        { numRuns: 4 },
      );
    });
  });
});
