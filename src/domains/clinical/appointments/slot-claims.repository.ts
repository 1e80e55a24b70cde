import type { Connection, QueryFilter } from 'mongoose';
import { queryLimitMs, sessionOf, uniqueViolations } from '../../../databases/mongo/mongo.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { Hold, SlotClaim } from './appointments.types.js';
import { slotClaimModel } from './slot-claims.model.js';

/** A place for the length of a grain, and until when it is somebody's. */
type ClaimedPlace = Pick<SlotClaim, 'grain' | 'place' | 'expires_at'>;

type Filter = QueryFilter<SlotClaim>;

/** How many grains a sweep looks at. */
const mostRunOut = 1000;

// Ids of appointments may be the client's choice; neither of the two ever means the other.
const booked = (appointment_id: string) => ({ holder_id: appointment_id, expires_at: null });
const held = (hold_id: string) => ({ holder_id: hold_id, expires_at: { $ne: null } });

/** What a patient has in any part of the slot; a hold waits until it is booked. */
const visitsIn = (patient_id: string, { date, slot_end }: Pick<SlotClaim, 'date' | 'slot_end'>) => ({
  ...{ patient_id, expires_at: null, date: { $lt: slot_end }, slot_end: { $gt: date } },
});

const toHold = ({ holder_id, doctor_id, patient_id, date, slot_end, expires_at }: SlotClaim): Hold => ({
  hold_id: holder_id,
  ...{ doctor_id, patient_id, date, slot_end },
  expires_at: expires_at!,
});

export function createSlotClaimRepository(connection: Connection) {
  const model = slotClaimModel.on(connection);

  return {
    /** The places that are claimed in the half-open period of grains, by holds that have run out too. */
    claimed: (doctor_id: string, from: Date, to: Date, tx?: MongoTransaction): Promise<ClaimedPlace[]> =>
      model.collection
        .find<ClaimedPlace>(
          { doctor_id, grain: { $gte: from, $lt: to } },
          {
            ...sessionOf(tx),
            projection: { grain: 1, place: 1, expires_at: 1, _id: 0 },
            maxTimeMS: queryLimitMs,
          },
        )
        .toArray(),

    /** The same of a slot, and whether the patient has a visit in any part of it, another than `except`: one look for both. */
    async around(
      { doctor_id, patient_id, except }: { doctor_id: string; patient_id: string; except: string },
      slot: Pick<SlotClaim, 'date' | 'slot_end'>,
      { from, to }: { from: Date; to: Date },
      tx: MongoTransaction,
    ): Promise<{ claimed: ClaimedPlace[]; isBusy: boolean }> {
      const ofDoctor = { doctor_id, grain: { $gte: from, $lt: to } };
      const visit = { ...visitsIn(patient_id, slot), holder_id: { $ne: except } };
      const found = await model.collection
        .find<SlotClaim>({ $or: [ofDoctor, visit] }, { ...sessionOf(tx), maxTimeMS: queryLimitMs })
        .toArray();
      return {
        claimed: found.filter(
          (claim) => claim.doctor_id === doctor_id && from <= claim.grain && claim.grain < to,
        ),
        isBusy: found.some(
          (claim) =>
            claim.patient_id === patient_id &&
            claim.expires_at === null &&
            claim.holder_id !== except &&
            claim.date < slot.slot_end &&
            claim.slot_end > slot.date,
        ),
      };
    },

    /**
     * Takes the place for all grains; throws UniqueViolation for a visit of a patient who has another one then. Two transactions that take one place conflict at its unique key: the later one is run
     * again, and finds it taken.
     */
    async claim(
      claim: Omit<SlotClaim, 'grain'>,
      grains: readonly Date[],
      tx: MongoTransaction,
    ): Promise<void> {
      const documents = grains.map((grain) => ({ ...claim, grain }));
      await uniqueViolations(() => model.collection.insertMany(documents as never[], sessionOf(tx)));
    },

    /** Takes the place from holds that have run out at `now`. */
    async clear(
      { doctor_id, place }: Pick<SlotClaim, 'doctor_id' | 'place'>,
      grains: readonly Date[],
      now: Date,
      tx: MongoTransaction,
    ): Promise<void> {
      const expired: Filter = { doctor_id, place, grain: { $in: [...grains] }, expires_at: { $lte: now } };
      await model.deleteMany(expired, sessionOf(tx));
    },

    /** Whether the appointment had anything to give back. */
    async release(appointment_id: string, tx: MongoTransaction): Promise<boolean> {
      return (await model.deleteMany(booked(appointment_id), sessionOf(tx))).deletedCount > 0;
    },

    async releaseHold(hold_id: string, tx: MongoTransaction): Promise<boolean> {
      return (await model.deleteMany(held(hold_id), sessionOf(tx))).deletedCount > 0;
    },

    /** Run out or not, as long as nobody else has taken its slot. */
    async findHold(hold_id: string, tx?: MongoTransaction): Promise<Hold | null> {
      const claim = await model.findOne(held(hold_id), null, sessionOf(tx)).lean<SlotClaim>().exec();
      return claim && toHold(claim);
    },

    /** What the patient holds at `now`, in the order of the slots. */
    async listHolds(patient_id: string, now: Date, tx?: MongoTransaction): Promise<Hold[]> {
      const held: Filter = { patient_id, expires_at: { $gt: now } };
      const claims = await model.find(held, null, sessionOf(tx)).sort({ date: 1 }).lean<SlotClaim[]>().exec();
      return [...new Map(claims.map((claim) => [claim.holder_id, toHold(claim)])).values()];
    },

    /** The ids of holds that have run out at `now`, and have their claims still; those of the oldest at the least. */
    async listRunOut(now: Date): Promise<string[]> {
      // `$type` is what the index is partial by: it has no booked claims in it.
      const runOut: Filter = { expires_at: { $type: 'date', $lte: now } };
      const claims = await model
        .find(runOut, 'holder_id -_id')
        .sort({ expires_at: 1 })
        .limit(mostRunOut)
        .lean<Pick<SlotClaim, 'holder_id'>[]>()
        .exec();
      return [...new Set(claims.map(({ holder_id }) => holder_id))];
    },

    /** What was held until now is booked for good. The number of grains. Throws UniqueViolation: see `claim`. */
    async book(hold_id: string, appointment_id: string, tx: MongoTransaction): Promise<number> {
      const visit = { ...booked(appointment_id), is_visit: true };
      const done = await uniqueViolations(() => model.updateMany(held(hold_id), visit, sessionOf(tx)));
      return done.modifiedCount;
    },

    /** Whether the patient has a visit in any part of the slot. */
    isBusy: async (
      patient_id: string,
      slot: Pick<SlotClaim, 'date' | 'slot_end'>,
      tx: MongoTransaction,
    ): Promise<boolean> =>
      (await model.exists(visitsIn(patient_id, slot)).setOptions(sessionOf(tx))) !== null,

    isBooked: async (appointment_id: string, tx: MongoTransaction): Promise<boolean> =>
      (await model.exists(booked(appointment_id)).setOptions(sessionOf(tx))) !== null,

    /** How many slots the patient holds at `now`. */
    async countHolds(patient_id: string, now: Date, tx: MongoTransaction): Promise<number> {
      const kept: Filter = { patient_id, expires_at: { $gt: now } };
      return (await model.distinct('holder_id', kept).setOptions(sessionOf(tx))).length;
    },
  };
}

export type SlotClaimRepository = ReturnType<typeof createSlotClaimRepository>;
