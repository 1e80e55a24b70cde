import { keptForDays } from '../../lib/idempotency.js';
import { by, type MongoIndex } from './mongo-index.js';
import { reportIndexes } from './mongo-indexes.reports.js';
import { idempotencyKeys, transactionResults } from './mongo.js';

export type { MongoIndex } from './mongo-index.js';

const day = 86_400;

/**
 * Every index of every collection, beside `_id`. Nothing else makes one. A report's index carries every field that the
 * report reads: one that only narrows the period is up to four times slower than no index when the period is long.
 */
export const mongoIndexes: readonly MongoIndex[] = [
  { collection: 'hospitals', key: by('name', '_id'), serves: 'GET /hospitals' },
  {
    collection: 'hospitals',
    key: by('region', 'name', '_id'),
    serves: 'GET /hospitals?region=, and what every other list and report filters by region',
  },
  {
    collection: 'hospitals',
    key: { name: 'text' },
    default_language: 'none',
    serves: 'GET /book?q=: departments by the name of their hospital',
  },
  {
    collection: 'departments',
    key: by('hospital_id', 'department_name'),
    unique: true,
    serves: 'DEP-1: one name once in a hospital; GET /departments?hospital_id=',
  },
  { collection: 'departments', key: by('department_name', '_id'), serves: 'GET /departments' },
  {
    collection: 'departments',
    key: { department_name: 'text' },
    default_language: 'none',
    serves: 'GET /book?q=',
  },
  {
    collection: 'doctors',
    key: by('registration_number'),
    unique: true,
    serves: 'DOC-1: a registration is one doctor’s',
  },
  { collection: 'doctors', key: by('name', '_id'), serves: 'GET /doctors' },
  {
    collection: 'doctors',
    key: by('department_id', 'name', '_id'),
    serves: 'GET /doctors?department_id=; whether a department still has doctors',
  },
  { collection: 'doctors', key: by('specialty', 'name', '_id'), serves: 'GET /doctors?specialty=' },
  {
    collection: 'doctors',
    key: { name: 'text' },
    default_language: 'none',
    serves: 'GET /doctors?q=; no language, for names are not stemmed',
  },
  { collection: 'patients', key: { name: 'text' }, default_language: 'none', serves: 'GET /patients?q=' },
  { collection: 'patients', key: by('created_at', '_id'), serves: 'GET /patients' },
  { collection: 'patients', key: by('name', '_id'), serves: 'GET /patients?sort=name' },
  {
    collection: 'patients',
    key: by('date_of_birth', '_id'),
    serves: 'GET /patients?age_from=&age_to=, sort=date_of_birth',
  },
  { collection: 'patients', key: by('diseases', 'created_at', '_id'), serves: 'GET /patients?disease=' },
  {
    collection: 'patients',
    key: by('department_id', 'created_at', '_id'),
    serves: 'GET /patients?department_id=; whether a department still has patients',
  },
  {
    collection: 'appointments',
    key: by('doctor_id', 'date', '_id'),
    serves: 'GET /appointments?doctor_id=, a doctor’s future appointments, reports of one doctor',
  },
  {
    collection: 'appointments',
    key: by('doctor_id', 'patient_id'),
    serves: 'whether somebody is a patient of the doctor (every read by a doctor), and who all are',
  },
  {
    collection: 'appointments',
    key: by('patient_id', 'date', '_id'),
    serves: 'GET /appointments?patient_id=, /appointments/mine, the newest in the patient’s document',
  },
  {
    collection: 'appointments',
    key: by('department_id', 'date', '_id'),
    serves: 'GET /appointments?department_id=, reports of one department',
  },
  {
    collection: 'appointments',
    key: by('date', '_id', 'status', 'hospital_id', 'department_id', 'doctor_id'),
    serves: 'GET /appointments; covers the report monthly-appointments-trend',
  },
  {
    collection: 'prescriptions',
    key: by('patient_id', 'created_at', '_id'),
    serves: 'GET /prescriptions?patient_id=, the newest in the patient’s document',
  },
  {
    collection: 'prescriptions',
    key: by('doctor_id', 'created_at', '_id'),
    serves: 'GET /prescriptions?doctor_id=',
  },
  { collection: 'prescriptions', key: by('drug', 'created_at', '_id'), serves: 'GET /prescriptions?drug=' },
  { collection: 'prescriptions', key: by('created_at', '_id'), serves: 'GET /prescriptions' },
  {
    collection: 'prescriptions',
    key: by('appointment_id'),
    serves: 'whether an appointment that is to be removed has prescriptions',
  },
  {
    collection: 'prescription_versions',
    key: by('prescription_id', 'replaced_at', '_id'),
    serves: 'GET /prescriptions/{prescription_id}/versions',
  },
  {
    collection: 'users',
    key: by('email_key'),
    unique: true,
    serves: 'AUTH-1: an email is one account’s; the login',
  },
  { collection: 'sessions', key: by('user_id', 'created_at', '_id'), serves: 'GET /auth/sessions' },
  {
    collection: 'sessions',
    key: by('expires_at'),
    expireAfterSeconds: 0,
    serves: 'a session that can not be prolonged any more is forgotten',
  },
  {
    collection: 'refresh_tokens',
    key: by('expires_at'),
    expireAfterSeconds: 0,
    serves: 'a refresh token is forgotten when it would be refused for its age',
  },
  { collection: 'outbox', key: by('applied_at', 'kind', '_id'), serves: 'the relay' },
  {
    collection: 'outbox',
    key: by('applied_at'),
    expireAfterSeconds: 7 * day,
    serves: 'applied entries are kept for a week',
  },
  {
    collection: 'rate_limits',
    key: by('key'),
    unique: true,
    serves: 'AUTH-6: one counter for a key, however many processes count (rate-limiter-flexible)',
  },
  {
    collection: 'rate_limits',
    key: by('expire'),
    expireAfterSeconds: 0,
    serves: 'counters end with their minute',
  },
  {
    collection: 'slot_claims',
    key: by('doctor_id', 'grain', 'place'),
    unique: true,
    serves: 'BOOK-4: a place of a slot is one booking’s or hold’s; GET /doctors/{doctor_id}/slots',
  },
  {
    collection: 'slot_claims',
    key: by('holder_id'),
    serves: 'to give back or to move what a booking or hold claims',
  },
  {
    collection: 'slot_claims',
    key: by('patient_id', 'expires_at'),
    serves: 'BOOK-9: how many slots a patient holds',
  },
  {
    collection: 'slot_claims',
    key: by('expires_at'),
    partialFilterExpression: { expires_at: { $type: 'date' } },
    serves: 'BOOK-7: the holds that ran out, for whoever waits',
  },
  {
    collection: 'slot_claims',
    key: by('slot_end'),
    expireAfterSeconds: 7 * day,
    serves: 'nobody asks any more who had a time that is over',
  },
  {
    collection: 'waiting_list',
    key: by('doctor_id', 'day', 'status', 'created_at', '_id'),
    serves: 'BOOK-7: who waits first; GET /waiting-list?doctor_id=&day=',
  },
  {
    collection: 'waiting_list',
    key: by('doctor_id', 'day', 'patient_id'),
    unique: true,
    partialFilterExpression: { status: { $in: ['waiting', 'offered'] } },
    serves: 'BOOK-7: a patient waits once for a doctor and day',
  },
  {
    collection: 'waiting_list',
    key: by('patient_id', 'created_at', '_id'),
    serves: 'GET /waiting-list of a patient',
  },
  {
    collection: 'waiting_list',
    key: by('doctor_id', 'created_at', '_id'),
    serves: 'GET /waiting-list of a doctor, ?doctor_id=',
  },
  { collection: 'waiting_list', key: by('created_at', '_id'), serves: 'GET /waiting-list of an admin' },
  { collection: 'waiting_list', key: by('status', 'day'), serves: 'the waiting for days that are over' },
  {
    collection: 'waiting_list',
    key: by('status', 'offer.expires_at'),
    serves: 'the offers that ran out',
  },
  { collection: 'notifications', key: by('user_id', 'created_at', '_id'), serves: 'GET /notifications' },
  {
    collection: 'notifications',
    key: by('user_id', 'read_at', 'created_at', '_id'),
    serves: 'GET /notifications?unread=true, POST /notifications/read-all',
  },
  {
    collection: 'locks',
    key: by('at'),
    expireAfterSeconds: 3600,
    serves: 'locks are held for a transaction',
  },
  {
    collection: 'inbox',
    key: by('at'),
    expireAfterSeconds: 60 * day,
    serves: 'an entry is not brought again after it was applied',
  },
  {
    collection: idempotencyKeys,
    key: by('at'),
    expireAfterSeconds: keptForDays * day,
    serves: 'BILL-3: answers are kept for a week',
  },
  {
    collection: transactionResults,
    key: by('at'),
    expireAfterSeconds: 3600,
    serves: 'results outlive the deadline of a write by far',
  },
  ...reportIndexes,
];
