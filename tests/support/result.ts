import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Runnable, Runner } from 'mocha';

/** What came of a run; scripts/test.ts reads it. */
export interface RunResult {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
  /** Seconds of each file's tests and hooks. */
  readonly files: Readonly<Record<string, number>>;
}

/** Keeps the times of a run from its beginning on; what is returned writes its result to the file TEST_RESULT, if any. */
export function watchResult(runner: Runner): () => void {
  const times = new Map<string, number>();
  const add = ({ file, duration }: Runnable): void => {
    if (file) times.set(file, (times.get(file) ?? 0) + (duration ?? 0) / 1000);
  };
  runner.on('test end', add);
  runner.on('hook end', add);
  return () => {
    const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
    const files = Object.fromEntries([...times].map(([file, seconds]) => [relative('.', file), seconds]));
    const result: RunResult = { passed: passes, failed: failures, pending, files };
    const place = process.env['TEST_RESULT'];
    if (place) writeFileSync(place, JSON.stringify(result));
  };
}
