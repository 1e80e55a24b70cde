import { unlessAborted } from '../../../lib/flights.js';
import { Problem } from '../../../lib/errors.js';

/** Takes turns, so that however many ask, the stores have a bounded number of heavy queries at a time. */
export interface Turns {
  /**
   * Runs `work` when it is its turn. Throws `busy` when the line is full, or holds as many of this user's as it may, and the
   * signal's reason as soon as it is given.
   */
  take<T>(signal: AbortSignal | undefined, work: () => Promise<T>, user?: string): Promise<T>;
}

/** Seconds: about what a heavy report takes. */
const retryAfter = 5;

interface Waiting {
  readonly user: string | undefined;
  readonly call: () => void;
}

/** `isShared`: no user has more than half of the turns, rounded up, nor of the places in the queue. */
export function createTurns({
  atOnce,
  inLine,
  isShared = false,
}: {
  readonly atOnce: number;
  readonly inLine: number;
  readonly isShared?: boolean;
}): Turns {
  /** Whose they are. */
  const running: (string | undefined)[] = [];
  const line: Waiting[] = [];

  const hasShare = (all: readonly (string | undefined)[], of: number, user: string | undefined): boolean =>
    all.length < of &&
    (!isShared || user === undefined || all.filter((one) => one === user).length < Math.ceil(of / 2));

  async function wait(user: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const waiting = line.map((one) => one.user);
    if (!hasShare(waiting, inLine, user))
      throw new Problem('busy', `${running.length} reports are being computed and ${line.length} wait.`, {
        retryAfter,
      });
    let call!: () => void;
    const turn = new Promise<void>((resolve) => (call = resolve));
    const place = { user, call };
    line.push(place);
    try {
      await unlessAborted(turn, signal);
    } catch (error) {
      const at = line.indexOf(place);
      if (at === -1) end(user);
      else line.splice(at, 1);
      throw error;
    }
  }

  /** The one who is called has the turn already. */
  function end(user: string | undefined): void {
    running.splice(running.indexOf(user), 1);
    const at = line.findIndex((one) => hasShare(running, atOnce, one.user));
    const [next] = at === -1 ? [] : line.splice(at, 1);
    if (!next) return;
    running.push(next.user);
    next.call();
  }

  return {
    async take(signal, work, user) {
      signal?.throwIfAborted();
      if (hasShare(running, atOnce, user)) running.push(user);
      else await wait(user, signal);
      try {
        return await work();
      } finally {
        end(user);
      }
    },
  };
}
