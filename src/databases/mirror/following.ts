import { setTimeout as sleep } from 'node:timers/promises';
import { loggable, type Logger } from '../../lib/logger.js';
import { Gap } from './stream.js';
import type { MirrorStore } from './duckdb.js';
import type { MirrorStanding, Uncountable } from './mirror.types.js';

/** REP-8: what is further behind is too old to answer from. */
export const stalestMs = 2_000;
const retryMs = 100;
const longestRetryMs = 5_000;
/** Until it is tried again whether all rows fit: that costs a reading of all of them. */
const tooLargeMs = 600_000;

/** Waits, unless it is to end. */
export const rest = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);

/** Keeps the rows of one store in step. */
export interface Follower {
  /** Reads all of them, or goes on from the place that they have from a snapshot, and follows their changes until the signal is given. */
  run(into: MirrorStore, signal: AbortSignal, from?: string): Promise<void>;
  /** Milliseconds of `performance.now()`: everything that was committed by then is in; undefined while the rows are not whole. */
  inStepAt(): number | undefined;
  /** Up to which moment of the store's clock everything is in; null while the rows are not whole. */
  reached(): Date | null;
  readonly uncountable: ReadonlyMap<string, Uncountable>;
  /** All rows do not fit into the memory that it may take. */
  isTooLarge(): boolean;
}

/** As DuckDB says it, in one way or another. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error &&
  /Out of Memory|could not allocate|failed to (allocate|pin|offload)/i.test(error.message);

/** How they stand, or null when they cannot answer. */
export type Standing = Promise<MirrorStanding | null>;

/**
 * Does `work` again and again, sooner or later after a failure. `begin` is called when what was held must be read anew, `empty` when it
 * does not fit.
 */
export async function keepAt(
  what: string,
  signal: AbortSignal,
  logger: Logger,
  { work, begin, empty }: { work(): Promise<void>; begin(): void; empty(): Promise<void> },
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const started = performance.now();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof Gap) {
        begin();
        logger.warn({ reason: error.message }, `the mirror of ${what} has missed changes, and is built anew`);
      } else if (isOutOfMemory(error)) {
        begin();
        logger.error(`${what} do not fit into MIRROR_MEGABYTES: reports answer from the records`);
        // What did not fit may be in the way of this too.
        await empty().catch(() => undefined);
        await rest(tooLargeMs, signal);
      } else {
        // A change is in as a whole or not at all: rows stay as they stood.
        logger.warn({ error: loggable(error) }, `the mirror of ${what} has failed and will try again`);
      }
      if (performance.now() - started > longestRetryMs) failures = 0;
      await rest(Math.min(retryMs * 2 ** failures++, longestRetryMs), signal);
    }
  }
}
