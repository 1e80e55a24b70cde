import type { IndexDescription, IndexDirection } from 'mongodb';
import type { Connection } from 'mongoose';
import { transactionResults } from './mongo.js';
import type { Knex } from './postgres.js';

/** An index of MongoDB that we own. `serves` says which query or rule needs it. */
export interface MongoIndex {
  readonly collection: string;
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  /** For a TTL index: seconds after the time in the (only) field. */
  readonly expireAfterSeconds?: number;
  /** Of a text index. */
  readonly default_language?: 'none';
  readonly serves: string;
}

export interface PostgresIndex {
  readonly table: string;
  readonly name: string;
  readonly unique?: true;
  /** What stands behind `using btree`, spelled as `pg_get_indexdef` spells it, for the two are compared. */
  readonly columns: string;
  readonly serves: string;
}

const day = 86_400;

/** The total order of a list, behind what it filters by. The direction does not matter: an index is read both ways. */
const by = (...fields: readonly string[]): Readonly<Record<string, 1>> =>
  Object.fromEntries(fields.map((field) => [field, 1]));

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
    collection: 'departments',
    key: by('hospital_id', 'department_name'),
    unique: true,
    serves: 'DEP-1: one name once in a hospital; GET /departments?hospital_id=',
  },
  { collection: 'departments', key: by('department_name', '_id'), serves: 'GET /departments' },
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
    collection: 'appointments',
    key: by('status', 'date', 'doctor_id', 'patient_id', 'hospital_id', 'department_id'),
    serves: 'covers the report top-doctors',
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
    collection: transactionResults,
    key: by('at'),
    expireAfterSeconds: 3600,
    serves: 'results outlive the deadline of a write by far',
  },
];

export const postgresIndexes: readonly PostgresIndex[] = [
  {
    table: 'billing',
    name: 'billing_consultation_once',
    unique: true,
    columns: `(appointment_id) WHERE (kind = 'consultation'::text)`,
    serves: 'BILL-1: an appointment is billed once (made by migration 0001)',
  },
  {
    table: 'billing',
    name: 'billing_by_time',
    columns: '(created_at, id)',
    serves: 'GET /billing, what was billed in a period',
  },
  {
    table: 'billing',
    name: 'billing_by_kind',
    columns: '(kind, created_at, id)',
    serves: 'GET /billing?kind=, the report average-prescription-cost of a period',
  },
  {
    table: 'billing',
    name: 'billing_by_hospital',
    columns: '(hospital_id, created_at, id)',
    serves: 'GET /billing?hospital_id=, reports of one hospital',
  },
  {
    table: 'billing',
    name: 'billing_by_disease',
    columns: '(disease, created_at, id) INCLUDE (disease_code)',
    serves: 'GET /billing?disease=, which codes a disease goes by, for the reports',
  },
  {
    table: 'billing',
    name: 'billing_by_patient',
    columns: '(patient_id, created_at, id)',
    serves: 'GET /billing?patient_id=; whether a patient still has unpaid billing',
  },
  {
    table: 'billing',
    name: 'billing_by_appointment',
    columns: '(appointment_id, created_at, id)',
    serves: 'GET /billing?appointment_id=',
  },
];

export const mongoIndexName = ({ key }: MongoIndex): string =>
  Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');

/** As `createIndexes` takes it. */
export function mongoIndexDescription(index: MongoIndex): IndexDescription {
  const { collection: _collection, serves: _serves, key, ...options } = index;
  return { key: { ...key }, name: mongoIndexName(index), ...options };
}

/**
 * Builds what is declared, wanted (by default all) and missing, in both stores; creates the collections too. Idempotent;
 * touches nothing else. Throws the store's error when an index of that name has other options (`npm run db:indexes`).
 */
export async function buildIndexes(
  connection: Connection,
  knex: Knex,
  isWanted: (place: string, name: string) => boolean = () => true,
): Promise<void> {
  const byCollection = new Map<string, IndexDescription[]>();
  for (const index of mongoIndexes) {
    if (!isWanted(index.collection, mongoIndexName(index))) continue;
    const others = byCollection.get(index.collection) ?? [];
    byCollection.set(index.collection, [...others, mongoIndexDescription(index)]);
  }
  await Promise.all(
    [...byCollection].map(([collection, indexes]) =>
      connection.collection(collection).createIndexes(indexes),
    ),
  );
  await buildPostgresIndexes(
    knex,
    postgresIndexes.filter(({ table, name }) => isWanted(table, name)),
  );
}

/** Any process that starts at the same moment waits: `if not exists` alone fails for one of two that build at once. */
const buildLock = 7_215_001;

async function buildPostgresIndexes(knex: Knex, wanted: readonly PostgresIndex[]): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [buildLock]);
    const there = new Set(
      await trx('pg_indexes').whereRaw('schemaname = current_schema()').pluck<string[]>('indexname'),
    );
    const missing = wanted.filter(({ name }) => !there.has(name));
    if (missing.length > 0) await trx.raw('set local statement_timeout = 0');
    for (const { table, name, unique, columns } of missing) {
      await trx.raw(`create ${unique ? 'unique ' : ''}index ?? on ?? using btree ${columns}`, [name, table]);
    }
  });
}
