import { Decimal128, type Document } from 'mongodb';
import type { Connection, QueryFilter } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Money } from '../../../lib/money.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { prescriptionModel, versionModel } from './prescriptions.model.js';
import type { Prescription, PrescriptionVersion } from './prescriptions.types.js';

/** What a list filters by; no `hospital_ids` means all of them, a null `patient_id` nobody. */
interface PrescriptionFilter {
  readonly patient_id?: string | undefined;
  readonly doctor_id?: string | undefined;
  readonly drug?: string | undefined;
  /** A calendar day, midnight UTC. */
  readonly active_on?: Date | undefined;
  readonly hospital_ids?: readonly string[] | undefined;
}

/** Whose a list may show: everybody's, a patient's (null is nobody's), or a doctor's own and those of these patients. */
export type VisiblePrescriptions =
  | 'all'
  | { readonly patient_id: string | null }
  | { readonly doctor_id: string; readonly patient_ids?: readonly string[] };

function visibleTo(visible: VisiblePrescriptions): QueryFilter<Document> {
  if (visible === 'all') return {};
  if (!('patient_ids' in visible)) return visible;
  const { doctor_id, patient_ids } = visible;
  return { $or: [{ doctor_id }, { patient_id: { $in: patient_ids } }] };
}

const newest: SortOrder<Prescription> = { name: 'created_at', field: 'created_at', direction: -1 };
const lastVersion: SortOrder<PrescriptionVersion> = {
  name: 'replaced_at',
  field: 'replaced_at',
  direction: -1,
};

/** Both days count; a side that is not stated is open. */
const activeOn = (day: Date): QueryFilter<Document> => ({
  $and: [
    { $or: [{ start_date: null }, { start_date: { $lte: day } }] },
    { $or: [{ end_date: null }, { end_date: { $gte: day } }] },
  ],
});

function toFilter({ hospital_ids, active_on, ...equal }: PrescriptionFilter): QueryFilter<Document> {
  const filter: Record<string, unknown> = active_on ? activeOn(active_on) : {};
  for (const [field, value] of Object.entries(equal)) if (value !== undefined) filter[field] = value;
  if (hospital_ids) filter['hospital_id'] = { $in: [...hospital_ids] };
  return filter;
}

/** The money inside a kept version is not the document store's to convert. */
function withCost(version: PrescriptionVersion, cost: unknown): PrescriptionVersion {
  return { ...version, prescription: { ...version.prescription, cost: cost as Money } };
}

const fromStored = (version: PrescriptionVersion): PrescriptionVersion =>
  withCost(version, String(version.prescription.cost));

export function createPrescriptionRepository(connection: Connection) {
  const model = prescriptionModel.on(connection);
  const store = createDocumentStore<Prescription, 'prescription_id'>(model, 'prescription_id', {
    money: ['cost'],
  });
  const versions = createDocumentStore<PrescriptionVersion, 'version_id'>(
    versionModel.on(connection),
    'version_id',
  );

  return {
    ...store,
    listPage: (
      visible: VisiblePrescriptions,
      filter: PrescriptionFilter,
      page: PageRequest,
    ): Promise<Page<Prescription>> =>
      store.page({ $and: [toFilter(filter), visibleTo(visible)] }, newest, page),

    newestOfPatient: (patient_id: string, count: number, tx: MongoTransaction): Promise<Prescription[]> =>
      store.list({ patient_id }, newest, count, tx),

    /** Whether there is any prescription by that doctor or for that patient. */
    hasAnyOf: async (
      who: { doctor_id: string } | { patient_id: string },
      tx: MongoTransaction,
    ): Promise<boolean> => (await model.exists(who).setOptions(sessionOf(tx))) !== null,

    countOfAppointment: (appointment_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ appointment_id }, tx),

    async keepVersion(version: PrescriptionVersion, tx: MongoTransaction): Promise<void> {
      await versions.insert(withCost(version, Decimal128.fromString(version.prescription.cost)), tx);
    },

    async listVersions(prescription_id: string, page: PageRequest): Promise<Page<PrescriptionVersion>> {
      const { items, next_cursor } = await versions.page({ prescription_id }, lastVersion, page);
      return { items: items.map(fromStored), next_cursor };
    },

    async findLastVersion(prescription_id: string): Promise<PrescriptionVersion | null> {
      const [last] = await versions.list({ prescription_id }, lastVersion, 1);
      return last ? fromStored(last) : null;
    },
  };
}

export type PrescriptionRepository = ReturnType<typeof createPrescriptionRepository>;
