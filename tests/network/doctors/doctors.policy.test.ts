import { expect } from 'chai';
import { canReadRecord, canSet, canUpdate } from '../../../src/domains/network/doctors/doctors.policy.js';
import { roles, type Actor, type Role } from '../../../src/lib/actor.js';

const actor = (role: Role, doctor_id: string | null = null): Actor => ({
  ...{ user_id: 'U1', session_id: 'S1', role, patient_id: null, doctor_id },
});
const doctor = { doctor_id: 'D1' };

describe('who may do what with a doctor', () => {
  it('DOC-2: the record is for an admin and the doctor', () => {
    expect(canReadRecord(actor('admin'), doctor)).to.equal(true);
    expect(canReadRecord(actor('doctor', 'D1'), doctor)).to.equal(true);
    expect(canReadRecord(actor('doctor', 'D2'), doctor)).to.equal(false);
    expect(canReadRecord(actor('doctor'), doctor)).to.equal(false);
  });

  it('DOC-2: nobody else, whatever ids their account carries', () => {
    for (const role of roles.filter((other) => other !== 'admin' && other !== 'doctor')) {
      expect(canReadRecord(actor(role, 'D1'), doctor), role).to.equal(false);
      expect(canUpdate(actor(role, 'D1'), doctor), role).to.equal(false);
    }
  });

  it('DOC-2: a doctor sets availability, slot length and capacity, leave and accepting; an admin all', () => {
    for (const field of ['availability', 'slot_minutes', 'slot_capacity', 'leave_days', 'accepting'])
      expect(canSet(actor('doctor', 'D1'), field), field).to.equal(true);
    for (const field of ['name', 'consultation_fee', 'registration_expiry', 'department_id', 'user_id']) {
      expect(canSet(actor('doctor', 'D1'), field), field).to.equal(false);
      expect(canSet(actor('admin'), field), field).to.equal(true);
    }
  });
});
