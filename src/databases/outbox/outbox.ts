import type { Filter } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../../lib/clock.js';
import type { ReachPoint } from '../../contracts/crash-points.js';
import type { HandOvers } from '../../contracts/hand-overs.js';
import type { NewId } from '../../lib/ids.js';
import type { Logger } from '../../lib/logger.js';
import type { MongoTransaction } from '../../lib/transaction.js';
import { by, daySeconds } from '../mongo/mongo-index.js';
import { defineCollection } from '../mongo/mongo-model.js';
import { queryLimitMs, sessionOf } from '../mongo/mongo.js';
import {
  bring,
  createRelay,
  dueAgain,
  failingAttempts,
  handlerMs,
  mostSummed,
  type OutboxHandlers,
  type OutboxOf,
  type WaitingEntry,
  type WaitingSummary,
} from './relay.js';

export interface Outbox<Kinds = HandOvers> extends OutboxOf<MongoTransaction, Kinds> {
  /** How many entries about this patient the other store has not applied yet. */
  countWaiting(patient_id: string, tx: MongoTransaction): Promise<number>;
}

interface OutboxDocument {
  _id: string;
  kind: string;
  payload: unknown;
  created_at: Date;
  /** How often a relay has claimed it. */
  attempts: number;
  /** No relay takes the entry before this moment. */
  claimed_until: Date;
  applied_at: Date | null;
}

export const outboxCollection = defineCollection<OutboxDocument>({
  collection: 'outbox',
  fields: {
    _id: 'string',
    kind: 'string',
    payload: 'object',
    created_at: 'date',
    attempts: 'number',
    claimed_until: 'date',
    applied_at: 'date',
  },
  indexes: [
    { key: by('applied_at', 'kind', '_id'), serves: 'the relay' },
    {
      key: by('applied_at'),
      expireAfterSeconds: 7 * daySeconds,
      serves: 'applied entries are kept for a week',
    },
  ],
});

/** Longer than a handler may take: a claim that runs out means that its holder is gone. */
export const claimMs = handlerMs + 5_000;

/** A transactional outbox in MongoDB with a polling relay; a claim that its holder never finished runs out. */
export function createOutbox<Kinds = HandOvers>(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  logger: Logger;
  reach: ReachPoint<string>;
}): Outbox<Kinds> {
  const { clock, logger } = deps;
  const entries = outboxCollection.on(deps.connection);

  function claim(handlers: OutboxHandlers<Kinds>, only?: string): Promise<OutboxDocument | null> {
    const now = clock.now();
    const which = only === undefined ? { claimed_until: { $lte: now } } : { _id: only };
    return entries.findOneAndUpdate(
      { applied_at: null, kind: { $in: Object.keys(handlers) }, ...which },
      { $set: { claimed_until: new Date(now.getTime() + claimMs) }, $inc: { attempts: 1 } },
      { sort: { _id: 1 }, returnDocument: 'after' },
    );
  }

  /** An entry that fails does not hold up those behind it: it has a later claim now. */
  async function takeOne(handlers: OutboxHandlers<Kinds>, only?: string): Promise<boolean> {
    const entry = await claim(handlers, only);
    if (!entry) return false;
    const { _id, kind, payload, created_at, attempts } = entry;
    const isApplied = await bring({ entry_id: _id, kind, payload, created_at }, attempts, handlers, deps);
    const now = clock.now();
    const outcome = isApplied ? { applied_at: now } : { claimed_until: dueAgain(now, attempts) };
    await entries.updateOne({ _id }, { $set: outcome });
    return true;
  }

  const waiting = (which: Filter<OutboxDocument>, limit: number): Promise<WaitingEntry[]> =>
    entries
      .find({ applied_at: null, ...which })
      .sort({ _id: 1 })
      .limit(limit)
      .map(({ _id, kind, created_at, attempts }) => ({ entry_id: _id, kind, created_at, attempts }))
      .toArray();

  const findWaiting = (entry_ids: readonly string[]) =>
    waiting({ _id: { $in: [...entry_ids] } }, entry_ids.length);
  const { announced, ...relay } = createRelay(takeOne, findWaiting, logger);

  return {
    ...relay,
    listWaiting: (after, limit) => waiting({ _id: { $gt: after } }, limit),
    findWaiting,
    async summary(kinds) {
      const isFailing = { $gte: ['$attempts', failingAttempts] };
      const [sum] = await entries
        .aggregate<WaitingSummary>(
          [
            { $match: { applied_at: null, kind: { $in: [...kinds] } } },
            { $limit: mostSummed },
            {
              $group: {
                _id: null,
                waiting: { $sum: 1 },
                failing: { $sum: { $cond: [isFailing, 1, 0] } },
                oldest_at: { $min: '$created_at' },
                failing_kinds: { $addToSet: { $cond: [isFailing, '$kind', null] } },
              },
            },
            { $set: { failing_kinds: { $setDifference: ['$failing_kinds', [null]] } } },
            { $unset: '_id' },
          ],
          { maxTimeMS: queryLimitMs },
        )
        .toArray();
      return sum ?? { waiting: 0, failing: 0, oldest_at: null, failing_kinds: [] };
    },
    countWaiting(patient_id, tx) {
      return entries.countDocuments({ 'payload.patient_id': patient_id, applied_at: null }, sessionOf(tx));
    },
    async add(kind, payload, tx) {
      const entry = {
        _id: deps.newId('E'),
        kind,
        payload,
        created_at: clock.now(),
        attempts: 0,
        claimed_until: new Date(0),
        applied_at: null,
      };
      await entries.insertOne(entry, sessionOf(tx));
      announced(kind, entry._id);
    },
  };
}
