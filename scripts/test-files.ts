import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Which test files are run, and in which order. Three at a time: one that takes a minute and comes last is waited for by the
 * others, so the slow ones come first, by what they took when it was last written down (`npm test -- --record`).
 */

const slowFiles = 'tests/support/slow-files.json';
const slowSeconds = 5;

type Seconds = Readonly<Record<string, number>>;

/** Every `*.test.ts`, the slowest first, then by name. */
export function allTestFiles(folder = 'tests'): string[] {
  const slow = JSON.parse(readFileSync(slowFiles, 'utf8')) as Seconds;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .sort((a, b) => (slow[b] ?? 0) - (slow[a] ?? 0) || (a < b ? -1 : 1));
}

/** Writes down which files are slow. */
export function recordSlowFiles(files: Seconds): void {
  const slow = Object.entries(files)
    .filter(([, seconds]) => seconds >= slowSeconds)
    .sort(([, a], [, b]) => b - a)
    .map(([file, seconds]) => [file, Math.round(seconds)]);
  writeFileSync(slowFiles, `${JSON.stringify(Object.fromEntries(slow), undefined, 2)}\n`);
}
