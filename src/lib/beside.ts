/** Whose turn a rendering takes, and the end of anybody's interest in it. */
export interface Asker {
  readonly user: string;
  readonly signal?: AbortSignal | undefined;
}

/** A function that makes a file, run beside the event loop. Throws what it throws, `busy` and `timed_out`. */
export type Beside<F extends (...args: never[]) => Promise<Uint8Array>> = (
  asker: Asker,
  ...args: Parameters<F>
) => Promise<Buffer>;
