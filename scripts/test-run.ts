import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunResult } from '../tests/support/result.js';
import { sweepServers } from '../tests/support/servers.js';

export interface TestRun {
  /** Of mocha; 1 when it was ended because its time was up. */
  readonly code: number;
  readonly minutes: number;
  /** Missing when the run did not come to its end. */
  readonly result: RunResult | undefined;
}

export interface TestRunOptions {
  readonly args: readonly string[];
  /** After which the run is ended, whatever it waits for. */
  readonly minutes: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** How long a run may take to say what it was waiting for and to stop its servers. */
const graceMs = 60_000;
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const endsWithParent = new URL('ends-with-parent.mjs', import.meta.url).href;

/** Runs mocha once, on servers of its own, and removes what it could not. */
export async function runTests({ args, minutes, env, signal }: TestRunOptions): Promise<TestRun> {
  const folder = await mkdtemp(join(tmpdir(), 'test-result-'));
  const file = join(folder, 'result.json');
  const begun = performance.now();
  // A run within a run is none of its workers.
  const { MOCHA_WORKER_ID: _, ...mine } = process.env;
  const child = spawn(process.execPath, ['--import', endsWithParent, mocha, ...args], {
    // A group of its own, so that all of it can be ended.
    detached: process.platform !== 'win32',
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...mine,
      ...env,
      TEST_RESULT: file,
      TEST_DEADLINE: String(Date.now() + minutes * 60_000),
    },
  });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const ended = new AbortController();
  const tooLate = sleep(minutes * 60_000 + graceMs, undefined, { signal: ended.signal }).then(
    () => {
      process.stderr.write(`The run did not end by itself after ${minutes} minutes and is killed.\n`);
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // It has ended at this moment.
      }
    },
    () => undefined,
  );
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    const text = await readFile(file, 'utf8').catch(() => undefined);
    return {
      code: code ?? 1,
      minutes: (performance.now() - begun) / 60_000,
      result: text === undefined ? undefined : (JSON.parse(text) as RunResult),
    };
  } finally {
    ended.abort();
    await tooLate;
    signal.removeEventListener('abort', stop);
    await sweepServers();
    await rm(folder, { recursive: true, force: true });
  }
}
