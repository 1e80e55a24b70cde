import { expect } from 'chai';
import fc from 'fast-check';
import {
  createPlan,
  generateNetwork,
  generatePatient,
  type SeedOptions,
} from '../../../src/domains/exchange/seeding/index.js';
import { slotsOf } from '../../../src/domains/exchange/seeding/seeding.clinics.js';
import { generatePayments } from '../../../src/domains/exchange/seeding/seeding.payments.js';

const until = new Date('2026-11-01T00:00:00Z');

function generate(options: SeedOptions) {
  const plan = createPlan(options);
  const network = generateNetwork(plan);
  const patients = Array.from({ length: options.patients }, (_, number) =>
    generatePatient(plan, network, number),
  );
  return { plan, network, patients };
}

const anyOptions = fc.record({
  patients: fc.integer({ min: 1, max: 60 }),
  years: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(),
  until: fc.date({ min: new Date('2020-01-01'), max: until, noInvalidDate: true }).map((day) => {
    day.setUTCHours(0, 0, 0, 0);
    return day;
  }),
  busy: fc.boolean(),
});

describe('seeding', () => {
  it('DBA-7: the same options make the same records to the byte; another seed makes others', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const { network, patients } = generate(options);
        const again = generate(options);
        const text = (made: typeof again): string =>
          JSON.stringify([made.network, made.patients.map(({ visits: _, ...records }) => records)]);
        expect(text(again)).to.equal(text({ ...again, network, patients }));
        expect(generate({ ...options, seed: options.seed + 1 }).patients[0]!.patient.patient_id).not.to.equal(
          patients[0]!.patient.patient_id,
        );
      }),
      { numRuns: 10 },
    );
  });

  it('DBA-7: a patient is the same whichever others are made before', () => {
    const options = { patients: 40, years: 1, seed: 7, until };
    const plan = createPlan(options);
    const network = generateNetwork(plan);
    expect(generatePatient(plan, network, 33)).to.deep.equal(generate(options).patients[33]);
  });

  it('DBA-7: no slot of a doctor is taken twice and no patient is at two places on a day', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const appointments = generate(options).patients.flatMap((one) => one.appointments);
        const slots = appointments.map(({ doctor_id, date }) => `${doctor_id} ${date.toISOString()}`);
        const days = appointments.map(
          ({ patient_id, date }) => `${patient_id} ${date.toISOString().slice(0, 10)}`,
        );
        expect(new Set(slots).size).to.equal(slots.length);
        expect(new Set(days).size).to.equal(days.length);
      }),
      { numRuns: 10 },
    );
  });

  it('DBA-7: has the shapes of a network: rates, weekdays, hours, a future, several regions', () => {
    const { network, patients } = generate({ patients: 1500, years: 2, seed: 1, until });
    const appointments = patients.flatMap((one) => one.appointments);
    const share = (status: string): number =>
      appointments.filter((one) => one.status === status).length / appointments.length;
    expect(appointments.length / patients.length).to.be.within(17, 23);
    expect(share('completed')).to.be.within(0.72, 0.8);
    expect(share('cancelled')).to.be.within(0.13, 0.19);
    expect(share('no_show')).to.be.within(0.04, 0.08);
    for (const { status, date, ended_at } of appointments) {
      expect(status === 'scheduled').to.equal(date >= until);
      expect(ended_at !== null).to.equal(status === 'completed');
    }
    expect(new Set(network.hospitals.map(({ region }) => region)).size).to.be.greaterThan(1);
    expect(new Set(patients.map(({ patient }) => patient.name)).size).to.be.greaterThan(500);
  });

  it('REP-13: a busy network is as busy as hospitals are, on every day of the week, and nothing is over before its time', () => {
    const now = new Date('2026-07-15T18:10:00Z');
    const { plan, network, patients } = generate({
      patients: 500,
      years: 2,
      seed: 1,
      busy: true,
      until: now,
    });
    const appointments = patients.flatMap((one) => one.appointments);
    const yearAgo = new Date('2025-07-15T00:00:00Z');
    for (const [number, { doctor }] of network.doctors.entries()) {
      const slots = slotsOf(plan.clinicOf(number), yearAgo, now).length;
      const kept = appointments.filter(
        (one) =>
          one.doctor_id === doctor.doctor_id &&
          one.status !== 'cancelled' &&
          one.date >= yearAgo &&
          one.date < now,
      );
      expect(kept.length / slots, doctor.name).to.be.within(0.4, 0.85);
    }
    const weekdays = new Set(appointments.map(({ date }) => date.getUTCDay()));
    expect(weekdays.size).to.equal(7);
    for (const { history, date, status } of appointments) {
      expect(history.every(({ at }) => at <= now)).to.equal(true);
      if (date >= now) expect(status).to.equal('scheduled');
    }
    const counts = patients.map((one) => one.appointments.length);
    expect(Math.max(...counts)).to.be.greaterThan(60);
    expect(counts.filter((count) => count < 5)).to.have.length.greaterThan(50);
  });

  it('BILL-2: a payment is of a bill or booking of its own, never before it was booked nor after now', () => {
    const { plan, patients } = generate({ patients: 100, years: 2, seed: 2, busy: true, until });
    const cancelled_at = until;
    for (const one of patients) {
      const payments = generatePayments(plan, one, ({ appointment_id, patient_id, doctor_id }) => ({
        ...{ appointment_id, patient_id, doctor_id, reason: 'pat', refund_percent: 50, cancelled_at },
      }));
      const bills = new Map(one.billing.map((bill) => [bill.id, bill]));
      const visits = new Map(one.appointments.map((visit) => [visit.appointment_id, visit]));
      const accounts = payments.map(({ bill_id, snapshot }) => bill_id ?? snapshot.appointment_id!);
      expect(new Set(accounts).size).to.equal(accounts.length);
      for (const { bill_id, snapshot, fee, tries, refunds } of payments) {
        const visit = visits.get(snapshot.appointment_id!)!;
        if (bill_id !== null) expect(bills.get(bill_id)!.total_cost).to.equal(fee);
        const first = bill_id === null ? visit.created_at : bills.get(bill_id)!.created_at;
        const times = [
          ...tries.flatMap(({ created_at, paid_at, failed_at }) => [created_at, paid_at, failed_at]),
          ...refunds.flatMap(({ requested_at, decision }) => [requested_at, decision?.at ?? null]),
        ].filter((at) => at !== null);
        for (const at of times) {
          expect(at <= until).to.equal(true);
          expect(at.getTime()).to.be.greaterThan(first.getTime() - 15 * 60_000);
        }
        if (refunds.length > 0) expect(tries.at(-1)!.paid_at).not.to.equal(null);
      }
    }
  });

  it('DBA-7: diagnoses, prescriptions and billing follow from the completed visits', () => {
    for (const { patient, appointments, prescriptions, billing } of generate({
      patients: 100,
      years: 1,
      seed: 3,
      until,
    }).patients) {
      const completed = new Map(
        appointments.filter(({ status }) => status === 'completed').map((one) => [one.appointment_id, one]),
      );
      const consultations = billing.filter(({ kind }) => kind === 'consultation');
      expect(consultations.map(({ appointment_id }) => appointment_id)).to.have.members([
        ...completed.keys(),
      ]);
      for (const { appointment_id, disease_code, start_date, end_date } of prescriptions) {
        expect(completed.get(appointment_id!)!.disease_code).to.equal(disease_code);
        expect(end_date === null || end_date >= start_date!).to.equal(true);
      }
      const costs = new Map(prescriptions.map(({ prescription_id, cost }) => [prescription_id, cost]));
      for (const { prescription_id, total_cost, kind } of billing) {
        if (kind === 'prescription') expect(costs.get(prescription_id!)).to.equal(total_cost);
      }
      const seen = new Set([...completed.values()].flatMap(({ disease_code }) => disease_code ?? []));
      expect(new Set(patient.diagnoses.map(({ code }) => code))).to.deep.equal(seen);
    }
  });
});
