import { setTimeout as sleep } from 'node:timers/promises';
import type { ReachPoint } from '../../lib/crash-points.js';
import { loggable, type Logger } from '../../lib/logger.js';
import { within } from '../../lib/within.js';
import { writeDeadlineMs } from '../retry.js';

/** What the other store must hear of: written in the deciding transaction, applied once by its handler. */
export interface OutboxEntry {
  readonly entry_id: string;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
}

/** Applies an entry to the other store, at least once; that it counts once, the inbox of that store sees to (`inbox.ts`). */
export type OutboxHandler = (entry: OutboxEntry) => Promise<void>;

export type OutboxHandlers = Readonly<Record<string, OutboxHandler>>;

/** An entry that is not applied yet. */
export interface WaitingEntry extends Omit<OutboxEntry, 'payload'> {
  /** How often a relay has taken it. */
  readonly attempts: number;
}

export interface Relay {
  /**
   * Applies what waits, now. The caller of a write awaits it so that both stores agree when it answers, if they can:
   * it never throws, and after `withinMs` (2 s) it leaves the rest to the relay.
   */
  drain(withinMs?: number): Promise<void>;
  /** Applies this entry now, whether its time has come or a relay that is gone has claimed it. */
  applyNow(entry_id: string): Promise<void>;
  start(handlers: OutboxHandlers): void;
  /** Ends the relay, after the entry it is at. */
  stop(): Promise<void>;
}

/** What a store's transactions announce, and the relay that brings it to the other store. */
export interface OutboxOf<Tx> extends Relay {
  add(kind: string, payload: Readonly<Record<string, unknown>>, tx: Tx): Promise<void>;
  /** What is not applied yet, by ascending id: the first `limit` after the one that is named. */
  listWaiting(after: string, limit: number): Promise<WaitingEntry[]>;
  /** Those of the named ones that are not applied yet. */
  findWaiting(entry_ids: readonly string[]): Promise<WaitingEntry[]>;
}

const pollMs = 1_000;
const drainMs = 2_000;
/** More than a transaction that is tried again or a mail server takes: one that goes on has counted once all the same, or not at all. */
const handlerMs = writeDeadlineMs + 10_000;

/** A handler that fails is tried again after 1, 2, 4, … seconds, at the most a minute. */
export const dueAgain = (now: Date, attempts: number): Date =>
  new Date(now.getTime() + Math.min(1_000 * 2 ** (attempts - 1), 60_000));

/** Hands an entry to its handler for the `attempts`-th time; false when that failed, which is logged. */
export async function bring(
  entry: OutboxEntry,
  attempts: number,
  handlers: OutboxHandlers,
  { reach, logger }: { readonly reach: ReachPoint; readonly logger: Logger },
): Promise<boolean> {
  const { entry_id, kind } = entry;
  try {
    reach(kind, 'taken');
    await within(handlerMs, handlers[kind]!(entry), () => {
      throw new Error(`the handler has not come to its end within ${handlerMs / 1000} s`);
    });
    reach(kind, 'applied');
    return true;
  } catch (error) {
    logger.warn({ error: loggable(error), entry_id, kind, attempts }, 'an outbox entry will be tried again');
    return false;
  }
}

/**
 * Takes entry after entry until none is left, once a second and when asked. `takeOne` takes the next that is due, or the one
 * that is named, and is false when there was none.
 */
export function createRelay(
  takeOne: (handlers: OutboxHandlers, only?: string) => Promise<boolean>,
  logger: Logger,
): Relay {
  let handlers: OutboxHandlers = {};
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  async function applyAll(): Promise<void> {
    try {
      while (timer && (await takeOne(handlers)));
    } catch (error) {
      logger.warn(
        { error: loggable(error) },
        'an outbox relay can not reach its database and will try again',
      );
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
    async drain(withinMs = drainMs) {
      await Promise.race([run(), sleep(withinMs, undefined, { ref: false })]);
    },
    async applyNow(entry_id) {
      await takeOne(handlers, entry_id);
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
