/**
 * Runs the tests, each run on a replica set and a Postgres of its own: the whole suite, three files at a time, or the files
 * that are named, one after the other. What is not listed here goes to mocha (`--grep`, `--bail`, …: npx mocha --help).
 *
 * Usage: npm test [-- --repeat N --minutes N --members N --long --record] [mocha arguments…] [files…]
 *        npm test -- tests/money/payments/refunds.int.test.ts --grep BILL-5
 *        npm test -- --repeat 10
 *
 *   --repeat N     that many runs, then a table of them; a run that fails does not end it
 *   --minutes N    a run that takes longer ends and says what it was waiting for (60; with --long 300)
 *   --members N    of the replica set (1; with --long 3)
 *   --long         the heavy drills and histories whole: also npm run test:long
 *   --record       writes down which files are slow, in tests/support/slow-files.json: they are begun first
 *   --help         this
 *
 * Exit codes: 0 all passed; 1 a test failed, none ran, or the time was up; 2 usage; 130 stopped.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from '../src/lib/table.js';
import { stopSignal } from '../src/stop-signal.js';
import { allTestFiles, recordSlowFiles } from './test-files.js';
import { runTests, type TestRun } from './test-run.js';

interface Options {
  repeat: number;
  minutes: number | undefined;
  members: number | undefined;
  long: boolean;
  record: boolean;
  help: boolean;
  readonly rest: string[];
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** The comment at the top of this file. */
const usage = (): string =>
  /\/\*\*\n([^]*?)\n \*\//
    .exec(readFileSync(fileURLToPath(import.meta.url), 'utf8'))![1]!
    .replaceAll(/^ \* ?/gm, '');

function wholeNumber(name: string, text: string | undefined, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text ?? '') && value >= 1 && value <= most) return value;
  throw new Error(`${name} must be a whole number from 1 to ${most}.`);
}

function readOptions(args: readonly string[]): Options {
  const options: Options = {
    ...{ repeat: 1, minutes: undefined, members: undefined, record: false, help: false, rest: [] },
    long: process.env['TEST_LONG'] === '1',
  };
  const left = args.flatMap((arg) => /^(--(?:repeat|minutes|members))=(.*)$/s.exec(arg)?.slice(1) ?? [arg]);
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    if (arg === '--repeat') options.repeat = wholeNumber(arg, left.shift(), 1_000);
    else if (arg === '--minutes') options.minutes = wholeNumber(arg, left.shift(), 10_000);
    else if (arg === '--members') options.members = wholeNumber(arg, left.shift(), 7);
    else if (arg === '--long') options.long = true;
    else if (arg === '--record') options.record = true;
    else if (arg === '--help' || arg === '-h') options.help = true;
    else options.rest.push(arg);
  }
  return options;
}

const isGreen = ({ code, result }: TestRun): boolean => code === 0 && (result?.passed ?? 0) > 0;

const line = ({ result, minutes }: TestRun, index: number) => [
  index + 1,
  result?.passed ?? 'not ended',
  result?.failed,
  Number(minutes.toFixed(1)),
];

/** For .ci/run: the counts of all runs; one that did not come to its end has failed. */
function writeSummary(runs: readonly TestRun[]): void {
  const file = process.env['TEST_SUMMARY'];
  if (!file) return;
  const sum = (of: (run: TestRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const passed = sum(({ result }) => result?.passed ?? 0);
  const failed = sum((run) => (isGreen(run) ? 0 : Math.max(run.result?.failed ?? 0, 1)));
  writeFileSync(file, JSON.stringify({ passed, failed }));
}

async function main({ repeat, minutes, members, long, record, rest }: Options): Promise<number> {
  // Of one process only, `.only` works and the output comes at once.
  const isNamed = rest.some((arg) => arg.endsWith('.ts'));
  const args = isNamed ? rest : [...rest, '--parallel', '--jobs=3', ...allTestFiles()];
  const signal = stopSignal();
  const runs: TestRun[] = [];
  while (runs.length < repeat && !signal.aborted) {
    if (repeat > 1) say(`Run ${runs.length + 1} of ${repeat}`);
    const env: Record<string, string> = {
      ...(long && { TEST_LONG: '1' }),
      ...(members && { TEST_MEMBERS: String(members) }),
    };
    runs.push(await runTests({ args, minutes: minutes ?? (long ? 300 : 60), env, signal }));
  }
  const files = runs.at(-1)?.result?.files;
  if (record && files) recordSlowFiles(files);
  if (repeat > 1) process.stdout.write(`${table(['run', 'passed', 'failed', 'minutes'], runs.map(line))}\n`);
  writeSummary(runs);
  if (signal.aborted) return 130;
  if (runs.some(({ code, result }) => code === 0 && !result?.passed)) say('No test has run.');
  return runs.every(isGreen) ? 0 : 1;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(`${usage()}\n`);
  else process.exitCode = await main(options);
} catch (error) {
  say((error as Error).message);
  process.exitCode = 2;
}
