import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { apiSettings } from '../../scripts/api-process.js';
import { exitCodes, say } from '../../scripts/command.js';
import { nodeWords } from '../../scripts/compile.mjs';
import { lastOperation } from '../../src/databases/mongo/write-times.js';
import type { System } from '../../src/system.js';
import { builtWithinMs } from '../mirrors.js';
import { percentile } from '../load/load.js';
import { newerFigures } from './newer.js';
import { verify, type Verified } from './observed.js';
import { openReader, untilMirrored, type Reader } from './reader.js';
import type { Sized } from './systems.js';

/** What an import into a system at work does to those who ask for reports. Times are those in the server. */
export interface Importing {
  readonly appointments: number;
  readonly import_s: number;
  /** From the end of the import until the mirror of the API held all of it. */
  readonly in_step_ms: number;
  /** Each question computed anew, before the import. */
  readonly quiet_p97_5: number;
  /** In the first seconds of the import, by the same reader. */
  readonly meanwhile_p97_5: number;
  readonly meanwhile_most: number;
  readonly asked: number;
  /** In its further seconds: what the mirror of this process says against the definition, of one moment. */
  readonly verified: Verified;
}

interface Options {
  /** Files of Synthea. */
  readonly folder: string;
  /** For how long the reader asks, quiet and meanwhile. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** While bills come all the time, of them there is no moment to be read again. */
const ofPostgres = new Set(['revenue', 'average-prescription-cost']);

const script = fileURLToPath(new URL('../../scripts/import-records.ts', import.meta.url));

function startImport({ system }: Sized, { folder, signal }: Options) {
  const { PATH, HOME } = process.env;
  const child = spawn(
    process.execPath,
    [...nodeWords(script), '--source', 'synthea', '--json', resolve(folder)],
    {
      // Where its errors file goes; the files of Synthea are named from where we are.
      cwd: system.dataDir,
      env: { PATH, HOME, ...apiSettings(system) },
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    },
  );
  const started = performance.now();
  let seconds: number | undefined;
  const said = text(child.stderr);
  const ended = once(child, 'exit').then(async ([code]) => {
    seconds = (performance.now() - started) / 1000;
    if (code !== exitCodes.ok && code !== exitCodes.foundProblem)
      throw new Error(`the import has ended with ${code as number}: ${(await said).slice(-1000)}`);
    return { endedAt: performance.now(), seconds };
  });
  // Who waits for it may come later.
  ended.catch(() => undefined);
  return { ended, isUnderWay: (): boolean => seconds === undefined };
}

/** Asks the questions in turns. `before` each round of them. */
async function askFor(
  { questions }: Sized,
  reader: Reader,
  { seconds, signal }: Options,
  how: { before?(): Promise<void>; goesOn?(): boolean },
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await how.before?.();
    for (const { path, name } of questions) {
      signal.throwIfAborted();
      if (performance.now() > end || how.goesOn?.() === false) return times;
      const { status, server_ms } = await reader.ask(path);
      if (status !== '200') throw new Error(`${name}, while records are imported: ${status}`);
      times.push(server_ms);
    }
  }
  return times;
}

const nothing: Verified = { questions: 0, rows: 0, differences: [] };
const together = (a: Verified, b: Verified): Verified => ({
  questions: a.questions + b.questions,
  rows: a.rows + b.rows,
  differences: [...a.differences, ...b.differences],
});

/** The mirror of the observer is started. */
export async function measureImport(sized: Sized, observer: System, options: Options): Promise<Importing> {
  const { signal } = options;
  const { connection } = sized.system.around.stores;
  const reader = openReader(sized);
  try {
    say(`${sized.appointments} appointments: importing Synthea's into them, while somebody asks`);
    const before = await newerFigures(sized);
    const quiet = await askFor(sized, reader, options, { before });
    const reports = observer.parts.reports.reports.map(({ id }) => id).filter((id) => !ofPostgres.has(id));
    const { ended, isUnderWay } = startImport(sized, options);
    const meanwhile = await askFor(sized, reader, options, { goesOn: isUnderWay });
    // At once after its end, whatever is compared just then.
    const inStep = ended.then(async ({ endedAt, seconds }) => {
      await untilMirrored(sized, { withinMs: builtWithinMs, after: await lastOperation(connection), signal });
      return { import_s: seconds, in_step_ms: performance.now() - endedAt };
    });
    inStep.catch(() => undefined);
    let verified = nothing;
    for (let seed = 1; isUnderWay(); seed += 1)
      verified = together(verified, await verify(observer, { sample: 1, seed, reports, signal }));
    return {
      appointments: sized.appointments,
      ...(await inStep),
      quiet_p97_5: percentile(quiet, 97.5),
      meanwhile_p97_5: percentile(meanwhile, 97.5),
      meanwhile_most: Math.max(...meanwhile),
      asked: meanwhile.length,
      verified,
    };
  } finally {
    reader.close();
  }
}
