import { loggable, type Logger } from '../../lib/logger.js';
import { isPassing, reasonOf } from './failures.js';
import type { Change, ProjectionState } from './projector.types.js';
import { changeOf, combined, withChange, without } from './set-aside.js';
import { Gap } from './stream.js';

/** What was set aside is tried again after so long, and then after twice as long each time. */
const firstRetryMs = 5_000;
const longestRetryMs = 600_000;
/** Of more than can be kept only a build can tell when they have become less. */
const tooManyMs = 60_000;

/** What is stored with changes. */
type Progress = Partial<ProjectionState>;

interface IntakeDeps {
  /** Throws the stores' errors. */
  store(from: ProjectionState, what: Progress, changes: readonly Change[]): Promise<ProjectionState>;
  /** Of the sink. */
  readonly name: string;
  readonly logger: Logger;
}

/** How changes get into a sink that may refuse some of them. */
export function createIntake({ store, name, logger }: IntakeDeps) {
  /** How many are taken in at once: fewer for a while when they were too many. */
  let atOnce = Infinity;
  let retryMs = firstRetryMs;
  let retryAt = 0;

  async function setAside(
    from: ProjectionState,
    what: Progress,
    change: Change,
    error: unknown,
  ): Promise<ProjectionState> {
    const { collection } = change;
    const before = from.set_aside ?? [];
    const set_aside = withChange(before, change, reasonOf(error));
    if (!set_aside) throw new Gap('too many documents cannot be counted', { waitMs: tooManyMs });
    const state = await store(from, { ...what, set_aside }, []);
    if (set_aside.length > before.length)
      logger.error(
        // Without its id, which may be a patient's: the state has it.
        { error: loggable(error), sink: name, collection },
        'a document cannot be counted: reports answer from the records until it is put right or removed',
      );
    return state;
  }

  return {
    /**
     * Takes changes in, half as many at a time when they are too many for the sink, and sets the one aside that it refuses even
     * alone. `upTo(n)` is what is stored with the first `n` of them. Throws a Gap when too many were refused, and what passes by itself.
     */
    async takeIn(
      from: ProjectionState,
      changes: readonly Change[],
      upTo: (n: number) => Progress,
    ): Promise<ProjectionState> {
      let state = from;
      for (let done = 0; done < changes.length;) {
        const some = changes.slice(done, done + atOnce);
        const to = upTo(done + some.length);
        const aside = state.set_aside ?? [];
        const all = combined(some, aside);
        try {
          state = await store(state, { ...to, set_aside: without(aside, some) }, all);
          atOnce *= 2;
        } catch (error) {
          atOnce = Math.max(1, some.length >> 1);
          if (isPassing(error) || all.length === 0) throw error;
          if (some.length > 1) continue;
          state = await setAside(state, to, all[0]!, error);
        }
        done += some.length;
      }
      return state;
    },

    /** Tries each document that was set aside once more, now and then. */
    async tryAgain(from: ProjectionState, what: Progress): Promise<ProjectionState> {
      const aside = from.set_aside ?? [];
      if (aside.length === 0 || performance.now() < retryAt) return from;
      retryAt = performance.now() + retryMs;
      retryMs = Math.min(2 * retryMs, longestRetryMs);
      let state = from;
      for (const change of aside.map(changeOf))
        try {
          const set_aside = without(state.set_aside ?? [], [change]);
          state = await store(state, { ...what, set_aside }, [change]);
        } catch (error) {
          if (isPassing(error)) throw error;
        }
      return state;
    },
  };
}
