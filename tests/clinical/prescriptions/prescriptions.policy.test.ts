import { expect } from 'chai';
import {
  canChange,
  canRead,
  canReadRemoved,
  isPrescriber,
} from '../../../src/domains/clinical/prescriptions/prescriptions.policy.js';
import type { Actor } from '../../../src/lib/actor.js';

const actor = (role: Actor['role'], links: Partial<Actor> = {}): Actor => ({
  user_id: 'U1',
  session_id: 'S1',
  role,
  patient_id: null,
  doctor_id: null,
  ...links,
});
const prescription = { patient_id: 'P1', doctor_id: 'D1' };
const owner = actor('patient', { patient_id: 'P1' });
const otherPatient = actor('patient', { patient_id: 'P2' });
const prescriber = actor('doctor', { doctor_id: 'D1' });
const otherDoctor = actor('doctor', { doctor_id: 'D2' });
const admin = actor('admin');

describe('prescriptions.policy', () => {
  it('RX-2, PAT-8: the owner, the prescriber and an admin read a prescription; of another doctor the store is asked', () => {
    for (const who of [owner, prescriber, admin]) expect(canRead(who, prescription)).to.equal(true);
    for (const who of [
      otherPatient,
      otherDoctor,
      actor('patient'),
      actor('manager', { patient_id: 'P1' }),
      actor('pharmacist'),
    ])
      expect(canRead(who, prescription)).to.equal(false);
  });

  it('RX-2: only the prescriber and an admin change it, or read it when it is removed', () => {
    for (const may of [canChange, canReadRemoved]) {
      for (const who of [prescriber, admin]) expect(may(who, prescription)).to.equal(true);
      for (const who of [otherDoctor, owner, actor('doctor')]) expect(may(who, prescription)).to.equal(false);
    }
  });

  it('RX-1: a prescriber is a doctor with that doctor_id', () => {
    expect(isPrescriber(prescriber, prescription)).to.equal(true);
    expect(isPrescriber(actor('admin', { doctor_id: 'D1' }), prescription)).to.equal(false);
  });
});
