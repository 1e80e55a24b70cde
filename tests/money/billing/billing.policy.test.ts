import { expect } from 'chai';
import { canRead, shownTo } from '../../../src/domains/money/billing/billing.policy.js';
import { roles, type Actor } from '../../../src/lib/actor.js';

const actor = (role: Actor['role'], patient_id: string | null = null): Actor => ({
  user_id: 'U1',
  session_id: 'S1',
  role,
  patient_id,
  doctor_id: null,
});

describe('billing.policy', () => {
  const row = { patient_id: 'P1', hospital_id: 'H1' };

  it('PAT-8: a charge says its disease to all who may read it but managers', () => {
    const bill = { disease: 'Gout', disease_code: '90560007' };
    const seeing = roles.filter((role) => shownTo(actor(role), bill).disease !== null);
    expect(seeing).to.deep.equal(roles.filter((role) => role !== 'manager'));
    expect(shownTo(actor('manager'), bill)).to.deep.equal({ disease: null, disease_code: null });
  });

  it('BILL-1: a manager and an admin read every row, a patient their own, nobody else any', () => {
    const may = roles.filter((role) => canRead(actor(role), row));
    expect(may).to.deep.equal(['manager', 'admin']);
    expect(canRead(actor('patient', 'P1'), row)).to.equal(true);
    expect(canRead(actor('patient', 'P2'), row)).to.equal(false);
    expect(canRead(actor('doctor', 'P1'), row)).to.equal(false);
  });
});
