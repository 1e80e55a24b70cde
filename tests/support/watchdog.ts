import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Context, Runnable } from 'mocha';
import { waitedFor } from './waited-for.js';
import { pendingInStores } from './pending.js';

/*
 * Says what a hung test was waiting for. A test or hook that passes its time fails with a list of what its process has
 * open, and what its databases are doing is printed; a run that passes its own time ends.
 */

/** Of mocha's Runnable, private in its types. */
interface Timed extends Pick<Runnable, 'fullTitle'> {
  _timeoutError(ms: number): Error;
}

const usualMinutes = 60;
let isWatching = false;
const isWorker = process.env['MOCHA_WORKER_ID'] !== undefined;

const say = (text: string): void => void process.stderr.write(text);
const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}\n`).join('');

async function tellStores(title: string): Promise<void> {
  const lines = await pendingInStores().catch((error: Error) => [`not to be had: ${error.message}`]);
  say(`\nWhen "${title}" had passed its time, its databases were doing this:\n${indented(lines)}`);
}

/** Mocha makes the error of a test or hook that has passed its time by this method, whichever kind it is. */
function watchTimes(prototype: Timed): void {
  const original = prototype._timeoutError;
  prototype._timeoutError = function (ms) {
    const error = original.call(this, ms);
    const waiting = `It was waiting for:\n${indented(waitedFor())}`;
    error.message += `\n${waiting}`;
    // At once, too: the list of failures comes at the end of the run, if that comes.
    say(`\n"${this.fullTitle()}" has passed its time. ${waiting}`);
    void tellStores(this.fullTitle());
    return error;
  };
}

/** Where this process is, for the one who has to end it when it does not answer any more. */
function note(context: Context): void {
  const folder = process.env['TEST_RUN_FOLDER'];
  if (folder === undefined) return;
  const file = context.currentTest?.file ?? context.test?.parent?.suites[0]?.file ?? '';
  const place = { file: relative('.', file), title: context.currentTest?.fullTitle() ?? '', at: Date.now() };
  writeFileSync(join(folder, `at-${process.pid}`), JSON.stringify(place));
}

/** Called by a hook before each file and each test. */
export function watch(context: Context): void {
  if (!isWatching) {
    isWatching = true;
    // Two steps up from a hook of any kind: Hook, Runnable.
    watchTimes(Object.getPrototypeOf(Object.getPrototypeOf(context.test)) as Timed);
    if (isWorker) endAtDeadline(async () => tellStores('the run'));
  }
  note(context);
}

/** What each process of the run did last, one line each. */
export async function whereAreWe(folder: string): Promise<string> {
  const lines = readdirSync(folder)
    .filter((name) => name.startsWith('at-'))
    .map((name) => {
      const { file, title, at } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<
        string,
        string
      >;
      const seconds = Math.round((Date.now() - Number(at)) / 1000);
      return `process ${name.slice(3)}: ${file} › ${title || 'its hooks'}, ${seconds} s ago`;
    });
  return `The last that each process of the run began:\n${indented(lines)}`;
}

const graceMs = 15_000;

/**
 * Ends this process with 1 at the deadline of the run (TEST_DEADLINE, milliseconds since 1970), after saying what it was
 * waiting for and calling `last`. scripts/test-run.ts ends by force, a minute later, what does not get this far.
 */
export function endAtDeadline(last: () => Promise<void>): void {
  process.env['TEST_DEADLINE'] ??= String(Date.now() + usualMinutes * 60_000);
  const end = async (): Promise<void> => {
    setTimeout(() => process.exit(1), graceMs);
    say(`\nThe run has passed its time. Process ${process.pid} was waiting for:\n${indented(waitedFor())}`);
    await last().catch((error: Error) => say(`${error.message}\n`));
    // The workers speak first.
    setTimeout(() => process.exit(1), isWorker ? 0 : 2_000);
  };
  const look = setInterval(() => {
    if (Date.now() < Number(process.env['TEST_DEADLINE'])) return;
    clearInterval(look);
    void end();
  }, 1_000).unref();
}
