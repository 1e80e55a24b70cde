import { expect } from 'chai';
import {
  clinic,
  toAppointment as toClinicAppointment,
  toPatient as toClinicPatient,
} from '../../../src/domains/exchange/imports/medscheduler.js';
import {
  prescriptionId,
  toAppointment,
  toBillingRow,
  toPrescription,
} from '../../../src/domains/exchange/imports/synthea.care.js';
import { toDoctor, toHospital } from '../../../src/domains/exchange/imports/synthea.network.js';
import { toAllergy, toDiagnosis, toPatient } from '../../../src/domains/exchange/imports/synthea.patients.js';

const now = new Date('2026-11-21T12:00:00Z');
const date = (text: string): Date => new Date(text);
const place = { doctor_id: 'd1', department_id: 'dep1', hospital_id: 'h1' };

/** The record that a mapper must have given. */
function recordOf<T>(mapped: { record: T } | { rejected: string } | { skipped: string }): T {
  if (!('record' in mapped)) throw new Error(JSON.stringify(mapped));
  return mapped.record;
}

describe('Synthea rows', () => {
  const organization = {
    Id: 'h1', NAME: 'LEE CLINIC', ADDRESS: '1 HIGH ST', CITY: 'LEE', STATE: 'MA', ZIP: '01238', LAT: '42.28', LON: '-73.25',
  }; // prettier-ignore
  const provider = {
    Id: 'd1',
    ORGANIZATION: 'h1',
    NAME: 'Joe656 Jakubowski832',
    SPECIALITY: 'GENERAL PRACTICE',
  };
  const patient = {
    Id: 'p1', BIRTHDATE: '1963-04-27', DEATHDATE: '', FIRST: 'Adán600', LAST: 'Delrío329', GENDER: 'M',
    ADDRESS: '964 Heidenreich Gate', CITY: 'Marshfield', STATE: 'Massachusetts', ZIP: '02051',
  }; // prettier-ignore
  const encounter = {
    Id: 'a1', START: '2024-06-29T03:01:25Z', STOP: '2024-06-29T03:52:09Z', PATIENT: 'p1', PROVIDER: 'd1',
    DESCRIPTION: 'Encounter for check up', REASONCODE: '66383009', REASONDESCRIPTION: 'Gingivitis (disorder)',
  }; // prettier-ignore
  const medication = {
    START: '2024-02-12T23:59:40Z', STOP: '2024-03-18T10:00:40Z', PATIENT: 'p1', ENCOUNTER: 'a1', CODE: '310798',
    DESCRIPTION: 'Hydrochlorothiazide 25 MG', TOTALCOST: '825552.00', REASONCODE: '59621000', REASONDESCRIPTION: 'Hypertension',
  }; // prettier-ignore
  const charge = {
    ID: 'b1', PATIENTID: 'p1', TYPE: 'CHARGE', AMOUNT: '507.59', FROMDATE: '2024-02-24T00:45:26Z', PROCEDURECODE: '310798', APPOINTMENTID: 'a1',
  }; // prettier-ignore
  const charged = { prescription_id: 'RX-1', disease: 'Hypertension', disease_code: '59621000' };

  it('DBA-7: an organization is a hospital, in its state and the zone of that state', () => {
    expect(recordOf(toHospital(organization, now))).to.deep.equal({
      hospital_id: 'h1',
      name: 'LEE CLINIC',
      region: 'MA',
      address: '1 HIGH ST, LEE, MA 01238',
      location: { latitude: 42.28, longitude: -73.25 },
      time_zone: 'America/New_York',
      version: 1,
      created_at: now,
      updated_at: now,
    });
    expect(recordOf(toHospital({ ...organization, STATE: 'CA', LAT: '' }, now))).to.include({
      time_zone: 'America/Los_Angeles',
      location: null,
    });
  });

  it('DBA-7: a provider is a doctor in the department of the speciality at that organization, alike at every run', () => {
    const { doctor, department } = recordOf(toDoctor(provider, now));
    expect(department).to.include({ hospital_id: 'h1', department_name: 'GENERAL PRACTICE' });
    expect(doctor).to.include({
      doctor_id: 'd1',
      hospital_id: 'h1',
      specialty: 'GENERAL PRACTICE',
      accepting: true,
    });
    expect(doctor.department_id).to.equal(department.department_id);
    expect(doctor.registration_expiry.getUTCFullYear()).to.be.within(2030, 2035);
    expect(doctor.consultation_fee).to.match(/^\d{2,3}\.00$/);
    expect(toDoctor({ ...provider }, now)).to.deep.equal(toDoctor(provider, now));
    const colleague = recordOf(toDoctor({ ...provider, Id: 'd2' }, now));
    expect(colleague.department).to.deep.equal(department);
    expect(colleague.doctor.registration_number).not.to.equal(doctor.registration_number);
    const elsewhere = recordOf(toDoctor({ ...provider, ORGANIZATION: 'h2' }, now));
    expect(elsewhere.department.department_id).not.to.equal(department.department_id);
  });

  it('DBA-7: a patient keeps accents, digits and the day of death; the SSN stays out', () => {
    const row = { ...patient, DEATHDATE: '2025-01-31', SSN: '999-12-5114' };
    const stored = recordOf(toPatient(row, [], [], now));
    expect(stored).to.deep.include({
      patient_id: 'p1',
      name: 'Adán600 Delrío329',
      sex: 'male',
      date_of_birth: date('1963-04-27'),
      deceased_date: date('2025-01-31'),
      allergies: { state: 'not_asked', items: [] },
      contact: { phone: null, email: null, address: '964 Heidenreich Gate, Marshfield, Massachusetts 02051' },
    });
    expect(JSON.stringify(stored)).not.to.include('999-12-5114');
  });

  it('DBA-7: a condition without STOP is an open diagnosis', () => {
    const row = {
      START: '2024-06-29',
      STOP: '',
      PATIENT: 'p1',
      CODE: '66383009',
      DESCRIPTION: 'Gingivitis (disorder)',
    };
    expect(recordOf(toDiagnosis(row))).to.deep.equal({
      patient_id: 'p1',
      part: {
        disease: 'Gingivitis (disorder)',
        code: '66383009',
        start_date: date('2024-06-29'),
        end_date: null,
      },
    });
    expect(toDiagnosis({ ...row, STOP: '2024-06-28' })).to.deep.equal({ rejected: 'STOP is before START' });
  });

  it('DBA-7: an allergy has both reactions and the worse severity', () => {
    const row = {
      PATIENT: 'p1', CODE: '7984', DESCRIPTION: 'Penicillin V', CATEGORY: 'medication',
      DESCRIPTION1: 'Rash', SEVERITY1: 'MILD', DESCRIPTION2: 'Anaphylaxis', SEVERITY2: 'SEVERE',
    }; // prettier-ignore
    const { part } = recordOf(toAllergy(row));
    expect(part).to.deep.equal({
      substance: 'Penicillin V', code: '7984', category: 'medication', reaction: 'Rash; Anaphylaxis', severity: 'severe',
    }); // prettier-ignore
    const bare = recordOf(
      toAllergy({ ...row, DESCRIPTION1: '', SEVERITY1: '', DESCRIPTION2: '', SEVERITY2: '' }),
    );
    expect(bare.part).to.include({ reaction: null, severity: null });
  });

  it('DBA-7: an encounter is a completed appointment, however long; its provider must be known', () => {
    const stored = recordOf(toAppointment({ ...encounter, STOP: '2024-10-07T03:01:25Z' }, place));
    expect(stored).to.deep.include({
      appointment_id: 'a1',
      ...place,
      date: date(encounter.START),
      ended_at: date('2024-10-07T03:01:25Z'),
      status: 'completed',
      disease: 'Gingivitis (disorder)',
      disease_code: '66383009',
    });
    const bare = recordOf(toAppointment({ ...encounter, REASONCODE: '', REASONDESCRIPTION: '' }, place));
    expect(bare).to.include({ disease: null, disease_code: null });
    expect(toAppointment(encounter, undefined)).to.deep.equal({
      rejected: 'PROVIDER names no usable row of providers',
    });
  });

  it('DBA-7: a medication is a prescription of whole UTC days with its cost to the cent', () => {
    const stored = recordOf(toPrescription(medication, 'RX-1', place));
    expect(stored).to.deep.include({
      prescription_id: 'RX-1',
      appointment_id: 'a1',
      ...place,
      cost: '825552.00',
      dosage: null,
      frequency: null,
      start_date: date('2024-02-12'),
      end_date: date('2024-03-18'),
      created_at: date(medication.START),
    });
    expect(recordOf(toPrescription({ ...medication, STOP: '' }, 'RX-1', place)).end_date).to.equal(null);
  });

  it('DBA-7: a medication that stops before it starts ends on the day of its start, and is counted', () => {
    const mapped = toPrescription({ ...medication, STOP: '2024-02-06T10:00:00Z' }, 'RX-1', place);
    expect(recordOf(mapped).end_date).to.deep.equal(date('2024-02-12'));
    expect(mapped).to.have.property('adjusted');
  });

  it('DBA-7: rows with one key get ids of their own, the same at every run', () => {
    const ids = [0, 1].map((k) => prescriptionId('a1', '310798', medication.START, k));
    expect(new Set(ids).size).to.equal(2);
    expect(prescriptionId('a1', '310798', medication.START, 1)).to.equal(ids[1]);
    expect(prescriptionId('a13', '10798', medication.START, 1)).not.to.equal(ids[1]);
  });

  it('DBA-7: a CHARGE is a billing row of its medication; payments and transfers are skipped', () => {
    expect(recordOf(toBillingRow(charge, place, charged))).to.deep.equal({
      id: 'b1',
      patient_id: 'p1',
      appointment_id: 'a1',
      ...charged,
      ...place,
      kind: 'prescription',
      total_cost: '507.59',
      created_at: date('2024-02-24T00:45:26Z'),
    });
    expect(toBillingRow({ ...charge, TYPE: 'PAYMENT', AMOUNT: '' }, undefined, undefined)).to.deep.equal({
      skipped: 'TYPE is not CHARGE',
    });
    expect(toBillingRow(charge, place, undefined)).to.deep.equal({
      rejected: 'charges no row of medications',
    });
    expect(toBillingRow(charge, undefined, charged)).to.have.property('rejected');
  });

  it('DBA-7: a value that cannot be used rejects its row and is named by its column only', () => {
    const rejected = (mapped: object): unknown => (mapped as { rejected?: string }).rejected;
    expect(rejected(toPatient({ ...patient, BIRTHDATE: '1963-02-29' }, [], [], now))).to.equal(
      'BIRTHDATE is not a day',
    );
    expect(rejected(toPatient({ ...patient, BIRTHDATE: '27/04/1963' }, [], [], now))).to.equal(
      'BIRTHDATE is not a day',
    );
    expect(rejected(toPatient({ ...patient, GENDER: 'X' }, [], [], now))).to.equal(
      'GENDER is neither M nor F',
    );
    expect(rejected(toPatient({ ...patient, Id: '$ne' }, [], [], now))).to.equal('Id is not an id');
    expect(rejected(toPatient({ ...patient, LAST: ' ' }, [], [], now))).to.equal('LAST is empty');
    expect(rejected(toAppointment({ ...encounter, START: '2024-13-01T00:00:00Z' }, place))).to.equal(
      'START is not a UTC time',
    );
    expect(rejected(toAppointment({ ...encounter, START: '2024-06-29T03:01:25' }, place))).to.equal(
      'START is not a UTC time',
    );
    expect(rejected(toAppointment({ ...encounter, STOP: '2024-06-29T03:01:24Z' }, place))).to.equal(
      'STOP is before START',
    );
    for (const TOTALCOST of ['-1', '1e3', '1.005', 'NaN', '12345678901.00', '']) {
      expect(rejected(toPrescription({ ...medication, TOTALCOST }, 'RX-1', place))).to.match(/^TOTALCOST is/);
    }
    expect(rejected(toHospital({ ...organization, NAME: 'x'.repeat(1001) }, now))).to.match(
      /^NAME is longer/,
    );
  });
});

describe('medscheduler rows', () => {
  const row = {
    appointment_id: '000026', patient_id: '16292', scheduling_date: '2023-12-10', appointment_date: '2024-01-01',
    appointment_time: '14:00:00', status: 'attended', check_in_time: '13:55:31', end_time: '15:26:22',
  }; // prettier-ignore

  it('DBA-7: an attended appointment is completed; its steps are dated', () => {
    const stored = recordOf(toClinicAppointment(row));
    expect(stored).to.deep.include({
      appointment_id: '000026',
      patient_id: '16292',
      department_id: 'MEDSCHEDULER-OUTPATIENTS',
      date: date('2024-01-01T14:00:00Z'),
      ended_at: date('2024-01-01T15:26:22Z'),
      status: 'completed',
    });
    expect(stored.history).to.deep.equal([
      { status: 'scheduled', at: date('2023-12-10'), by: null },
      { status: 'checked_in', at: date('2024-01-01T13:55:31Z'), by: null },
      { status: 'completed', at: date('2024-01-01T15:26:22Z'), by: null },
    ]);
  });

  it('DBA-7: the other statuses; an unknown one is skipped', () => {
    const bare = { ...row, check_in_time: '', end_time: '' };
    const statusOf = (status: string): unknown => recordOf(toClinicAppointment({ ...bare, status })).status;
    expect(statusOf('cancelled')).to.equal('cancelled');
    expect(statusOf('did not attend')).to.equal('no_show');
    expect(statusOf('scheduled')).to.equal('scheduled');
    expect(recordOf(toClinicAppointment({ ...bare, status: 'cancelled' })).ended_at).to.equal(null);
    expect(toClinicAppointment({ ...bare, status: 'unknown' })).to.deep.equal({
      skipped: 'status is unknown',
    });
    expect(toClinicAppointment({ ...bare, status: 'lost' })).to.have.property('rejected');
  });

  it('DBA-7: a patient who came early and was gone by the booked time ends at that time, and is counted', () => {
    const mapped = toClinicAppointment({ ...row, check_in_time: '13:20:00', end_time: '13:49:49' });
    expect(recordOf(mapped).ended_at).to.deep.equal(date('2024-01-01T14:00:00Z'));
    expect(recordOf(mapped).history.at(-1)!.at).to.deep.equal(date('2024-01-01T13:49:49Z'));
    expect(mapped).to.have.property('adjusted');
  });

  it('DBA-7: bad days and times reject the row', () => {
    expect(toClinicAppointment({ ...row, appointment_date: '2024-02-30' })).to.deep.equal({
      rejected: 'appointment_date is not a day',
    });
    expect(toClinicAppointment({ ...row, appointment_time: '24:00:00' })).to.have.property('rejected');
  });

  it('DBA-7: a patient, and the clinic of all appointments', () => {
    const patient = recordOf(
      toClinicPatient({ patient_id: '12484', name: 'Alexandra Owens', sex: 'Female', dob: '' }, now),
    );
    expect(patient).to.include({ patient_id: '12484', sex: 'female', date_of_birth: null });
    const { hospital, department, doctor } = clinic(now);
    expect(department).to.include({ department_name: 'Outpatients', hospital_id: hospital.hospital_id });
    expect(doctor).to.include({ department_id: department.department_id, hospital_id: hospital.hospital_id });
  });
});
