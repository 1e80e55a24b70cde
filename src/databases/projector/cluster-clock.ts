import type { Connection } from 'mongoose';
import type { WriteTime } from '../../lib/write-time.js';
import { clusterTime } from '../mongo/write-times.js';

const lookMs = 10_000;

/**
 * About what the cluster's clock shows, which no clock of a process needs to agree with: it is asked now and then, and what has
 * passed since is measured with a stopwatch.
 */
export function createClusterClock(connection: Connection): () => Promise<WriteTime> {
  let seen: { readonly time: WriteTime; readonly at: number } | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    const at = performance.now();
    seen = { time: await clusterTime(connection), at };
  }

  /** Nobody waits for it: a clock that cannot be asked goes on as it went. */
  function lookAgain(): void {
    isLooking = true;
    look()
      .catch(() => undefined)
      .finally(() => (isLooking = false));
  }

  return async () => {
    if (!seen) await look();
    else if (!isLooking && performance.now() - seen.at > lookMs) lookAgain();
    const { time, at } = seen!;
    return time + (BigInt(Math.floor((performance.now() - at) / 1000)) << 32n);
  };
}
