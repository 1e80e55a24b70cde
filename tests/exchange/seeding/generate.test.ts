import { expect } from 'chai';
import fc from 'fast-check';
import {
  createPlan,
  generateNetwork,
  generatePatient,
  type SeedOptions,
} from '../../../src/domains/exchange/seeding/index.js';

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
});

describe('seeding', () => {
  it('DBA-7: the same options make the same records to the byte; another seed makes others', () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const { network, patients } = generate(options);
        const again = generate(options);
        expect(JSON.stringify([again.network, again.patients])).to.equal(JSON.stringify([network, patients]));
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
