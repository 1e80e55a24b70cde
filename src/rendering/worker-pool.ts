import { Worker } from 'node:worker_threads';
import { Problem, type ProblemCode } from '../lib/errors.js';
import type { RendererName } from './renderers.js';

export interface RenderTask {
  readonly name: RendererName;
  readonly args: readonly unknown[];
}

export type Refused =
  | {
      readonly problem: {
        readonly code: ProblemCode;
        readonly detail: string | undefined;
        readonly options: Problem['options'];
      };
    }
  | { readonly error: string };

export type RenderAnswer = { readonly content: Uint8Array } | Refused;

/** Memory that a library keeps goes with its worker. */
const tasksOfWorker = 200;
const idleMs = 30_000;
const resourceLimits = { maxOldGenerationSizeMb: 1_024 };

/** TypeScript is loaded in a worker by its own registration: it does not inherit that of the main thread on every Node. */
const bootstrap = `
  const { workerData: { tsx, entry } } = require('node:worker_threads');
  (tsx ? import(tsx).then(({ register }) => register()) : Promise.resolve()).then(() => import(entry));
`;

function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(`./render-worker.${isSource ? 'ts' : 'js'}`, import.meta.url).href;
  const tsx = isSource ? import.meta.resolve('tsx/esm/api') : null;
  return new Worker(bootstrap, { eval: true, execArgv: [], workerData: { tsx, entry }, resourceLimits });
}

function contentOf(answer: RenderAnswer): Buffer {
  if ('content' in answer) {
    const { buffer, byteOffset, byteLength } = answer.content;
    return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  }
  if ('problem' in answer) {
    const { code, detail, options } = answer.problem;
    throw new Problem(code, detail, options);
  }
  throw new Error(`a renderer failed: ${answer.error}`);
}

/** Throws when the worker ends, and the reason of `signal`. */
async function answerOf(worker: Worker, task: RenderTask, signal: AbortSignal): Promise<RenderAnswer> {
  let clean!: () => void;
  const answered = new Promise<RenderAnswer>((resolve, reject) => {
    const ended = (): void => reject(new Error('a worker ended before its task'));
    const stop = (): void => reject(signal.reason as Error);
    worker.on('message', resolve).on('error', reject).on('exit', ended);
    signal.addEventListener('abort', stop);
    clean = () => {
      worker.off('message', resolve).off('error', reject).off('exit', ended);
      signal.removeEventListener('abort', stop);
    };
    worker.postMessage(task);
  });
  return answered.finally(clean);
}

interface Hand {
  readonly worker: Worker;
  tasks: number;
  /** Ends it when it has had nothing to do for so long. */
  idle?: NodeJS.Timeout;
}

/** Worker threads that are started when there is work, and ended after many tasks, a failure, or some time of rest. */
export function createWorkerPool() {
  const free: Hand[] = [];
  const all = new Set<Hand>();

  function discard(hand: Hand): void {
    clearTimeout(hand.idle);
    all.delete(hand);
    const at = free.indexOf(hand);
    if (at !== -1) free.splice(at, 1);
    void hand.worker.terminate();
  }

  function hire(): Hand {
    const rested = free.pop();
    if (rested) {
      clearTimeout(rested.idle);
      rested.worker.ref();
      return rested;
    }
    const hand: Hand = { worker: startWorker(), tasks: 0 };
    // Between tasks nobody else listens.
    hand.worker.on('error', () => discard(hand));
    all.add(hand);
    return hand;
  }

  function rest(hand: Hand): void {
    if (hand.tasks >= tasksOfWorker) return discard(hand);
    hand.worker.unref();
    hand.idle = setTimeout(() => discard(hand), idleMs).unref();
    free.push(hand);
  }

  return {
    /** Throws what the renderer throws, and the reason of `signal` as soon as it is given: the worker ends with it. */
    async run(task: RenderTask, signal: AbortSignal): Promise<Buffer> {
      signal.throwIfAborted();
      const hand = hire();
      hand.tasks += 1;
      let answer: RenderAnswer;
      try {
        answer = await answerOf(hand.worker, task, signal);
      } catch (error) {
        discard(hand);
        throw error;
      }
      rest(hand);
      return contentOf(answer);
    },

    /** How many live. */
    size: (): number => all.size,

    async stop(): Promise<void> {
      const hands = [...all];
      for (const hand of hands) discard(hand);
      await Promise.all(hands.map(({ worker }) => worker.terminate()));
    },
  };
}

export type WorkerPool = ReturnType<typeof createWorkerPool>;
