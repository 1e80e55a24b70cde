import { unlessAborted } from '../../lib/flights.js';
import { Problem } from '../../lib/errors.js';

/** Takes turns, so that however many ask, the stores have a bounded number of heavy queries at a time. */
export interface Turns {
  /** Runs `work` when it is its turn. Throws `busy` when the line is full, and the signal's reason as soon as it is given. */
  take<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
}

/** Seconds: about what a heavy report takes. */
const retryAfter = 5;

export function createTurns({ atOnce, inLine }: { atOnce: number; inLine: number }): Turns {
  let running = 0;
  const line: (() => void)[] = [];

  async function wait(signal: AbortSignal | undefined): Promise<void> {
    if (line.length >= inLine)
      throw new Problem('busy', `${atOnce} reports are being computed and ${line.length} wait.`, {
        retryAfter,
      });
    let called!: () => void;
    const turn = new Promise<void>((resolve) => (called = resolve));
    line.push(called);
    try {
      await unlessAborted(turn, signal);
    } catch (error) {
      const at = line.indexOf(called);
      if (at === -1) next();
      else line.splice(at, 1);
      throw error;
    }
  }

  /** Whoever is called takes over the place. */
  function next(): void {
    const called = line.shift();
    if (called) called();
    else running -= 1;
  }

  return {
    async take(signal, work) {
      signal?.throwIfAborted();
      if (running < atOnce) running += 1;
      else await wait(signal);
      try {
        return await work();
      } finally {
        next();
      }
    },
  };
}
