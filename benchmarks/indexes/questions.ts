import type { Connection } from 'mongoose';
import type { Knex } from '../../src/databases/postgres/postgres.js';

/** Values that requests ask for: of the middle of the data, neither the busiest nor an empty one. */
interface Examples {
  readonly doctor: string;
  readonly patient: string;
  readonly department: string;
  readonly hospital: string;
  readonly specialty: string;
  readonly drug: string;
  readonly disease: string;
  readonly surname: string;
  readonly doctor_surname: string;
  readonly appointment: string;
}

/** The last word of a name. */
const surname = (name: string): string => name.split(' ').at(-1)!;

export async function findExamples(connection: Connection, knex: Knex): Promise<Examples> {
  const [prescription] = await connection
    .db!.collection<Record<string, string> & { _id: string }>('prescriptions')
    .find({ disease: { $ne: null } } as never)
    .sort({ _id: 1 })
    .skip(7)
    .limit(1)
    .toArray();
  if (!prescription) throw new Error('There are no prescriptions to ask for.');
  const { patient_id, doctor_id, drug, disease } = prescription as unknown as Record<string, string>;
  const doctor = await connection.db!.collection('doctors').findOne({ _id: doctor_id } as never);
  const patient = await connection.db!.collection('patients').findOne({ _id: patient_id } as never);
  const billed = await knex('billing').whereNotNull('appointment_id').first<{ appointment_id: string }>();
  return {
    doctor: doctor_id!,
    patient: patient_id!,
    department: doctor!['department_id'] as string,
    hospital: doctor!['hospital_id'] as string,
    specialty: doctor!['specialty'] as string,
    drug: drug!,
    disease: disease!,
    surname: surname(patient!['name'] as string),
    doctor_surname: surname(doctor!['name'] as string),
    appointment: billed.appointment_id,
  };
}

const year = 'from=2025-01-01&to=2026-01-01';
const month = 'from=2025-03-01&to=2025-04-01';

/** What is asked of the API; `{doctor}` and the like stand for examples. */
export const reportQuestions: readonly string[] = [
  '/reports/top-doctors',
  `/reports/top-doctors?${year}`,
  `/reports/top-doctors?${month}`,
  `/reports/top-doctors?${year}&hospital_id={hospital}`,
  `/reports/disease-trends?basis=appointments&${year}`,
  `/reports/disease-trends?basis=prescriptions&${year}`,
  `/reports/disease-trends?basis=diagnoses&${year}`,
  `/reports/monthly-appointments-trend?${year}`,
  `/reports/monthly-appointments-trend?${month}`,
  `/reports/monthly-appointments-trend?${year}&doctor_id={doctor}`,
  '/reports/average-prescription-cost',
  `/reports/average-prescription-cost?${year}`,
  `/reports/average-prescription-cost?${month}`,
  `/reports/average-prescription-cost?${year}&disease={disease}`,
];

export const listQuestions: readonly string[] = [
  `/appointments?doctor_id={doctor}&${month}`,
  '/appointments?patient_id={patient}',
  `/appointments?department_id={department}&${month}`,
  '/appointments?status=checked_in',
  '/appointments',
  '/patients?q={surname}',
  '/patients?sort=name',
  '/patients?disease={disease}',
  '/patients?department_id={department}',
  '/patients?age_from=40&age_to=41&sort=date_of_birth',
  '/patients',
  '/doctors?q={doctor_surname}',
  '/doctors?specialty={specialty}',
  '/doctors?department_id={department}',
  '/prescriptions?patient_id={patient}',
  '/prescriptions?doctor_id={doctor}',
  '/prescriptions?drug={drug}',
  '/prescriptions',
  '/billing?patient_id={patient}',
  '/billing?appointment_id={appointment}',
  `/billing?kind=consultation&${month}`,
  '/billing?disease={disease}',
  '/billing?hospital_id={hospital}',
  '/billing',
];

/** `{doctor}` → its id, encoded for a query string. */
export const fill = (question: string, examples: Examples): string =>
  question.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(examples[name as keyof Examples]));
