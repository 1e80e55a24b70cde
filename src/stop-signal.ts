import { once } from 'node:events';

/**
 * SIGINT or SIGTERM as an AbortSignal, so that what was opened is closed; its reason is one line that ends with `hint`. A
 * second one ends the process at once.
 */
export function stopSignal(hint = ''): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      controller.abort(new Error(`Stopped by ${name}. ${hint}`.trim()));
      process.once(name, () => process.exit(130));
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
