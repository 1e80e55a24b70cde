import { expect } from 'chai';
import { canDecide, canRead, canReadBooks } from '../../../src/domains/money/payments/payments.policy.js';
import { roles, type Actor, type Role } from '../../../src/lib/actor.js';

const actor = (role: Role, fields: Partial<Actor> = {}): Actor => ({
  ...{ user_id: 'U1', role, session_id: 'S', patient_id: null, doctor_id: null, ...fields },
});

describe('payments.policy', () => {
  it('BILL-2: a manager and an admin read every payment, a patient their own, nobody else any', () => {
    const all = roles.filter((role) => canRead(actor(role), { patient_id: 'P1', hospital_id: 'H1' }));
    expect(all).to.deep.equal(['manager', 'admin']);
    expect(
      canRead(actor('patient', { patient_id: 'P1', hospital_id: 'H1' }), {
        patient_id: 'P1',
        hospital_id: 'H1',
      }),
    ).to.equal(true);
    expect(
      canRead(actor('patient', { patient_id: 'P2', hospital_id: 'H1' }), {
        patient_id: 'P1',
        hospital_id: 'H1',
      }),
    ).to.equal(false);
    expect(
      canRead(actor('doctor', { patient_id: 'P1', hospital_id: 'H1' }), {
        patient_id: 'P1',
        hospital_id: 'H1',
      }),
    ).to.equal(false);
  });

  it('BILL-2: one that is void is for those who keep the books', () => {
    expect(roles.filter((role) => canReadBooks(actor(role)))).to.deep.equal(['manager', 'admin']);
  });

  it('BILL-2: who asked for a refund does not decide about it', () => {
    expect(canDecide(actor('admin'), { requested_by: 'U1' })).to.equal(false);
    expect(canDecide(actor('admin'), { requested_by: 'U2' })).to.equal(true);
  });
});
