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
import { latestBirth } from './patients.age.js';
import { patientModel, type PatientDocument } from './patients.model.js';
import {
  recentCount,
  type AppointmentSummary,
  type Patient,
  type PrescriptionSummary,
} from './patients.types.js';

/** Of a patient whose newest appointments are told. */
type WithNewest = Pick<Patient, 'user_id' | 'deceased_date' | 'appointments'>;

/** PAT-8: whose patients a doctor may look up: those with a visit to the doctor, and those of the department that the doctor works in. */
export interface CareLine {
  readonly doctor_id: string | null;
  readonly department_id: string | null;
}

/** What a list filters by; no `department_ids` means all patients, those without a department too. */
interface PatientFilter {
  /** undefined: everybody's. */
  readonly care?: CareLine | undefined;
  readonly q?: string | undefined;
  readonly phone?: string | undefined;
  readonly disease?: string | undefined;
  readonly department_id?: string | undefined;
  readonly department_ids?: readonly string[] | undefined;
  /** In full years, both in; of the dead, those that they reached. */
  readonly age: {
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly today: Date;
  };
}

type PatientSort = `${'' | '-'}${'name' | 'created_at' | 'date_of_birth'}`;

const byId: SortOrder<Patient> = { name: 'patient_id', field: 'patient_id', direction: 1 };

function orderOf(sort: PatientSort): SortOrder<Patient> {
  const direction = sort.startsWith('-') ? -1 : 1;
  const field = sort.replace('-', '') as 'name' | 'created_at' | 'date_of_birth';
  return field === 'name'
    ? { name: sort.replace('name', 'name_order'), field: 'name_order', direction }
    : { name: sort, field, direction };
}

/** Born no later than so many years before the day of death. Both stores of the calendar clamp 29 February alike. */
const reached = (years: number) => ({
  $lte: ['$date_of_birth', { $dateSubtract: { startDate: '$deceased_date', unit: 'year', amount: years } }],
});

/** The day of birth of the living says it, by an index; of the dead, how long they lived. */
function ageConditions({ from, to, today }: PatientFilter['age']): DocumentFilter[] {
  const conditions: DocumentFilter[] = [];
  const alive = { deceased_date: null };
  const dead = { deceased_date: { $ne: null } };
  if (from !== undefined)
    conditions.push(
      // Anyone who reached the age was born no later than the living of that age.
      { date_of_birth: { $lte: latestBirth(today, from) } },
      { $or: [alive, { ...dead, $expr: reached(from) }] },
    );
  if (to !== undefined)
    conditions.push(
      { date_of_birth: { $ne: null } },
      {
        $or: [
          { ...alive, date_of_birth: { $gt: latestBirth(today, to + 1) } },
          { ...dead, $expr: { $not: [reached(to + 1)] } },
        ],
      },
    );
  return conditions;
}

/** A null names nobody, where a query by it would find those who have none. */
function inCare({ doctor_id, department_id }: CareLine): DocumentFilter {
  const lines: DocumentFilter[] = [];
  if (doctor_id !== null) lines.push({ care_team: doctor_id });
  if (department_id !== null) lines.push({ department_id });
  return lines.length > 0 ? { $or: lines } : { _id: { $in: [] } };
}

function toFilter(
  { care, q, phone, disease, department_id, department_ids, age }: PatientFilter,
  region: PhoneRegion,
): DocumentFilter {
  const conditions: DocumentFilter[] = [];
  if (care) conditions.push(inCare(care));
  if (q !== undefined) conditions.push(nameSearch(q));
  if (phone !== undefined) conditions.push(keptPhone(phone, region));
  if (disease !== undefined) conditions.push({ diseases: disease });
  if (department_id !== undefined) conditions.push({ department_id });
  if (department_ids) conditions.push({ department_id: { $in: [...department_ids] } });
  conditions.push(...ageConditions(age));
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

/** PAT-7: every key of a record that is not compared yet; a change has it compared anew. */
const uncompared = { compared_by: '' };
/** More than the records of a batch share keys with; beyond it, keys are shared by too many to say anything. */
const mostMatching = 5_000;

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
      | { appointments: readonly AppointmentSummary[]; care_team: readonly string[] }
      | { prescriptions: readonly PrescriptionSummary[] },
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
  ): Promise<WithNewest | null> {
    const newest = { $each: [appointment], $sort: { date: -1, appointment_id: -1 }, $slice: recentCount };
    return model.collection.findOneAndUpdate(
      { _id: patient_id as never },
      {
        $push: { appointments: newest },
        $addToSet: { care_team: appointment.doctor_id },
        $inc: { holds: 1 },
      } as never,
      {
        ...sessionOf(tx),
        returnDocument: 'after',
        projection: { user_id: 1, deceased_date: 1, appointments: 1, _id: 0 },
      },
    ) as Promise<WithNewest | null>;
  }

  return {
    find: async (patient_id: string, tx?: MongoTransaction): Promise<Patient | null> =>
      orNull(await store.find(patient_id, tx)),
    async insert(patient: Patient, tx: MongoTransaction): Promise<Patient> {
      await store.insert({ ...withPhone(patient), care_team: [] } as Patient, tx);
      return patient;
    },
    update: async (
      patient_id: string,
      changes: Changes<Patient>,
      tx: MongoTransaction,
    ): Promise<Patient | null> =>
      orNull(await store.update(patient_id, { ...withPhone(changes), ...uncompared }, tx)),
    remove: (patient_id: string, tx: MongoTransaction): Promise<boolean> => store.remove(patient_id, tx),
    importMany: (patients: readonly Patient[]): Promise<BulkResult> =>
      store.importMany(patients.map((patient) => ({ ...withPhone(patient), care_team: [] }) as Patient)),
    existing: (ids: readonly string[]): Promise<ReadonlySet<string>> => store.existing(ids),
    listAfter: store.listAfter,
    findMany: store.findMany,
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

    isInCare: async (patient_id: string, care: CareLine, tx?: MongoTransaction): Promise<boolean> =>
      (await store.count({ $and: [{ _id: patient_id }, inCare(care)] }, tx)) > 0,

    /** Of all those whom the doctor treats. */
    idsInCareOf: (doctor_id: string): Promise<string[]> =>
      model.distinct('_id', { care_team: doctor_id } as never),

    /** PAT-7: see `duplicates`. `by` names what the keys are made with. */
    matching: {
      listUncompared: async (by: string, limit: number): Promise<Patient[]> =>
        (await store.list({ compared_by: { $ne: by } }, byId, limit)).map(fromStored),
      find: async (keys: readonly string[]): Promise<Patient[]> =>
        (await store.list({ match_keys: { $in: [...keys] } }, byId, mostMatching)).map(fromStored),
      async setKeys(all: readonly { patient_id: string; keys: readonly string[] }[]): Promise<void> {
        const writes = all.map(({ patient_id, keys }) => ({
          updateOne: { filter: { _id: patient_id }, update: { $set: { match_keys: keys } } },
        }));
        await retry(
          () => model.collection.bulkWrite(writes as never, { ordered: false }),
          isPassingMongoFailure,
        );
      },
      /** But for those that have changed since they were read. */
      async setCompared(all: readonly Patient[], by: string): Promise<void> {
        const writes = all.map(({ patient_id, version }) => ({
          updateOne: { filter: { _id: patient_id, version }, update: { $set: { compared_by: by } } },
        }));
        await retry(
          () => model.collection.bulkWrite(writes as never, { ordered: false }),
          isPassingMongoFailure,
        );
      },
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
