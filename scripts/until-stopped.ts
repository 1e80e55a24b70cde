import { say, type ExitCode } from './command.js';

/** SIGINT or SIGTERM as an AbortSignal: a long command ends its batch, closes what it opened, and says so. */
export interface Stopping {
  readonly signal: AbortSignal;
  /** Says that it was stopped; the exit code for that. */
  told(hint: string): ExitCode;
  forget(): void;
}

export function untilStopped(): Stopping {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('Stopped.'));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    told(hint) {
      say(`Stopped: ${hint}`);
      return 130 as ExitCode;
    },
    forget: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
