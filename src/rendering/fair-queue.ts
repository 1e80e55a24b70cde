import { Problem } from '../lib/errors.js';

interface Place {
  readonly call: () => void;
  readonly refuse: (reason: Error) => void;
}

/** Seconds: a file takes about one. */
const retryAfter = 5;

/**
 * Bounded work in fair turns: those who wait are served user by user, not first come first served, and no user has more than half
 * of the places.
 */
export function createFairQueue({ atOnce, places }: { readonly atOnce: number; readonly places: number }) {
  /** In the order of their next turns. */
  const waiting = new Map<string, Place[]>();
  let running = 0;
  let closed = false;

  const count = (): number => [...waiting.values()].reduce((sum, { length }) => sum + length, 0);

  function next(): void {
    const [first] = waiting;
    if (!first || running >= atOnce) return;
    const [user, queue] = first;
    const place = queue.shift()!;
    waiting.delete(user);
    if (queue.length > 0) waiting.set(user, queue);
    running += 1;
    place.call();
  }

  async function wait(user: string, signal: AbortSignal): Promise<void> {
    const own = waiting.get(user) ?? [];
    if (count() >= places || own.length >= Math.ceil(places / 2))
      throw new Problem('busy', `${count()} files wait to be made.`, { retryAfter });
    await new Promise<void>((resolve, reject) => {
      const gone = (): void => {
        const at = own.indexOf(place);
        if (at === -1) return;
        own.splice(at, 1);
        if (own.length === 0) waiting.delete(user);
        reject(signal.reason as Error);
      };
      const done = (settle: () => void) => (): void => {
        signal.removeEventListener('abort', gone);
        settle();
      };
      const place: Place = {
        call: done(resolve),
        refuse: (reason) => done(() => reject(reason))(),
      };
      own.push(place);
      waiting.set(user, own);
      signal.addEventListener('abort', gone);
    });
  }

  return {
    /** Runs `work` in its turn. Throws `busy` when there is no place, and the reason of `signal` when it is given meanwhile. */
    async take<T>(user: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
      signal.throwIfAborted();
      if (closed) throw new Problem('unavailable');
      if (running < atOnce && waiting.size === 0) running += 1;
      else await wait(user, signal);
      try {
        return await work();
      } finally {
        running -= 1;
        next();
      }
    },

    waiting: count,

    /** Those who wait are refused, as is everybody who comes. */
    close(): void {
      closed = true;
      const places = [...waiting.values()].flat();
      waiting.clear();
      for (const { refuse } of places) refuse(new Problem('unavailable'));
    },
  };
}
