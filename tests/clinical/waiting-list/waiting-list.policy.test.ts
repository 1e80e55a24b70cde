import { expect } from 'chai';
import { roles, type Actor } from '../../../src/lib/actor.js';
import { canLeave, visibleTo } from '../../../src/domains/clinical/waiting-list/waiting-list.policy.js';

const actor = (role: Actor['role'], ids: Partial<Actor> = {}): Actor => ({
  ...{ user_id: 'U1', session_id: 'S1', patient_id: null, doctor_id: null },
  role,
  ...ids,
});

describe('the policy of the waiting list', () => {
  it('BOOK-7: the patient who waits and an admin may leave it, nobody else', () => {
    const entry = { patient_id: 'P1' };
    expect(canLeave(actor('patient', { patient_id: 'P1' }), entry)).to.equal(true);
    expect(canLeave(actor('patient', { patient_id: 'P2' }), entry)).to.equal(false);
    expect(canLeave(actor('patient'), entry)).to.equal(false);
    // A doctor's own record as a patient is another account.
    expect(canLeave(actor('doctor', { patient_id: 'P1' }), entry)).to.equal(false);
    const may = roles.filter((role) => canLeave(actor(role), entry));
    expect(may).to.deep.equal(['admin']);
  });

  it('BOOK-7: an admin sees all, a doctor and a patient their own, and nobody means nobody', () => {
    expect(visibleTo(actor('admin'))).to.deep.equal({});
    expect(visibleTo(actor('doctor', { doctor_id: 'D1' }))).to.deep.equal({ doctor_id: 'D1' });
    expect(visibleTo(actor('patient', { patient_id: 'P1' }))).to.deep.equal({ patient_id: 'P1' });
    expect(visibleTo(actor('patient'))).to.deep.equal({ patient_id: null });
  });
});
