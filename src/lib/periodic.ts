import { loggable, type Logger } from './logger.js';

export interface Periodic {
  start(): void;
  /** Begins no further run, and waits for the one under way. */
  stop(): Promise<void>;
}

/** Runs `work` every so often, one run at a time; a run that fails is logged, and the next one comes as if it had not. */
export function periodic(name: string, everyMs: number, work: () => Promise<void>, logger: Logger): Periodic {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn({ error: loggable(error), name }, 'a background task failed and will run again');
    }
  };
  return {
    start() {
      if (everyMs === 0) return;
      timer = setInterval(() => {
        running ??= run().finally(() => (running = undefined));
      }, everyMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** `task`, and at a stop what it has begun too. */
export const withRest = (task: Periodic, stopRest: () => unknown): Periodic => ({
  start: () => task.start(),
  async stop() {
    await Promise.all([stopRest(), task.stop()]);
  },
});
