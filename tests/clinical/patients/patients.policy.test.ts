import { expect } from 'chai';
import {
  canList,
  canRead,
  canSet,
  canUpdate,
} from '../../../src/domains/clinical/patients/patients.policy.js';
import { roles, type Actor, type Role } from '../../../src/lib/actor.js';

const actor = (role: Role, patient_id: string | null = null): Actor => ({
  ...{ user_id: 'U1', session_id: 'S1', role, patient_id, doctor_id: null },
});
const patient = { patient_id: 'P1' };

describe('who may do what with a patient', () => {
  it('PAT-5, PAT-8: a patient reads oneself and nobody else, an admin all; of a doctor the store is asked', () => {
    expect(canRead(actor('patient', 'P1'), patient)).to.equal(true);
    expect(canRead(actor('patient', 'P2'), patient)).to.equal(false);
    expect(canRead(actor('patient'), patient)).to.equal(false);
    expect(canRead(actor('doctor'), patient)).to.equal(false);
    expect(canList(actor('doctor'))).to.equal(true);
    expect(canRead(actor('admin'), patient)).to.equal(true);
  });

  it('PAT-2: a patient updates oneself, an admin all, a doctor none', () => {
    expect(canUpdate(actor('patient', 'P1'), patient)).to.equal(true);
    expect(canUpdate(actor('patient', 'P2'), patient)).to.equal(false);
    expect(canUpdate(actor('doctor'), patient)).to.equal(false);
    expect(canUpdate(actor('admin'), patient)).to.equal(true);
  });

  it('PAT-5: no other role, whatever ids its account carries', () => {
    for (const role of roles.filter((other) => !['admin', 'doctor', 'patient'].includes(other))) {
      expect(canRead(actor(role, 'P1'), patient), role).to.equal(false);
      expect(canUpdate(actor(role, 'P1'), patient), role).to.equal(false);
    }
  });

  it('PAT-2: patients set name and contact; an admin all', () => {
    const self = actor('patient', 'P1');
    for (const field of ['name', 'contact']) expect(canSet(self, field), field).to.equal(true);
    for (const field of ['sex', 'date_of_birth', 'age', 'diagnoses', 'allergies', 'department_id']) {
      expect(canSet(self, field), field).to.equal(false);
      expect(canSet(actor('admin'), field), field).to.equal(true);
    }
  });
});
