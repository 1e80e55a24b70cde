import type { Aggregation, Stage } from '../../../../aggregations/stages/types.js';
import type { Drilldown } from '../engine/reports.definition.js';
import type { Column } from '../engine/reports.types.js';

/*
 * The records behind a figure. What a report is held to (its period, places and whose figures the asker may see) and what the row
 * adds to it are two `$match`es, so that no key ever widens the first.
 */

const text = (name: string, title: string, description: string): Column => ({
  ...{ name, type: 'text' as const, title, description },
  nullable: true,
});

const whereAndWhatFor: readonly Column[] = [
  text('department_id', 'Department', 'The department then'),
  text('hospital_id', 'Hospital', 'The hospital then'),
  text('disease', 'Disease', 'What for'),
  text('disease_code', 'Code', 'Its code'),
];

const ofAppointments: readonly Column[] = [
  text('appointment_id', 'Appointment', 'The appointment'),
  text('date', 'Date', 'Its beginning (UTC)'),
  text('slot_end', 'End', 'The end of its slot (UTC)'),
  text('status', 'Status', 'How it stands'),
  text('patient_id', 'Patient', 'Whose'),
  text('doctor_id', 'Doctor', 'With whom'),
  ...whereAndWhatFor,
  text('created_at', 'Booked', 'When it was written down (UTC)'),
];

const ofPrescriptions: readonly Column[] = [
  text('prescription_id', 'Prescription', 'The prescription'),
  text('start_date', 'Start', 'Its first day'),
  text('end_date', 'End', 'Its last day'),
  text('drug', 'Drug', 'The drug as it was written'),
  text('drug_code', 'Drug code', 'Its code'),
  { name: 'cost', type: 'money', title: 'Cost', description: 'Its cost' },
  text('patient_id', 'Patient', 'For whom'),
  text('doctor_id', 'Doctor', 'By whom'),
  ...whereAndWhatFor,
];

const ofDiagnoses: readonly Column[] = [
  text('patient_id', 'Patient', 'Whose'),
  {
    ...{ name: 'number', type: 'count', title: 'Number' },
    ...{ description: 'Which of the patient’s diagnoses, from 0', total: 'none' },
  },
  text('start_date', 'Start', 'Its first day'),
  text('end_date', 'End', 'Its last day'),
  text('disease', 'Disease', 'The disease as it was written'),
  text('disease_code', 'Code', 'Its code'),
];

const orNull = (field: string): Stage => ({ $ifNull: [`$${field}`, null] });
const instant = (field: string): Stage => ({
  $dateToString: { date: `$${field}`, format: '%Y-%m-%dT%H:%M:%S.%LZ', onNull: null },
});
const day = (field: string): Stage => ({
  $dateToString: { date: `$${field}`, format: '%Y-%m-%d', onNull: null },
});
const asTheyAre = (...fields: readonly string[]): Stage =>
  Object.fromEntries(fields.map((field) => [field, orNull(field)]));
const places = [
  'patient_id',
  'doctor_id',
  'department_id',
  'hospital_id',
  'disease',
  'disease_code',
] as const;

/** Appointments by their date, then by id. */
export const appointmentDrilldown = (...matched: readonly Stage[]): Drilldown => ({
  columns: ofAppointments,
  order: ['date', 'appointment_id'],
  of: { begin: 'date', isDay: false, patient: 'patient_id' },
  mongodb: {
    collection: 'appointments',
    pipeline: [
      ...matched,
      { $sort: { date: 1, _id: 1 } },
      {
        $project: {
          ...{ _id: 0, appointment_id: '$_id', status: 1 },
          ...{ date: instant('date'), slot_end: instant('slot_end'), created_at: instant('created_at') },
          ...asTheyAre(...places),
        },
      },
    ],
  },
});

/** Prescriptions by their first day, those without one first, then by id. */
export const prescriptionDrilldown = (...matched: readonly Stage[]): Drilldown => ({
  columns: ofPrescriptions,
  order: ['start_date', 'prescription_id'],
  of: { begin: 'start_date', isDay: true, patient: 'patient_id' },
  mongodb: {
    collection: 'prescriptions',
    pipeline: [
      ...matched,
      { $sort: { start_date: 1, _id: 1 } },
      {
        $project: {
          ...{ _id: 0, prescription_id: '$_id', cost: { $toString: '$cost' } },
          ...{ start_date: day('start_date'), end_date: day('end_date') },
          ...asTheyAre('drug', 'drug_code', ...places),
        },
      },
    ],
  },
});

/** Diagnoses, unwound from their patients, by their first day, then by patient and what they say. */
export const diagnosisDrilldown = (...matched: readonly Stage[]): Drilldown => ({
  columns: ofDiagnoses,
  order: ['start_date', 'patient_id', 'number'],
  of: { begin: 'diagnoses.start_date', isDay: true, patient: '_id' },
  mongodb: {
    collection: 'patients',
    pipeline: [
      { $project: { diagnoses: 1 } },
      { $unwind: { path: '$diagnoses', includeArrayIndex: 'index' } },
      ...matched,
      { $sort: { 'diagnoses.start_date': 1, _id: 1, index: 1 } },
      {
        $project: {
          ...{ _id: 0, patient_id: '$_id', number: '$index' },
          ...{ start_date: day('diagnoses.start_date'), end_date: day('diagnoses.end_date') },
          ...{ disease: orNull('diagnoses.disease'), disease_code: orNull('diagnoses.code') },
        },
      },
    ],
  },
});

/** The `$match`es of a pipeline before anything is summed: what its figures are made of. */
export function matchedBy({ pipeline }: Aggregation): readonly Stage[] {
  const end = pipeline.findIndex((stage) => !('$match' in stage));
  return pipeline.slice(0, end < 0 ? pipeline.length : end);
}
