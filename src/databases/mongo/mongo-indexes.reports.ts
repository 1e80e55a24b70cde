import { by, type MongoIndex } from './mongo-index.js';

/** What the definitions of the reports scan, and the figures that are kept for them. */
export const reportIndexes: readonly MongoIndex[] = [
  {
    collection: 'appointments',
    key: by('status', 'date', 'doctor_id', 'patient_id', 'hospital_id', 'department_id'),
    serves: 'covers the report top-doctors',
  },
  // No other index of prescriptions may begin with `disease`: with both, a report over all diseases (a code or a name that
  // is not null) reads two whole indexes and every document, instead of the collection once.
  {
    collection: 'prescriptions',
    key: by(
      ...['disease_code', 'disease', 'start_date', 'patient_id', 'cost'],
      ...['hospital_id', 'department_id', 'doctor_id'],
    ),
    serves: 'covers the report average-prescription-cost?disease=; which codes a disease goes by',
  },
  {
    collection: 'rollup_appointments',
    key: by('level', 'department_id', 'hospital_id', 'span', 'period'),
    serves: 'monthly-appointments-trend of everything, of hospitals or of a department',
  },
  {
    collection: 'rollup_doctor_visits',
    key: by('doctor_id', 'span', 'period'),
    serves: 'monthly-appointments-trend of a doctor',
  },
  {
    collection: 'rollup_doctor_visits',
    key: by('span', 'period', 'hospital_id', 'department_id'),
    serves: 'top-doctors of some months, of hospitals or of a department',
  },
  ...(['patients', 'appointments'] as const).map((figure) => ({
    collection: 'rollup_doctor_ranking',
    key: {
      ...by('period', 'status'),
      [figure]: -1 as const,
      [figure === 'patients' ? 'appointments' : 'patients']: -1 as const,
      doctor_id: 1 as const,
    },
    serves: `top-doctors?by=${figure}: the first of them are the first in the index`,
  })),
  {
    collection: 'rollup_diagnoses',
    key: by('span', 'period', 'disease_code', 'disease', 'block'),
    serves: 'disease-trends?basis=diagnoses of a period',
  },
  {
    collection: 'rollup_visit_times',
    key: by('level', 'doctor_id', 'department_id', 'hospital_id', 'period'),
    serves: 'no-show-rate, patient-flow',
  },
  {
    collection: 'rollup_cohorts',
    key: by('hospital_id', 'cohort', 'months_later'),
    serves: 'returning-patients, everywhere or of one hospital',
  },
  {
    collection: 'rollup_booked_time',
    key: by('period', 'hospital_id', 'department_id', 'doctor_id'),
    serves: 'doctor-utilisation',
  },
  {
    collection: 'rollup_drug_spend',
    key: by('hospital_id', 'span', 'period'),
    serves: 'drug-spend of whole months, everywhere or of one hospital',
  },
  // Saved reports, their deliveries, and jobs.
  {
    collection: 'saved_reports',
    key: by('user_id', 'name'),
    unique: true,
    serves: 'REP-10: a name once for an owner',
  },
  {
    collection: 'saved_reports',
    key: by('user_id', 'created_at', '_id'),
    serves: 'GET /saved-reports of an owner',
  },
  { collection: 'saved_reports', key: by('created_at', '_id'), serves: 'GET /saved-reports of an admin' },
  {
    collection: 'saved_reports',
    key: by('next_due_at'),
    partialFilterExpression: { next_due_at: { $type: 'date' } },
    serves: 'REP-10: the schedules that are due',
  },
  {
    collection: 'deliveries',
    key: by('saved_report_id', 'due_at'),
    unique: true,
    partialFilterExpression: { due_at: { $type: 'date' } },
    serves: 'REP-10: one delivery for a due time',
  },
  {
    collection: 'deliveries',
    key: by('claimed_until'),
    partialFilterExpression: { status: 'waiting' },
    serves: 'REP-10: the deliveries that are to be made',
  },
  { collection: 'deliveries', key: by('user_id', 'created_at', '_id'), serves: 'GET /deliveries' },
  {
    collection: 'deliveries',
    key: by('expires_at'),
    expireAfterSeconds: 0,
    serves: 'deliveries are kept for some days',
  },
  {
    collection: 'report_jobs',
    key: by('status', 'created_at'),
    serves: 'REP-12: the jobs that are to be done',
  },
  { collection: 'report_jobs', key: by('user_id', 'created_at', '_id'), serves: 'GET /report-jobs' },
  {
    collection: 'report_jobs',
    key: by('expires_at'),
    expireAfterSeconds: 0,
    serves: 'jobs are kept for a day after their end',
  },
  {
    collection: 'report_files',
    key: by('expires_at'),
    expireAfterSeconds: 0,
    serves: 'a file ends with its delivery or its job',
  },
];
