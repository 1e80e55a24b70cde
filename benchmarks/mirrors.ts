import type { Mirror } from '../src/databases/mirror/mirror.js';
import { poll } from '../src/databases/embedded/processes.js';

export const builtWithinMs = 600_000;

/** Seconds until it answers. */
export async function startMirror(mirror: Mirror): Promise<number> {
  const started = performance.now();
  mirror.start();
  const isInStep = async (): Promise<boolean> =>
    (await mirror.standing(['mongodb', 'postgres'], undefined, 1_000)) !== null;
  if (!(await poll(isInStep, builtWithinMs))) throw new Error('the mirror is not in step');
  return (performance.now() - started) / 1000;
}
