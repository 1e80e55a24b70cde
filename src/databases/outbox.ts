import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { Clock } from '../lib/clock.js';
import type { NewId } from '../lib/ids.js';
import { loggable, type Logger } from '../lib/logger.js';
import type { MongoTransaction } from '../lib/transaction.js';
import { sessionOf } from './mongo.js';

/** What the other store must hear of: written in the deciding transaction, applied once by its handler. */
export interface OutboxEntry {
  readonly entry_id: string;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
}

/** Applies an entry to the other store; idempotent by `entry_id` or a unique key of its own, for it may run again. */
export type OutboxHandler = (entry: OutboxEntry) => Promise<void>;

export interface Outbox {
  add(kind: string, payload: Readonly<Record<string, unknown>>, tx: MongoTransaction): Promise<void>;
  /** How many entries about this patient the other store has not applied yet. */
  countWaiting(patient_id: string, tx: MongoTransaction): Promise<number>;
  /**
   * Applies what waits, now. The caller of a write awaits it so that both stores agree when it answers, if they can:
   * it never throws, and after 2 s it leaves the rest to the relay.
   */
  drain(): Promise<void>;
  start(handlers: Readonly<Record<string, OutboxHandler>>): void;
  /** Ends the relay, after the entry it is at. */
  stop(): Promise<void>;
}

interface OutboxDocument {
  _id: string;
  kind: string;
  payload: Readonly<Record<string, unknown>>;
  created_at: Date;
  /** How often a relay has claimed it. */
  attempts: number;
  /** No relay takes the entry before this moment. */
  claimed_until: Date;
  applied_at: Date | null;
}

/** Longer than a handler's own time limits: a claim that runs out means that its holder is gone. */
const claimMs = 30_000;
const pollMs = 1_000;
const drainMs = 2_000;

/** A handler that fails is tried again after 1, 2, 4, … seconds, at the most a minute. */
const pauseMs = (attempts: number): number => Math.min(1_000 * 2 ** (attempts - 1), 60_000);

/** A transactional outbox in MongoDB with a polling relay; a claim that its holder never finished runs out. */
export function createOutbox(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  logger: Logger;
}): Outbox {
  const { clock, logger } = deps;
  const entries = deps.connection.collection<OutboxDocument>('outbox');
  let handlers: Readonly<Record<string, OutboxHandler>> = {};
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  function claimNext(): Promise<OutboxDocument | null> {
    const now = clock.now();
    return entries.findOneAndUpdate(
      { applied_at: null, kind: { $in: Object.keys(handlers) }, claimed_until: { $lte: now } },
      { $set: { claimed_until: new Date(now.getTime() + claimMs) }, $inc: { attempts: 1 } },
      { sort: { _id: 1 }, returnDocument: 'after' },
    );
  }

  async function apply({ _id, kind, payload, created_at, attempts }: OutboxDocument): Promise<void> {
    try {
      await handlers[kind]!({ entry_id: _id, kind, payload, created_at });
      await entries.updateOne({ _id }, { $set: { applied_at: clock.now() } });
    } catch (error) {
      logger.warn(
        { error: loggable(error), entry_id: _id, kind, attempts },
        'an outbox entry will be tried again',
      );
      const claimed_until = new Date(clock.now().getTime() + pauseMs(attempts));
      await entries.updateOne({ _id }, { $set: { claimed_until } });
    }
  }

  /** An entry that fails does not hold up those behind it: it has a later claim now. */
  async function applyAll(): Promise<void> {
    try {
      while (timer) {
        const entry = await claimNext();
        if (!entry) return;
        await apply(entry);
      }
    } catch (error) {
      logger.warn({ error: loggable(error) }, 'the outbox relay can not reach MongoDB and will try again');
    }
  }

  /** Whoever comes while a run is under way waits for the next, which all of them share: it sees what they wrote. */
  function run(): Promise<void> {
    if (!running) return (running = applyAll().finally(() => (running = undefined)));
    return (queued ??= running.then(() => {
      queued = undefined;
      return run();
    }));
  }

  return {
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
    },
    async drain() {
      await Promise.race([run(), sleep(drainMs, undefined, { ref: false })]);
    },
    start(given) {
      handlers = given;
      timer = setInterval(() => void (running ?? run()), pollMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await (queued ?? running);
    },
  };
}
