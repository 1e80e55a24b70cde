import type { Document } from 'mongodb';
import type { Connection, QueryFilter } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { appointmentModel, removedAppointments, type AppointmentDocument } from './appointments.model.js';
import type { Appointment, AppointmentStatus } from './appointments.types.js';

/** What a list filters by; the period is half-open, and no `hospital_ids` means all of them. */
export interface AppointmentFilter {
  /** null: of nobody. */
  readonly patient_id?: string | null | undefined;
  readonly doctor_id?: string | null | undefined;
  readonly department_id?: string | undefined;
  readonly hospital_ids?: readonly string[] | undefined;
  readonly status?: AppointmentStatus | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** Whose appointments a list may show at all: everybody's, a patient's, a hospital's, a doctor's, or those of the doctor's patients too. */
export type Visible =
  | 'all'
  | { readonly patient_id: string | null }
  | { readonly hospital_id: string | null }
  | { readonly doctor_id: string | null; readonly patient_ids?: readonly string[] };

/** Far more than anybody may book. */
const mostCalledOff = 1000;

const orders = {
  '-date': { name: '-date', field: 'date', direction: -1 },
  date: { name: 'date', field: 'date', direction: 1 },
} as const satisfies Record<string, SortOrder<Appointment>>;

function toFilter({ hospital_ids, from, to, ...equal }: AppointmentFilter): QueryFilter<Document> {
  const filter: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(equal)) if (value !== undefined) filter[field] = value;
  if (hospital_ids) filter['hospital_id'] = { $in: [...hospital_ids] };
  if (from || to) filter['date'] = { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) };
  return filter;
}

export function createAppointmentRepository(connection: Connection) {
  const model = appointmentModel.on(connection);
  const store = createDocumentStore<Appointment, 'appointment_id'>(model, 'appointment_id', {
    money: ['consultation_fee'],
  });

  /** As `isOpen`. */
  const countOpen = (who: QueryFilter<Document>, now: Date, tx: MongoTransaction): Promise<number> =>
    store.count(
      { ...who, $or: [{ status: 'scheduled', date: { $gte: now } }, { status: 'checked_in' }] },
      tx,
    );

  /** Whether the patient is to see the doctor in that half-open period. */
  async function isBooked(
    { doctor_id, patient_id }: { doctor_id: string; patient_id: string },
    { from, to }: { from: Date; to: Date },
    tx: MongoTransaction,
  ): Promise<boolean> {
    const visit = { doctor_id, patient_id, date: { $gte: from, $lt: to } };
    const open = { ...visit, status: { $in: ['scheduled', 'checked_in'] as const } };
    return (await model.exists(open as never).setOptions(sessionOf(tx))) !== null;
  }

  /** The condition that keeps a list to what is visible. */
  function visibleTo(visible: Visible): QueryFilter<Document> {
    if (visible === 'all') return {};
    if (!('patient_ids' in visible)) return visible;
    const { doctor_id, patient_ids } = visible;
    return { $or: [{ doctor_id }, { patient_id: { $in: patient_ids } }] };
  }

  return {
    ...store,
    isBooked,

    /** PAT-8: who treats the patient: doctors whose visits are not called off. */
    doctorsOfPatient: (patient_id: string, tx: MongoTransaction): Promise<string[]> =>
      model
        .distinct('doctor_id', { patient_id, status: { $ne: 'cancelled' } } as never)
        .setOptions(sessionOf(tx)),

    listPage(
      visible: Visible,
      filter: AppointmentFilter,
      sort: keyof typeof orders,
      page: PageRequest,
    ): Promise<Page<Appointment>> {
      const conditions = [toFilter(filter), visibleTo(visible)];
      return store.page({ $and: conditions }, orders[sort], page);
    },

    /** Removes it, and keeps it apart for reports that ask what was known before (REP-11, `as_of`). */
    async remove(appointment_id: string, removed_at: Date, tx: MongoTransaction): Promise<void> {
      const record = await model.collection.findOne({ _id: appointment_id as never }, sessionOf(tx));
      const kept = record as unknown as AppointmentDocument;
      const _id = `${appointment_id} ${removed_at.toISOString()}`;
      await removedAppointments.on(connection).insertOne({ ...kept, _id, removed_at }, sessionOf(tx));
      await store.remove(appointment_id, tx);
    },

    /** The newest by date, for the summaries in the patient's document. */
    newestOfPatient: (patient_id: string, count: number, tx: MongoTransaction): Promise<Appointment[]> =>
      store.list({ patient_id }, orders['-date'], count, tx),

    /** What the patient has not come to yet, from that moment on. */
    listScheduled: (patient_id: string, from: Date, tx: MongoTransaction): Promise<Appointment[]> =>
      store.list({ patient_id, status: 'scheduled', date: { $gte: from } }, orders.date, mostCalledOff, tx),

    /** Whom the doctor is to see in that half-open period. */
    listScheduledOfDoctor: (
      doctor_id: string,
      { from, to }: { readonly from: Date; readonly to: Date },
      tx: MongoTransaction,
    ): Promise<Appointment[]> =>
      store.list(
        { doctor_id, status: 'scheduled', date: { $gte: from, $lt: to } },
        orders.date,
        mostCalledOff,
        tx,
      ),

    /** Whether there is any appointment with that doctor or of that patient, past ones too. */
    hasAnyOf: async (
      who: { doctor_id: string } | { patient_id: string },
      tx: MongoTransaction,
    ): Promise<boolean> => (await model.exists(who).setOptions(sessionOf(tx))) !== null,

    countOpenForDoctor: (doctor_id: string, now: Date, tx: MongoTransaction): Promise<number> =>
      countOpen({ doctor_id }, now, tx),
    countOpenForPatient: (patient_id: string, now: Date, tx: MongoTransaction): Promise<number> =>
      countOpen({ patient_id }, now, tx),

    /** The doctor or patient with the most appointments (the smallest id of several); null when there are none. */
    async busiest(by: 'doctor_id' | 'patient_id'): Promise<string | null> {
      const groups = [
        { $group: { _id: `$${by}`, n: { $sum: 1 } } },
        { $sort: { n: -1 as const, _id: 1 as const } },
      ];
      const [first] = await model.aggregate<{ _id: string }>([...groups, { $limit: 1 }]);
      return first?._id ?? null;
    },
  };
}

export type AppointmentRepository = ReturnType<typeof createAppointmentRepository>;
