/** Collects records and stores them in batches, some of them at the same time. */
interface Writer<R> {
  /** Waits when enough batches are under way. Throws what an earlier batch threw. */
  add(record: R): Promise<void>;
  /** Stores the rest and waits for all of it; throws when a batch failed. */
  end(): Promise<void>;
  /** Waits for what is under way and throws nothing: for the way out after an error. */
  settle(): Promise<void>;
}

/** `store` may be called again while an earlier call runs, `atOnce` times at most. Batches are of 1000. */
export function createWriter<R>(
  store: (batch: readonly R[]) => Promise<void>,
  { size = 1000, atOnce = 2 }: { size?: number; atOnce?: number } = {},
): Writer<R> {
  const running = new Set<Promise<void>>();
  let batch: R[] = [];
  let failure: { error: unknown } | undefined;

  async function send(): Promise<void> {
    const records = batch;
    batch = [];
    while (running.size >= atOnce) await Promise.race(running);
    if (failure) throw failure.error;
    const stored: Promise<void> = store(records)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => running.delete(stored));
    running.add(stored);
  }

  return {
    async add(record) {
      batch.push(record);
      if (batch.length >= size) await send();
    },
    async end() {
      if (batch.length > 0) await send();
      await Promise.all(running);
      if (failure) throw failure.error;
    },
    async settle() {
      await Promise.all(running);
    },
  };
}

/** Runs all of them to their end, even when one fails; then throws the first failure. Nothing is left running behind it. */
export async function together(...work: readonly Promise<unknown>[]): Promise<void> {
  const done = await Promise.allSettled(work);
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
