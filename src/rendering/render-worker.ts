import { constants, platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { Problem } from '../lib/errors.js';
import type { Refused, RenderAnswer, RenderTask } from './worker-pool.js';
import { renderers } from './renderers.js';

/* The inside of a worker: one task after another. */

// Whoever waits for an answer goes first. On Linux this is of the thread; elsewhere it would be of the whole process.
if (platform() === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const refusalOf = (error: unknown): Refused =>
  error instanceof Problem
    ? { problem: { code: error.code, detail: error.detail, options: error.options } }
    : { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };

async function answer({ name, args }: RenderTask): Promise<RenderAnswer> {
  try {
    const render = renderers[name] as (...given: readonly unknown[]) => Promise<Uint8Array>;
    return { content: await render(...args) };
  } catch (error) {
    return refusalOf(error);
  }
}

parentPort!.on('message', (task: RenderTask) => {
  void answer(task).then((given) => parentPort!.postMessage(given));
});
