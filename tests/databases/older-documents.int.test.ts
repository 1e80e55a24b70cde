import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';

describe('a document from before a field was there', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  after(() => api.stop());

  const forget = (collection: string, _id: string, fields: readonly string[]): Promise<unknown> =>
    api.system.around.stores.connection
      .collection<{ _id: string }>(collection)
      .updateOne({ _id }, { $unset: Object.fromEntries(fields.map((field) => [field, ''])) });

  it('reads with what the model says the field is by default', async () => {
    const { appointments, doctors, patients } = api.system.parts;
    const { appointment_id, doctor_id, patient_id } = await api.make.appointment();
    const unbooked = {
      ...{ slot_end: null, consultation_fee: null, overbooking_reason: null, cancellation_reason: null },
      ...{ reschedules: [], payment: null },
    };
    await forget('appointments', appointment_id, Object.keys(unbooked));
    await forget('doctors', doctor_id, ['slot_capacity', 'user_id']);
    await forget('patients', patient_id, ['deceased_date', 'department_id']);
    expect(await appointments.find(appointment_id)).to.deep.include(unbooked);
    expect(await doctors.find(doctor_id)).to.deep.include({ slot_capacity: 1, user_id: null });
    expect(await patients.find(patient_id)).to.deep.include({ deceased_date: null, department_id: null });
  });
});
