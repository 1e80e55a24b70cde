import { once } from 'node:events';

/** From a stop to the end of the process: what is in flight is answered (`stopGraceMs`), then all is closed. */
export const closeMs = 60_000;

const againMs = 1_000;

/**
 * Ends the process if it is still there in `ms`, whatever it waits for; what it leaves running, its keeper stops. It does
 * not keep a process that has nothing more to do.
 */
export function endWithin(ms: number): NodeJS.Timeout {
  return setTimeout(() => {
    process.stderr.write(
      `Not closed within ${ms / 1000} s: ended as it is. What was acknowledged is stored.\n`,
    );
    process.exit(process.exitCode || 1);
  }, ms).unref();
}

/**
 * SIGINT, SIGTERM or SIGHUP as an AbortSignal, so that what was opened is closed, in `closeMs` at most; its reason is one
 * line that ends with `hint`. A second Ctrl-C ends the process at once. Any other signal may come several times for one
 * stop: a service manager signals every process of a service, and those pass it on.
 */
export function stopSignal(hint = ''): AbortSignal {
  const controller = new AbortController();
  let first = Infinity;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        if (name === 'SIGINT' && performance.now() - first > againMs) process.exit(130);
        return;
      }
      first = performance.now();
      endWithin(closeMs);
      controller.abort(new Error(`Stopped by ${name}. ${hint}`.trim()));
    });
  }
  return controller.signal;
}

/** Waits until the signal is given. */
export async function stopAsked(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** What `work` answers; throws the signal's reason as soon as it is given, for work that does not look at it. */
export function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = stopAsked(signal).then((): never => {
    throw signal.reason as Error;
  });
  return Promise.race([work, stopped]);
}
