import type { Connection, UpdateQuery } from 'mongoose';
import { recents, recentSummaries } from '../../../../aggregations/recent-summaries.js';
import {
  createDocumentStore,
  type Changes,
  type DocumentFilter,
  type SortOrder,
} from '../../../databases/mongo/document-store.js';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import { retry } from '../../../databases/retry.js';
import { textSearch } from '../../../databases/mongo/text-search.js';
import type { BulkResult } from '../../../lib/bulk.js';
import { Problem } from '../../../lib/errors.js';
import type { Money } from '../../../lib/money.js';
import { decodeCursor, toPage, type Page, type PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { patientModel, type PatientDocument } from './patients.model.js';
import {
  recentCount,
  type AppointmentSummary,
  type Patient,
  type PrescriptionSummary,
} from './patients.types.js';

/** What a list filters by; no `department_ids` means all patients, those without a department too. */
interface PatientFilter {
  readonly q?: string | undefined;
  readonly disease?: string | undefined;
  readonly department_id?: string | undefined;
  readonly department_ids?: readonly string[] | undefined;
  /** Days of birth: `after` is out, `until` is in. */
  readonly born: { readonly after?: Date | undefined; readonly until?: Date | undefined };
}

type PatientSort = `${'' | '-'}${'name' | 'created_at' | 'date_of_birth'}`;

const orderOf = (sort: PatientSort): SortOrder<Patient> => ({
  name: sort,
  field: sort.replace('-', '') as 'name' | 'created_at' | 'date_of_birth',
  direction: sort.startsWith('-') ? -1 : 1,
});

function toFilter({ q, disease, department_id, department_ids, born }: PatientFilter): DocumentFilter {
  const conditions: DocumentFilter[] = [];
  if (q !== undefined) conditions.push(textSearch(q));
  if (disease !== undefined) conditions.push({ diseases: disease });
  if (department_id !== undefined) conditions.push({ department_id });
  if (department_ids) conditions.push({ department_id: { $in: [...department_ids] } });
  if (born.after) conditions.push({ date_of_birth: { $gt: born.after } });
  if (born.until) conditions.push({ date_of_birth: { $lte: born.until } });
  return conditions.length > 0 ? { $and: conditions } : {};
}

/**
 * What follows a cursor when a date may be unknown: MongoDB sorts null before every date, and its comparisons leave null
 * out, so the unknown ones are named.
 */
function afterBirth({ name, direction }: SortOrder<Patient>, cursor: string | undefined): DocumentFilter {
  if (cursor === undefined) return {};
  const { value, id } = decodeCursor(name, cursor);
  if (value !== null && !(value instanceof Date)) throw new Problem('invalid_cursor');
  const beyond = direction === 1 ? '$gt' : '$lt';
  const alike = { date_of_birth: value, _id: { [beyond]: id } };
  if (value === null) return { $or: direction === 1 ? [alike, { date_of_birth: { $ne: null } }] : [alike] };
  const further = { date_of_birth: { [beyond]: value } };
  return { $or: direction === 1 ? [alike, further] : [alike, further, { date_of_birth: null }] };
}

/** The money inside a summary is not the document store's to convert. (Written, mongoose casts it by the model.) */
const fromStored = (patient: Patient): Patient => ({
  ...patient,
  prescriptions: patient.prescriptions.map((summary) => ({
    ...summary,
    cost: String(summary.cost) as Money,
  })),
});

const orNull = (patient: Patient | null): Patient | null => patient && fromStored(patient);

export function createPatientRepository(connection: Connection) {
  const model = patientModel.on(connection);
  const store = createDocumentStore<Patient, 'patient_id'>(model, 'patient_id');

  async function pageByBirth(
    filter: DocumentFilter,
    order: SortOrder<Patient>,
    { limit, cursor }: PageRequest,
  ): Promise<Page<Patient>> {
    const rows = await store.list({ $and: [filter, afterBirth(order, cursor)] }, order, limit + 1);
    return toPage(rows, limit, order.name, ({ date_of_birth, patient_id }) => ({
      value: date_of_birth,
      id: patient_id,
    }));
  }

  /** Does not raise the version: see the service. */
  async function setSummaries(
    patient_id: string,
    summaries:
      { appointments: readonly AppointmentSummary[] } | { prescriptions: readonly PrescriptionSummary[] },
    tx: MongoTransaction,
  ): Promise<void> {
    // Counted as a hold: MongoDB does not write what does not change, and what is not written does not conflict.
    const change = { $set: summaries, $inc: { holds: 1 } } as UpdateQuery<PatientDocument>;
    await model.updateOne({ _id: patient_id }, change, { ...sessionOf(tx), strict: false });
  }

  /** One more among the newest; null when there is no such patient. */
  async function addRecentAppointment(
    patient_id: string,
    appointment: AppointmentSummary,
    tx: MongoTransaction,
  ): Promise<Pick<Patient, 'user_id'> | null> {
    const newest = { $each: [appointment], $sort: { date: -1, appointment_id: -1 }, $slice: recentCount };
    return model.collection.findOneAndUpdate(
      { _id: patient_id as never },
      { $push: { appointments: newest }, $inc: { holds: 1 } } as never,
      { ...sessionOf(tx), projection: { user_id: 1, _id: 0 } },
    ) as Promise<Pick<Patient, 'user_id'> | null>;
  }

  return {
    find: async (patient_id: string, tx?: MongoTransaction): Promise<Patient | null> =>
      orNull(await store.find(patient_id, tx)),
    insert: (patient: Patient, tx: MongoTransaction): Promise<Patient> => store.insert(patient, tx),
    update: async (
      patient_id: string,
      changes: Changes<Patient>,
      tx: MongoTransaction,
    ): Promise<Patient | null> => orNull(await store.update(patient_id, changes, tx)),
    remove: (patient_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(patient_id, tx),
    importMany: (patients: readonly Patient[]): Promise<BulkResult> => store.importMany(patients),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => store.existing(ids),
    addRecentAppointment,
    setSummaries,

    async listPage(filter: PatientFilter, sort: PatientSort, page: PageRequest): Promise<Page<Patient>> {
      const order = orderOf(sort);
      const { items, next_cursor } =
        order.field === 'date_of_birth'
          ? await pageByBirth(toFilter(filter), order, page)
          : await store.page(toFilter(filter), order, page);
      return { items: items.map(fromStored), next_cursor };
    },

    countInDepartment: (department_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ department_id }, tx),

    /**
     * For an import, which stores history by the hundred thousand: reads the other domains' collections inside MongoDB
     * instead of asking their services for every patient. The one exception to "one's own collections only". It can be
     * run again without harm.
     */
    async refreshRecent(patient_ids: readonly string[]): Promise<void> {
      for (const recent of recents) {
        await retry(
          () =>
            connection
              .collection(recent.collection)
              .aggregate(recentSummaries(recent, patient_ids, recentCount), { maxTimeMS: 60_000 })
              .toArray(),
          isPassingMongoFailure,
        );
      }
    },
  };
}

export type PatientRepository = ReturnType<typeof createPatientRepository>;
