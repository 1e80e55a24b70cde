import { setImmediate as endOfTurn } from 'node:timers/promises';

/**
 * Writes one by one what is written many at a time: those that come while `mostRuns` are under way wait, and go together with the
 * next. Each returns when the run that has its item has.
 */
export function createInBatches<T>(
  write: (items: readonly T[]) => Promise<void>,
  mostItems: number,
  mostRuns: number,
): (item: T) => Promise<void> {
  let waiting: { item: T; done: () => void; failed: (error: unknown) => void }[] = [];
  let runs = 0;

  async function run(): Promise<void> {
    runs += 1;
    // All who come in this turn of the event loop go along.
    await endOfTurn();
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostItems);
      waiting = waiting.slice(mostItems);
      await write(batch.map(({ item }) => item)).then(
        () => batch.forEach(({ done }) => done()),
        (error: unknown) => batch.forEach(({ failed }) => failed(error)),
      );
    }
    runs -= 1;
  }

  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      if (runs < mostRuns) void run();
    });
}
