import type { Clock } from '../../../lib/clock.js';
import type { Logger } from '../../../lib/logger.js';
import { periodic, type Periodic } from '../../../lib/periodic.js';
import type { LastReconcile, ReconcileReport } from './reconciliation.types.js';

interface ScheduleDeps {
  run(options: { apply: true; signal: AbortSignal }): Promise<ReconcileReport | null>;
  last(): Promise<LastReconcile>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whether it is time: all processes come to it, and one that comes soon after another has nothing to do. */
export const isDue = ({ at }: Pick<LastReconcile, 'at'>, now: Date, everyMs: number): boolean =>
  at === null || now.getTime() - at.getTime() >= everyMs * 0.9;

/** Compares and repairs in the background, and warns of what differed; 0 is never. A stop ends the run that is under way. */
export function scheduled({ run, last, clock, logger }: ScheduleDeps, everyMs: number): Periodic {
  let stopping = new AbortController();

  async function runOnce(signal: AbortSignal): Promise<void> {
    if (!isDue(await last(), clock.now(), everyMs)) return;
    const report = await run({ apply: true, signal });
    if (!report || report.found === 0) return;
    const counts = report.kinds
      .filter(({ found }) => found > 0)
      .map(({ kind, found, repaired, left }) => [kind, { found, repaired, left }] as const);
    logger.warn({ drift: Object.fromEntries(counts) }, 'the two stores differed');
  }

  const work = async (): Promise<void> => {
    const { signal } = stopping;
    await runOnce(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  };
  const task = periodic('reconcile', everyMs, work, logger);
  return {
    start() {
      stopping = new AbortController();
      task.start();
    },
    async stop() {
      stopping.abort();
      await task.stop();
    },
  };
}
