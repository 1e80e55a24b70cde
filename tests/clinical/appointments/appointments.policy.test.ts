import { expect } from 'chai';
import {
  canRead,
  canRemove,
  canUpdate,
} from '../../../src/domains/clinical/appointments/appointments.policy.js';
import type {
  Appointment,
  AppointmentStatus,
} from '../../../src/domains/clinical/appointments/appointments.types.js';
import { roles, type Actor } from '../../../src/lib/actor.js';

const actor = (role: Actor['role'], links: Partial<Actor> = {}): Actor => ({
  user_id: 'U1',
  session_id: 'S1',
  role,
  patient_id: null,
  doctor_id: null,
  hospital_id: null,
  ...links,
});

const now = new Date('2027-01-01T00:00:00Z');
const appointment = (status: AppointmentStatus = 'scheduled', date = '2027-01-02T00:00:00Z') =>
  ({ patient_id: 'P1', doctor_id: 'D1', hospital_id: 'H1', status, date: new Date(date) }) as Appointment;

const owner = actor('patient', { patient_id: 'P1' });
const otherPatient = actor('patient', { patient_id: 'P2' });
const treating = actor('doctor', { doctor_id: 'D1' });
const otherDoctor = actor('doctor', { doctor_id: 'D2' });
const admin = actor('admin');

describe('appointments.policy', () => {
  it('BOOK-5: the owner, the treating doctor and an admin read an appointment', () => {
    for (const who of [owner, treating, admin]) expect(canRead(who, appointment())).to.equal(true);
    for (const who of [otherPatient, otherDoctor]) expect(canRead(who, appointment())).to.equal(false);
  });

  it('BOOK-5: an id of another kind, or none, opens nothing', () => {
    for (const role of roles.filter((role) => role !== 'admin')) {
      expect(canRead(actor(role), appointment())).to.equal(false);
      const crossed = actor(role, { patient_id: 'D1', doctor_id: 'P1', hospital_id: 'D1' });
      expect(canRead(crossed, appointment())).to.equal(false);
    }
    expect(
      canRead(actor('manager', { patient_id: 'P1', doctor_id: 'D1', hospital_id: 'H1' }), appointment()),
    ).to.equal(false);
  });

  it('BOOK-5: a patient may only cancel, and say a reason', () => {
    expect(canUpdate(owner, appointment(), { status: 'cancelled' })).to.equal(true);
    expect(canUpdate(owner, appointment(), { status: 'cancelled', reason: 'a cold' })).to.equal(true);
    for (const status of ['scheduled', 'checked_in', 'completed', 'no_show'] as const)
      expect(canUpdate(owner, appointment(), { status })).to.equal(false);
    expect(canUpdate(owner, appointment(), { disease: 'Flu' })).to.equal(false);
    expect(canUpdate(owner, appointment(), { status: 'cancelled', disease_code: null })).to.equal(false);
    expect(canUpdate(otherPatient, appointment(), { status: 'cancelled' })).to.equal(false);
  });

  it('BOOK-5: the treating doctor and an admin may do all of it, another doctor nothing', () => {
    for (const status of ['checked_in', 'completed', 'no_show', 'cancelled'] as const) {
      expect(canUpdate(treating, appointment(), { status })).to.equal(true);
      expect(canUpdate(admin, appointment(), { status })).to.equal(true);
      expect(canUpdate(otherDoctor, appointment(), { status })).to.equal(false);
    }
  });

  it('BOOK-5: the owner removes before the date while nobody has acted on it, an admin always', () => {
    expect(canRemove(owner, appointment(), now)).to.equal(true);
    expect(canRemove(owner, appointment('cancelled'), now)).to.equal(true);
    expect(canRemove(owner, appointment('checked_in'), now)).to.equal(false);
    expect(canRemove(owner, appointment('scheduled', '2026-12-31T23:59:59Z'), now)).to.equal(false);
    expect(canRemove(otherPatient, appointment(), now)).to.equal(false);
    expect(canRemove(admin, appointment('no_show', '2020-01-01T00:00:00Z'), now)).to.equal(true);
  });
});
