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
  /** Applies what waits, now; the caller of a write awaits it so that both stores agree when it answers, if they can. */
  drain(): Promise<void>;
  start(handlers: Readonly<Record<string, OutboxHandler>>): void;
  stop(): Promise<void>;
}

interface OutboxDocument {
  _id: string;
  kind: string;
  payload: Readonly<Record<string, unknown>>;
  created_at: Date;
  claimed_until: Date | null;
  applied_at: Date | null;
}

const claimMs = 30_000;
const pollMs = 1_000;

/** A transactional outbox in MongoDB with a polling relay; a claim that its holder never finished runs out. */
export function createOutbox(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  logger: Logger;
}): Outbox {
  const entries = deps.connection.collection<OutboxDocument>('outbox');
  let handlers: Readonly<Record<string, OutboxHandler>> = {};
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function applyNext(): Promise<boolean> {
    const now = deps.clock.now();
    const entry = await entries.findOneAndUpdate(
      { kind: { $in: Object.keys(handlers) }, applied_at: null, claimed_until: { $lt: now } },
      { $set: { claimed_until: new Date(now.getTime() + claimMs) } },
      { sort: { _id: 1 }, returnDocument: 'after' },
    );
    if (!entry) return false;
    const { _id: entry_id, kind, payload, created_at } = entry;
    await handlers[kind]!({ entry_id, kind, payload, created_at });
    await entries.updateOne({ _id: entry_id }, { $set: { applied_at: deps.clock.now() } });
    return true;
  }

  async function applyAll(): Promise<void> {
    try {
      while (await applyNext());
    } catch (error) {
      deps.logger.warn({ error: loggable(error) }, 'the outbox relay will try again');
    }
  }

  const drain = async (): Promise<void> => {
    while (running) await running;
    running = applyAll().finally(() => (running = undefined));
    await running;
  };

  return {
    drain,
    async add(kind, payload, tx) {
      const created_at = deps.clock.now();
      const entry = {
        _id: deps.newId('E'),
        kind,
        payload,
        created_at,
        claimed_until: new Date(0),
        applied_at: null,
      };
      await entries.insertOne(entry, sessionOf(tx));
    },
    start(given) {
      handlers = given;
      timer = setInterval(() => void (running ?? drain()), pollMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
