import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { queryLimitMs, sessionOf, uniqueViolations } from '../../../databases/mongo/mongo.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { patientMergeModel } from './merges.model.js';
import { followers, references, type Reference } from './merges.references.js';
import type { ChangedSince, MovedRecords, PatientMerge } from './merges.types.js';

/** More than any patient has; a transaction is not to be larger. */
export const mostMoved = 10_000;
/** How much of what was added since is told. */
const mostTold = 500;

interface Raw {
  readonly _id: string;
  readonly version?: number;
  readonly [field: string]: unknown;
}

const newestFirst: SortOrder<PatientMerge> = { name: '-merged_at', field: 'merged_at', direction: -1 };

const valueAt = (record: Raw, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Raw | null)?.[key], record);

/** Moves what is a patient's. A merge is of all collections: the other exception to "one's own only" (see `refreshRecent`). */
export function createMergeRepository(connection: Connection) {
  const store = createDocumentStore<PatientMerge, 'merge_id'>(patientMergeModel.on(connection), 'merge_id');
  const records = (collection: string) => connection.collection<Raw>(collection);
  const reading = (tx: MongoTransaction) => ({ ...sessionOf(tx), maxTimeMS: queryLimitMs });

  /** Throws UniqueViolation where both have what one patient has once. */
  async function set(
    { collection, field, versioned }: Reference,
    filter: object,
    patient_id: string,
    tx: MongoTransaction,
  ): Promise<void> {
    const change = { $set: { [field]: patient_id }, ...(versioned ? { $inc: { version: 1 } } : {}) };
    await uniqueViolations(() => records(collection).updateMany(filter, change as never, sessionOf(tx)));
  }

  /** What has become of the records that a merge has moved, which are moved back. */
  async function takeBack(
    reference: Reference,
    { moved, from, into, visits }: { moved: MovedRecords; from: string; into: string; visits: string[] },
    merged_at: Date,
    tx: MongoTransaction,
  ): Promise<ChangedSince[]> {
    const { collection, field, made } = reference;
    const ids = moved.records.map(({ id }) => id);
    const there = await records(collection)
      .find({ _id: { $in: ids } }, { ...reading(tx), projection: { version: 1, [field]: 1 } })
      .toArray();
    const found = new Map(there.map((record) => [record._id, record]));
    const changed = moved.records.flatMap(({ id, version }): ChangedSince[] => {
      const record = found.get(id);
      if (!record) return [{ what: collection, id, fate: 'removed' }];
      const isAsMoved = valueAt(record, field) === into && (version === null || record.version === version);
      return isAsMoved ? [] : [{ what: collection, id, fate: 'changed' }];
    });
    await set(reference, { _id: { $in: ids }, [field]: into }, from, tx);
    if (made === undefined) return changed;
    const since = await records(collection)
      .find({ [field]: into, [made]: { $gte: merged_at } } as never, {
        ...reading(tx),
        projection: { appointment_id: 1 },
        sort: { _id: 1 },
        limit: mostTold,
      })
      .toArray();
    const ofVisits = since.filter(({ appointment_id }) => visits.includes(appointment_id as string));
    await set(reference, { _id: { $in: ofVisits.map(({ _id }) => _id) } }, from, tx);
    return [
      ...changed,
      ...since.map((record): ChangedSince => {
        const fate = ofVisits.includes(record) ? 'added' : 'kept';
        return { what: collection, id: record._id, fate };
      }),
    ];
  }

  return {
    find: store.find,
    insert: store.insert,
    update: store.update,
    listPage: (page: PageRequest): Promise<Page<PatientMerge>> => store.page({}, newestFirst, page),

    /** Whether a slot is held for one of them just now. */
    isBooking: async (patient_ids: readonly string[], now: Date, tx: MongoTransaction): Promise<boolean> =>
      (await records('slot_claims').findOne(
        { patient_id: { $in: [...patient_ids] }, expires_at: { $gt: now } } as never,
        { ...reading(tx), projection: { _id: 1 } },
      )) !== null,

    /** All that is the one patient's becomes the other's; null: it is too much for one transaction. Throws UniqueViolation. */
    async moveAll(from: string, into: string, tx: MongoTransaction): Promise<MovedRecords[] | null> {
      const moved: MovedRecords[] = [];
      let count = 0;
      for (const reference of references) {
        const { collection, field, versioned } = reference;
        const found = await records(collection)
          .find({ [field]: from } as never, {
            ...reading(tx),
            projection: { version: 1 },
            limit: mostMoved + 1,
          })
          .toArray();
        count += found.length;
        if (count > mostMoved) return null;
        await set(reference, { [field]: from }, into, tx);
        const after = (version = 0): number | null => (versioned ? version + 1 : null);
        moved.push({
          what: collection,
          records: found.map(({ _id, version }) => ({ id: _id, version: after(version) })),
        });
      }
      for (const follower of followers)
        await set(follower, { [follower.field]: from, ...follower.where }, into, tx);
      return moved;
    },

    /** Moves back what the merge has moved, and what belongs to it; says what has changed since. */
    async moveBack(merge: PatientMerge, tx: MongoTransaction): Promise<ChangedSince[]> {
      const { from_patient_id: from, into_patient_id: into, moved: all, merged_at } = merge;
      const movedOf = (collection: string): MovedRecords =>
        all.find(({ what }) => what === collection) ?? { what: collection, records: [] };
      const visits = movedOf('appointments').records.map(({ id }) => id);
      const changed: ChangedSince[] = [];
      for (const reference of references) {
        const moved = movedOf(reference.collection);
        changed.push(...(await takeBack(reference, { moved, from, into, visits }, merged_at, tx)));
      }
      const wentBack = (collection: string): string[] => [
        ...movedOf(collection).records.map(({ id }) => id),
        ...changed.filter(({ what, fate }) => what === collection && fate === 'added').map(({ id }) => id),
      ];
      for (const { of, by, where, ...follower } of followers)
        await set(follower, { [follower.field]: into, [by]: { $in: wentBack(of) }, ...where }, from, tx);
      return changed;
    },
  };
}

export type MergeRepository = ReturnType<typeof createMergeRepository>;
