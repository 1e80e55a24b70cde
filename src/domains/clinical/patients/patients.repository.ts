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
import { keptPhone } from '../../../databases/mongo/fold-names.js';
import { nameSearch } from '../../../databases/mongo/name-search.js';
import type { BulkResult } from '../../../lib/bulk.js';
import { Problem } from '../../../lib/errors.js';
import type { Money } from '../../../lib/money.js';
import { decodeCursor, toPage, type Page, type PageRequest } from '../../../lib/page.js';
import type { PhoneRegion } from '../../../lib/phone.js';
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
  readonly phone?: string | undefined;
  readonly disease?: string | undefined;
  readonly department_id?: string | undefined;
  readonly department_ids?: readonly string[] | undefined;
  /** Days of birth: `after` is out, `until` is in. */
  readonly born: { readonly after?: Date | undefined; readonly until?: Date | undefined };
}

type PatientSort = `${'' | '-'}${'name' | 'created_at' | 'date_of_birth'}`;

function orderOf(sort: PatientSort): SortOrder<Patient> {
  const direction = sort.startsWith('-') ? -1 : 1;
  const field = sort.replace('-', '') as 'name' | 'created_at' | 'date_of_birth';
  return field === 'name'
    ? { name: sort.replace('name', 'name_order'), field: 'name_order', direction }
    : { name: sort, field, direction };
}

function toFilter(
  { q, phone, disease, department_id, department_ids, born }: PatientFilter,
  region: PhoneRegion,
): DocumentFilter {
  const conditions: DocumentFilter[] = [];
  if (q !== undefined) conditions.push(nameSearch(q));
  if (phone !== undefined) conditions.push(keptPhone(phone, region));
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

export function createPatientRepository(connection: Connection, phoneRegion: PhoneRegion) {
  const model = patientModel.on(connection);
  const store = createDocumentStore<Patient, 'patient_id'>(model, 'patient_id', { named: 'name' });

  /** With what the number is found by, where the contact is among what is written. */
  const withPhone = <C extends Changes<Patient>>(changes: C): C =>
    changes.contact ? { ...changes, ...keptPhone(changes.contact.phone, phoneRegion) } : changes;

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
    async insert(patient: Patient, tx: MongoTransaction): Promise<Patient> {
      await store.insert(withPhone(patient), tx);
      return patient;
    },
    update: async (
      patient_id: string,
      changes: Changes<Patient>,
      tx: MongoTransaction,
    ): Promise<Patient | null> => orNull(await store.update(patient_id, withPhone(changes), tx)),
    remove: (patient_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(patient_id, tx),
    importMany: (patients: readonly Patient[]): Promise<BulkResult> =>
      store.importMany(patients.map(withPhone)),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => store.existing(ids),
    addRecentAppointment,
    setSummaries,

    async listPage(filter: PatientFilter, sort: PatientSort, page: PageRequest): Promise<Page<Patient>> {
      const order = orderOf(sort);
      const conditions = toFilter(filter, phoneRegion);
      const { items, next_cursor } =
        order.field === 'date_of_birth'
          ? await pageByBirth(conditions, order, page)
          : await store.page(conditions, order, page);
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
