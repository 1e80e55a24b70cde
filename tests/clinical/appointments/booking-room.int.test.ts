import { expect } from 'chai';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem, newPatient, nthSlot } from '../../support/people.js';

describe('what a patient may book by oneself', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi({ MAX_BOOKINGS: '3' });
  });
  after(() => api.stop());

  async function scene() {
    const patient = await newPatient(api);
    const { doctor_id } = await api.make.doctor();
    const book = (n: number, token = patient.token) =>
      api.post('/appointments', {
        token,
        body: {
          doctor_id,
          date: nthSlot(n),
          ...(token === patient.token ? {} : { patient_id: patient.patient_id }),
        },
      });
    return { ...patient, book };
  }

  it('BOOK-1: nobody keeps a calendar for oneself; the desk may book more, and a visit that is called off counts no more', async () => {
    const { book, token } = await scene();
    const booked = await Promise.all([book(0), book(1), book(2)]);
    expect(booked.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
    expectProblem(await book(3), 409, 'too_many_bookings');
    expect((await book(3, await api.as('admin'))).status).to.equal(201);
    const cancel = (n: number) =>
      api.patch(`/appointments/${booked[n]!.body.appointment_id}`, {
        token,
        body: { status: 'cancelled', cancellation_reason: 'pat' },
      });
    // Of four at once, with room for none, none is made.
    const more = await Promise.all([4, 5, 6, 7].map((n) => book(n)));
    for (const answer of more) expectProblem(answer, 409, 'too_many_bookings');
    await cancel(0);
    expectProblem(await book(4), 409, 'too_many_bookings');
    await cancel(1);
    expect((await book(4)).status).to.equal(201);
  });
});
