import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';
import { expectProblem, newPatient, nthSlot } from '../support/people.js';

describe('what a patient may book by oneself', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi({ MAX_BOOKINGS: '3' });
  });
  after(() => api.stop());

  async function scene() {
    const patient = await newPatient(api);
    const doctors = await Promise.all([api.make.doctor({ slot_capacity: 9 }), api.make.doctor()]);
    const book = (n: number, doctor: 0 | 1 = 0, token = patient.token) =>
      api.post('/appointments', {
        token,
        body: {
          doctor_id: doctors[doctor].doctor_id,
          date: nthSlot(n),
          ...(token === patient.token ? {} : { patient_id: patient.patient_id }),
        },
      });
    return { ...patient, book };
  }

  it('BOOK-1: nobody is at two places at once: not in two places of a slot, and not with two doctors', async () => {
    const { book } = await scene();
    expect((await book(0)).status).to.equal(201);
    expectProblem(await book(0), 409, 'patient_is_elsewhere');
    expectProblem(await book(0, 1), 409, 'patient_is_elsewhere');
    expect((await book(1, 1)).status).to.equal(201);
  });

  it('BOOK-1: of ten bookings at once for one time one is made', async () => {
    const { book } = await scene();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => book(0, i % 2 ? 1 : 0)));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(1);
  });

  it('BOOK-1: nobody keeps a calendar for oneself; the desk may book more, and a visit that is called off counts no more', async () => {
    const { book, token } = await scene();
    const booked = await Promise.all([book(0), book(1), book(2)]);
    expect(booked.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
    expectProblem(await book(3), 409, 'too_many_bookings');
    expect((await book(3, 0, await api.as('admin'))).status).to.equal(201);
    const cancel = (n: number) =>
      api.patch(`/appointments/${booked[n]!.body.appointment_id}`, {
        token,
        body: { status: 'cancelled', cancellation_reason: 'pat' },
      });
    await cancel(0);
    expectProblem(await book(4), 409, 'too_many_bookings');
    await cancel(1);
    expect((await book(4)).status).to.equal(201);
  });
});
