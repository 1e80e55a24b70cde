import type { Filter } from 'mongodb';
import type { Connection } from 'mongoose';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { retry } from '../../../databases/retry.js';
import { sessionOf } from '../../../databases/mongo/mongo.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AppointmentDocument } from './appointments.model.js';
import type { AppointmentStatus, PaymentMark, SlotClaim } from './appointments.types.js';

/** What of an appointment the reconciliation compares with the money and the slots. */
export interface VisitState {
  readonly appointment_id: string;
  readonly status: AppointmentStatus;
  readonly date: Date;
  /** Whether its newest step was made here, by somebody; an import's was made elsewhere. */
  readonly made_here: boolean;
  readonly payment: PaymentMark | null;
  /** When the record last changed. */
  readonly changed_at: Date;
}

/** That an appointment has a place in the calendar. */
export interface BookedSlot {
  readonly appointment_id: string;
  readonly date: Date;
}

type Projected = Pick<AppointmentDocument, '_id' | 'status' | 'date' | 'payment' | 'updated_at'> & {
  made_by?: string | null;
};

/** An import is the hospital's past: it may be longer than any other query may take. */
const limitMs = 600_000;

/** Which visits are gone through; all are read by ascending id. */
const sets = {
  all: () => ({}),
  completed: () => ({ status: 'completed' }),
  completed_here: () => ({ status: 'completed', history: { $elemMatch: { status: 'completed', by: { $ne: null } } } }), // prettier-ignore
  cancelled_here: () => ({ status: 'cancelled', history: { $elemMatch: { status: 'cancelled', by: { $ne: null } } } }), // prettier-ignore
  with_payment: () => ({ payment: { $ne: null } }),
  to_come: (now: Date) => ({ status: 'scheduled', date: { $gt: now } }),
} satisfies Record<string, (now: Date) => Filter<AppointmentDocument>>;
export type VisitSet = keyof typeof sets;

export function createVisitStateRepository(connection: Connection) {
  const appointments = connection.collection<AppointmentDocument>('appointments');
  const claims = connection.collection<SlotClaim>('slot_claims');
  const projection = { status: 1, date: 1, payment: 1, updated_at: 1, made_by: { $last: '$history.by' } };
  const toState = ({ _id, made_by, payment, updated_at, ...rest }: Projected): VisitState => ({
    appointment_id: _id,
    ...rest,
    made_here: made_by !== null && made_by !== undefined,
    payment: payment ?? null,
    changed_at: updated_at,
  });
  const toSlot = ({ holder_id, date }: SlotClaim): BookedSlot => ({ appointment_id: holder_id, date });
  const booked = async (which: Filter<SlotClaim>, limit: number): Promise<BookedSlot[]> => {
    const found = await claims
      .find({ ...which, expires_at: null }, { maxTimeMS: limitMs })
      .sort({ holder_id: 1 })
      .limit(limit)
      .toArray();
    // A slot has a claim for each of its grains.
    return found.filter((claim, at) => claim.holder_id !== found[at - 1]?.holder_id).map(toSlot);
  };

  return {
    /** The first `limit` of a set after this id. The index is named, or MongoDB would sort all that the filter finds. */
    async list(set: VisitSet, after: string, limit: number, now: Date): Promise<VisitState[]> {
      const found = await appointments
        .find<Projected>({ ...sets[set](now), _id: { $gt: after } } as Filter<AppointmentDocument>, {
          projection,
          hint: { _id: 1 },
          maxTimeMS: limitMs,
        })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map(toState);
    },

    async find(appointment_ids: readonly string[]): Promise<VisitState[]> {
      const filter = { _id: { $in: [...appointment_ids] } } as Filter<AppointmentDocument>;
      return (await appointments.find<Projected>(filter, { projection, maxTimeMS: limitMs }).toArray()).map(
        toState,
      );
    },

    /** Appointments that have a slot, after this id. The grains of the last one may go beyond the page. */
    listBooked: (after: string, limit: number): Promise<BookedSlot[]> =>
      booked({ holder_id: { $gt: after } }, limit),

    /** As many as there are ids, and no more grains than a day has of each. */
    findBooked: (appointment_ids: readonly string[]): Promise<BookedSlot[]> =>
      booked({ holder_id: { $in: [...appointment_ids] } }, appointment_ids.length * 288),

    /** Sets marks where there is none or an older one. Idempotent. */
    async raiseMarks(
      marks: readonly { appointment_id: string; mark: PaymentMark; changed_at: Date }[],
    ): Promise<void> {
      if (marks.length === 0) return;
      const operations = marks.map(({ appointment_id, mark, changed_at }) => ({
        updateOne: {
          filter: {
            ...{ _id: appointment_id },
            $or: [{ payment: null }, { 'payment.as_of': { $lt: mark.as_of } }],
          },
          update: { $set: { payment: mark }, $max: { updated_at: changed_at }, $inc: { version: 1 } },
        },
      }));
      await retry(() => appointments.bulkWrite(operations, { ordered: false }), isPassingMongoFailure);
    },

    /** Replaces a mark, unless it is another one by now. */
    async replaceMark(
      appointment_id: string,
      seen: PaymentMark | null,
      mark: PaymentMark | null,
      now: Date,
      tx: MongoTransaction,
    ): Promise<void> {
      const unchanged = seen === null ? { payment: null } : { 'payment.as_of': seen.as_of };
      const filter = { _id: appointment_id, ...unchanged } as Filter<AppointmentDocument>;
      const change = { $set: { payment: mark, updated_at: now }, $inc: { version: 1 } };
      await appointments.updateOne(filter, change, sessionOf(tx));
    },
  };
}

export type VisitStateRepository = ReturnType<typeof createVisitStateRepository>;
