/** Work under way that anyone who asks the same waits for, instead of having it done again. */
interface Flights<T> {
  /**
   * What `work` answers, or the same work that somebody else began at `since` (`performance.now()`) or later. Throws the
   * signal's reason as soon as it is given; the work's own signal is given when nobody waits for it any more.
   */
  join(
    key: string,
    options: { readonly signal?: AbortSignal | undefined; readonly since?: number | undefined },
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly began: number;
  readonly controller: AbortController;
  waiting: number;
  over: boolean;
}

/** What `work` answers; throws the signal's reason as soon as it is given. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  signal.throwIfAborted();
  let stop!: () => void;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function begin(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = {
      result: work(controller.signal).finally(() => {
        flight.over = true;
        if (flights.get(key) === flight) flights.delete(key);
      }),
      began: performance.now(),
      controller,
      waiting: 0,
      over: false,
    };
    // When all have gone, nobody hears of its end.
    flight.result.catch(() => undefined);
    flights.set(key, flight);
    return flight;
  }

  return {
    async join(key, { signal, since = -Infinity }, work) {
      signal?.throwIfAborted();
      const known = flights.get(key);
      const joins = known && known.began >= since && !known.controller.signal.aborted;
      const flight = joins ? known : begin(key, work);
      flight.waiting += 1;
      try {
        return await unlessAborted(flight.result, signal);
      } finally {
        flight.waiting -= 1;
        if (flight.waiting === 0 && !flight.over) flight.controller.abort(signal?.reason);
      }
    },
  };
}
