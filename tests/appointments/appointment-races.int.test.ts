import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';
import { tomorrow } from '../support/people.js';

describe('a booking against a removal', () => {
  let api: TestApi;
  let admin: string;

  before(async () => {
    api = await startApi();
    admin = await api.as('admin');
  });
  after(() => api.stop());

  it('DOC-2: a booking and a removal of the doctor at the same moment leave no orphan', async () => {
    const { patient_id } = await api.make.patient();
    for (let round = 0; round < 5; round++) {
      const { doctor_id } = await api.make.doctor();
      const [booked, removed] = await Promise.all([
        api.post('/appointments', { token: admin, body: { doctor_id, patient_id, date: tomorrow() } }),
        api.delete(`/doctors/${doctor_id}`, { token: admin }),
      ]);
      expect([booked.status, removed.status]).to.be.deep.oneOf([
        [201, 409],
        [404, 204],
      ]);
    }
  });

  it('PAT-2: a visit that is completed leaves no way to remove its patient, bill or no bill yet', async () => {
    for (let round = 0; round < 5; round++) {
      const { patient_id } = await api.make.patient();
      const { appointment_id } = await api.make.appointment({ patient_id });
      await api.make.steps(appointment_id, 'checked_in');
      const [completed, removed] = await Promise.all([
        api.patch(`/appointments/${appointment_id}`, { token: admin, body: { status: 'completed' } }),
        api.delete(`/patients/${patient_id}`, { token: admin }),
      ]);
      expect([completed.status, removed.status]).to.deep.equal([200, 409]);
    }
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
