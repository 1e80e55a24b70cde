/**
 * SIGINT or SIGTERM as an AbortSignal, for a long command: it ends its batch, closes what it opened, and fails with this
 * line.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void =>
    controller.abort(new Error('Stopped. What is stored stays; the same command goes on from there.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return controller.signal;
}
