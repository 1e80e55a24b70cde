import { expect } from 'chai';
import fc from 'fast-check';
import type { AppointmentDocument } from '../../../src/domains/clinical/appointments/appointments.model.js';
import { startApi, type TestApi } from '../../support/api.js';
import {
  day,
  expectProblem,
  expectSameRefusal,
  newPatient,
  nthSlot,
  summariesOf,
  tomorrow,
} from '../../support/people.js';

describe('appointments', () => {
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
  const cancel = { status: 'cancelled', cancellation_reason: 'oth-err' };

  describe('POST /appointments', () => {
    it('BOOK-1: a patient books for oneself; the appointment and its summary are stored together', async () => {
      const { patient_id, token, user_id } = await newPatient(api);
      const { doctor_id, department_id, hospital_id } = await api.make.doctor();
      const date = tomorrow();
      const { status, body, headers } = await api.post('/appointments', {
        token,
        body: { doctor_id, date, disease: 'Influenza', reason: 'A cough & fever' },
      });
      expect(status).to.equal(201);
      expect(headers.get('etag')).to.equal('"v1"');
      expect(body).to.deep.include({
        ...{ patient_id, doctor_id, department_id, hospital_id, date, status: 'scheduled', ended_at: null },
        ...{ disease: 'Influenza', disease_code: null, reason: 'A cough & fever', version: 1 },
      });
      expect(body.history).to.deep.equal([{ status: 'scheduled', at: body.created_at, by: user_id }]);
      const document = await stored(body.appointment_id);
      expect(document).to.deep.include({ patient_id, doctor_id, date: new Date(date), status: 'scheduled' });
      const { appointment_id } = body;
      expect(await summariesOf(api, patient_id, 'appointments')).to.deep.equal([
        { appointment_id, doctor_id, date, status: 'scheduled', disease: 'Influenza' },
      ]);
    });

    it('BOOK-1: an admin books for anyone, under an id of choice; a taken id is refused with 409', async () => {
      const { patient_id } = await api.make.patient();
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, patient_id, date: tomorrow(), appointment_id: `A-${patient_id}` };
      expect((await api.post('/appointments', { token: admin, body })).status).to.equal(201);
      const again = await api.post('/appointments', {
        token: admin,
        body: { ...body, date: nthSlot(1) },
      });
      expectProblem(again, 409, 'already_exists');
      expect(again.body.key).to.equal('appointment_id');
      expect((await stored(body.appointment_id))!.date).to.deep.equal(new Date(body.date));
      expect(await summariesOf(api, patient_id, 'appointments')).to.have.length(1);
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
      const { token } = await newPatient(api);
      const other = await newPatient(api);
      const { doctor_id } = await api.make.doctor();
      const ask = (patient_id: string) =>
        api.post('/appointments', { token, body: { doctor_id, date: tomorrow(), patient_id } });
      const [theirs, none] = [await ask(other.patient_id), await ask('P-none')];
      expectSameRefusal(theirs, none);
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
        await api.post('/appointments', { token: (await newPatient(api)).token, body }),
        404,
        'not_found',
      );
    });

    for (const [what, date] of [
      ['the past', () => new Date(Date.now() - 1).toISOString()],
      ['more than 30 days ahead', () => new Date(Date.now() + 31 * day).toISOString()],
    ] as const) {
      it(`BOOK-2: refuses ${what}, naming the field`, async () => {
        const { patient_id, token } = await newPatient(api);
        const { doctor_id } = await api.make.doctor();
        const answer = await api.post('/appointments', { token, body: { doctor_id, date: date() } });
        expectProblem(answer, 400, 'outside_booking_window');
        expect(answer.body.errors[0].pointer).to.equal('/body/date');
        expect(await appointments().countDocuments({ patient_id })).to.equal(0);
        expect(await summariesOf(api, patient_id, 'appointments')).to.deep.equal([]);
      });
    }

    it('BOOK-1: reads dd/mm/yyyy hh:mm:ss on the clock of the doctor’s hospital', async () => {
      const { token } = await newPatient(api);
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
        const { patient_id, token } = await newPatient(api);
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
      const { patient_id, token } = await newPatient(api);
      const { doctor_id } = await api.make.doctor();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          api.post('/appointments', { token, body: { doctor_id, date: nthSlot(i) } }),
        ),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(201));
      expect(await summariesOf(api, patient_id, 'appointments')).to.have.length(8);
    });

    it('BOOK-1: a patient gives no disease code: that is a diagnosis', async () => {
      const { patient_id, token } = await newPatient(api);
      const { doctor_id } = await api.make.doctor();
      const body = { doctor_id, date: tomorrow(), disease: 'Cough', disease_code: '49727002' };
      expectProblem(await api.post('/appointments', { token, body }), 403, 'forbidden');
      const booked = await api.post('/appointments', { token: admin, body: { ...body, patient_id } });
      expect([booked.status, booked.body.disease_code]).to.deep.equal([201, '49727002']);
    });
  });

  describe('POST /bookings/{doctor_id}', () => {
    it('BOOK-1: books by the short form', async () => {
      const { patient_id, token } = await newPatient(api);
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
      const { patient_id, token } = await newPatient(api);
      const { doctor_id } = await api.make.doctor();
      const book = (id: string, booking_date_time: string) =>
        api.post(`/bookings/${id}`, { token, body: { booking_date_time } });
      expectProblem(await book('D-none', tomorrow()), 404, 'not_found');
      const past = await book(doctor_id, '2020-01-01T00:00:00Z');
      expectProblem(past, 400, 'outside_booking_window');
      const none = await book(doctor_id, '31/02/2027 10:00:00');
      expectProblem(none, 400, 'no_such_time');
      for (const { body } of [past, none]) expect(body.errors[0].pointer).to.equal('/body/booking_date_time');
      expectProblem(await api.post(`/bookings/${doctor_id}`, { body: {} }), 401, 'not_signed_in');
      expect(await appointments().countDocuments({ patient_id })).to.equal(0);
    });
  });

  describe('the summaries in the patient’s record', () => {
    it('PAT-1: are right when one leaves the newest 20 while another arrives just behind them', async () => {
      const { doctor_id } = await api.make.doctor();
      for (let round = 0; round < 2; round++) {
        const { patient_id } = await api.make.patient();
        const ids: string[] = [];
        for (let n = 0; n < 21; n++) {
          const date = nthSlot(round * 32 + (n === 0 ? 0 : n + 1));
          ids.push((await api.make.appointment({ doctor_id, patient_id, date })).appointment_id);
        }
        const [arrived, left] = await Promise.all([
          api.post('/appointments', {
            token: admin,
            body: { doctor_id, patient_id, date: nthSlot(round * 32 + 1) },
          }),
          api.delete(`/appointments/${ids[20]}`, { token: admin }),
        ]);
        expect([arrived.status, left.status]).to.deep.equal([201, 204]);
        const expected = [...ids.slice(1, 20).toReversed(), arrived.body.appointment_id];
        const shown = await summariesOf(api, patient_id, 'appointments');
        expect(shown.map((summary) => summary.appointment_id)).to.deep.equal(expected);
      }
    });

    it('PAT-1: are the newest 20 after any history of bookings, steps and removals (property)', async () => {
      const { doctor_id } = await api.make.doctor();
      const booking = fc.record({
        op: fc.constant('book' as const),
        nth: fc.nat(900),
      });
      const change = fc.record({
        op: fc.constantFrom('cancel' as const, 'remove' as const),
        nth: fc.nat(40),
      });
      const history = fc.array(fc.oneof({ weight: 4, arbitrary: booking }, change), {
        minLength: 20,
        maxLength: 35,
      });
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const { patient_id } = await api.make.patient();
          const ids: string[] = [];
          for (const step of steps) {
            if (step.op === 'book') {
              const body = { doctor_id, patient_id, date: nthSlot(step.nth) };
              const { status, body: made } = await api.post('/appointments', { token: admin, body });
              if (status === 201) ids.push(made.appointment_id);
              continue;
            }
            const path = `/appointments/${ids[step.nth % Math.max(ids.length, 1)] ?? 'A-none'}`;
            if (step.op === 'remove') await api.delete(path, { token: admin });
            else await api.patch(path, { token: admin, body: cancel });
          }
          const newest = await appointments()
            .find({ patient_id })
            .sort({ date: -1, _id: -1 })
            .limit(20)
            .toArray();
          const expected = newest.map((document) => {
            const { _id, doctor_id, date, status, disease } = document;
            return { appointment_id: _id, doctor_id, date: date.toISOString(), status, disease };
          });
          expect(await summariesOf(api, patient_id, 'appointments')).to.deep.equal(expected);
        }),
        { numRuns: 3 },
      );
    });
  });
});
