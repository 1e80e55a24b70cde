import { setTimeout as sleep } from 'node:timers/promises';
import type { ReachPoint } from '../../contracts/crash-points.js';
import type { HandOvers } from '../../contracts/hand-overs.js';
import { loggable, type Logger } from '../../lib/logger.js';
import { within } from '../../lib/within.js';
import { writeDeadlineMs } from '../retry.js';

/** What the other store must hear of: written in the deciding transaction, applied once by its handler. */
export interface OutboxEntry<Kind = string, Payload = unknown> {
  readonly entry_id: string;
  readonly kind: Kind;
  readonly payload: Payload;
  readonly created_at: Date;
}

/**
 * Applies an entry to the other store, at least once; that it counts once, the inbox of that store sees to (`inbox.ts`).
 * `Kinds`: what each kind of entry carries.
 */
export type OutboxHandlers<Kinds> = {
  readonly [K in keyof Kinds & string]?: (entry: OutboxEntry<K, Kinds[K]>) => Promise<void>;
};

/** By the kind that a store has told, an entry and its handler belong together. */
type AnyHandlers = Readonly<
  Record<string, ((entry: OutboxEntry<never, never>) => Promise<void>) | undefined>
>;

/** An entry that is not applied yet. */
export interface WaitingEntry extends Omit<OutboxEntry, 'payload'> {
  /** How often a relay has taken it. */
  readonly attempts: number;
}

/** What waits of some kinds. */
export interface WaitingSummary {
  /** Of the first ten thousand. */
  readonly waiting: number;
  /** Of these, those that a relay has taken several times and that failed each time. */
  readonly failing: number;
  readonly oldest_at: Date | null;
  /** The kinds of those that fail. */
  readonly failing_kinds: readonly string[];
}

/** An entry that was tried so often and is not applied fails by itself: the other store was there meanwhile. */
export const failingAttempts = 3;
export const mostSummed = 10_000;

interface Relay<Kinds> {
  /**
   * Applies what waits, now, or waits for the process that does. The caller of a write awaits it so that both stores agree when
   * it answers, if they can: it never throws, and after `withinMs` (2 s) it leaves the rest to the relay.
   */
  drain(withinMs?: number): Promise<void>;
  /** Applies this entry now, whether its time has come or a relay that is gone has claimed it. */
  applyNow(entry_id: string): Promise<void>;
  start(handlers: OutboxHandlers<Kinds>): void;
  /** Ends the relay, after the entry it is at. */
  stop(): Promise<void>;
}

/** What a store's transactions announce, and the relay that brings it to the other store. */
export interface OutboxOf<Tx, Kinds = HandOvers> extends Relay<Kinds> {
  add<K extends keyof Kinds & string>(kind: K, payload: Kinds[K], tx: Tx): Promise<void>;
  /** What is not applied yet, by ascending id: the first `limit` after the one that is named. */
  listWaiting(after: string, limit: number): Promise<WaitingEntry[]>;
  /** Those of the named ones that are not applied yet. */
  findWaiting(entry_ids: readonly string[]): Promise<WaitingEntry[]>;
  summary(kinds: readonly string[]): Promise<WaitingSummary>;
}

const pollMs = 1_000;
const drainMs = 2_000;
/** How often a writer looks whether another process has applied what was announced, and after how many of the last it looks. */
const lookMs = 50;
const mostAwaited = 100;
/** More than a transaction that is tried again or a mail server takes: one that goes on has counted once all the same, or not at all. */
export const handlerMs = writeDeadlineMs + 10_000;

/** A handler that fails is tried again after 1, 2, 4, … seconds, at the most a minute. */
export const dueAgain = (now: Date, attempts: number): Date =>
  new Date(now.getTime() + Math.min(1_000 * 2 ** (attempts - 1), 60_000));

/** Hands an entry to its handler for the `attempts`-th time; false when that failed, which is logged. */
export async function bring(
  entry: OutboxEntry,
  attempts: number,
  handlers: AnyHandlers,
  { reach, logger }: { readonly reach: ReachPoint<string>; readonly logger: Logger },
): Promise<boolean> {
  const { entry_id, kind } = entry;
  try {
    reach(kind, 'taken');
    await within(handlerMs, handlers[kind]!(entry as OutboxEntry<never, never>), () => {
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
export function createRelay<Kinds>(
  takeOne: (handlers: OutboxHandlers<Kinds>, only?: string) => Promise<boolean>,
  findWaiting: (entry_ids: readonly string[]) => Promise<readonly WaitingEntry[]>,
  logger: Logger,
): Relay<Kinds> & { announced(kind: keyof Kinds, entry_id: string): void } {
  let handlers: OutboxHandlers<Kinds> = {};
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  /** What this process announced a moment ago and another one applies; committed or not. */
  let awaited: { readonly entry_id: string; readonly until: number }[] = [];
  const recent = () => awaited.filter(({ until }) => performance.now() < until);

  const hasHandlers = (): boolean => Object.keys(handlers).length > 0;

  async function applyAll(): Promise<void> {
    try {
      while (timer && hasHandlers() && (await takeOne(handlers)));
    } catch (error) {
      logger.warn({ error: loggable(error) }, 'an outbox relay cannot reach its database and will try again');
    }
  }

  /** Anyone who comes while a run is under way waits for the next, which all of them share: it sees what they wrote. */
  function run(): Promise<void> {
    if (!running) return (running = applyAll().finally(() => (running = undefined)));
    return (queued ??= running.then(() => {
      queued = undefined;
      return run();
    }));
  }

  async function appliedElsewhere(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    // Of now: those who announce meanwhile look for themselves, and what is not committed yet is not the caller's.
    let left = recent().map(({ entry_id }) => entry_id);
    while (left.length > 0 && performance.now() < deadline) {
      left = (await findWaiting(left)).map(({ entry_id }) => entry_id);
      if (left.length > 0) await sleep(lookMs, undefined, { ref: false });
    }
  }

  return {
    announced(kind, entry_id) {
      if (!timer || Object.hasOwn(handlers, kind)) return;
      awaited = [...recent(), { entry_id, until: performance.now() + drainMs }].slice(-mostAwaited);
    },
    async drain(withinMs = drainMs) {
      const elsewhere = appliedElsewhere(withinMs).catch(() => undefined);
      await Promise.race([Promise.all([run(), elsewhere]), sleep(withinMs, undefined, { ref: false })]);
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
