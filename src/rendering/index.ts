import type { Asker, Beside } from '../lib/beside.js';
import { Problem } from '../lib/errors.js';
import { createFairQueue } from './fair-queue.js';
import type { RendererName, Renderers } from './renderers.js';
import { createWorkerPool } from './worker-pool.js';

export interface RenderingLimits {
  /** Files that are made at once, each in a thread of its own; 0: in the event loop, one after another. */
  readonly workers: number;
  /** Files that wait. */
  readonly places: number;
  /** For a file to be made, its waiting included. */
  readonly seconds: number;
}

export type Rendering = { readonly [Name in RendererName]: Beside<Renderers[Name]> };

const names = Object.keys({
  paperPdf: true,
  reportPdf: true,
  reportXlsx: true,
  chartPng: true,
} satisfies Record<RendererName, true>) as RendererName[];

/** Makes files in worker threads behind a bounded queue, so that nobody waits for the paper of somebody else. */
export function createRendering({ workers, places, seconds }: RenderingLimits) {
  const queue = createFairQueue({ atOnce: Math.max(1, workers), places });
  const pool = createWorkerPool();
  const stopping = new AbortController();

  async function here(name: RendererName, args: readonly unknown[]): Promise<Buffer> {
    const { renderers } = await import('./renderers.js');
    const render = renderers[name] as (...given: readonly unknown[]) => Promise<Uint8Array>;
    return Buffer.from(await render(...args));
  }

  async function render(name: RendererName, asker: Asker, args: readonly unknown[]): Promise<Buffer> {
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new Problem('timed_out', `The file was not made in ${seconds} s.`, { retryAfter: 5 })),
      seconds * 1_000,
    );
    const limits = [late.signal, stopping.signal];
    // Who has gone leaves the queue; what is being made for them is made to its end, which is near.
    const signal = AbortSignal.any(asker.signal ? [...limits, asker.signal] : limits);
    try {
      return await queue.take(asker.user, signal, () =>
        workers === 0 ? here(name, args) : pool.run({ name, args }, AbortSignal.any(limits)),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  const rendering = Object.fromEntries(
    names.map((name) => [name, (asker: Asker, ...args: unknown[]) => render(name, asker, args)]),
  ) as unknown as Rendering;

  return {
    rendering,
    waiting: queue.waiting,
    threads: pool.size,
    async stop(): Promise<void> {
      queue.close();
      stopping.abort(new Problem('unavailable'));
      await pool.stop();
    },
  };
}
