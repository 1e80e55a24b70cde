/**
 * Has a change made the API slower? This checkout and another one, as processes on the same servers and records, asked the same
 * in turns: one patient, a list, a booking and two reports.
 *
 * Usage: npm run bench:versions -- --against ../before           a checkout with its packages (npm ci)
 *        npm run bench:versions -- --against ../before --appointments 20000 --rounds 9 --seconds 2
 *        npm run bench:versions -- --against ../before --only list,patient
 *        npm run bench:versions -- --against ../before --json
 *
 * Each figure is the median of the rounds, each ratio that of the rounds' ratios: what slows a round down slows both. Servers,
 * data and processes are gone at the end.
 *
 * Exit codes: 0 nothing is under the goal of 0.95 times the rate; 4 something is, or answered something else; 1 failed, 2 usage,
 * 3 the servers did not start or answer.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { exitCodes, runCommand, say, type ExitCode } from '../scripts/command.js';
import {
  agree,
  cellName,
  cellsOf,
  measureAll,
  rateRatio,
  resultTable,
  sayResult,
  type Result,
} from './contenders/measuring.js';
import { startOurs } from './contenders/ours.js';
import { questions, type Question } from './contenders/questions.js';
import {
  namesAmong,
  settingOptions,
  withSetting,
  type Setting,
  type SettingOptions,
} from './contenders/setting.js';
import { goalTable, judge, type Goal } from './load/goals.js';
import { factsText, machineOf, type Machine } from './machine.js';
import { recordsOf } from './records.js';
import { checkServers } from './servers.js';

interface Options extends SettingOptions {
  readonly against: string;
  readonly only: readonly Question[];
  readonly json?: true;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly seconds: number;
  readonly results: readonly Result[];
  readonly goals: readonly Goal[];
}

const before = 'before';
const least = 0.95;
const allQuestions = Object.keys(questions) as Question[];

function goalsOf(results: readonly Result[], asked: readonly Question[], ours: string): Goal[] {
  return asked.flatMap((question) =>
    questions[question].connections.map((connections) => {
      const ratio = rateRatio(
        results,
        cellName(question, connections, ours),
        cellName(question, connections, before),
      );
      return judge({ what: `${questions[question].title}, ${connections} at once`, least, unit: '×' }, ratio);
    }),
  );
}

/** Half of the slots that the setting makes for each second: more than one of the two takes. */
const halfASecond = 700;

/** Both book on the same servers: the other one takes slots that ours does not come to. */
function laterBookings({ bookings }: Setting['sample'], skipped: number): ReturnType<typeof bookings> {
  const next = bookings();
  for (let n = 0; n < skipped; n += 1) next();
  return next;
}

async function bench(setting: Setting, options: Options, signal: AbortSignal): Promise<Bench> {
  const { rounds, seconds, against, only } = options;
  const { system, sample, people, ours } = setting;
  say('starting the other version');
  const apart = { ...sample, bookings: () => laterBookings(sample, rounds * seconds * halfASecond) };
  const other = await setting.start(startOurs(system, apart, people, {}, { name: before, root: against }));
  const { connection, knex } = system.around.stores;
  await agree([other, ours], only);
  const cells = cellsOf([other, ours], only, {
    ...{ rounds, seconds, signal },
    mongodPid: system.mongodPid,
  });
  const results = await measureAll(cells, { rounds, signal });
  const [records, machine] = [await recordsOf(connection, knex), await machineOf(connection, knex)];
  return { machine, records, rounds, seconds, results, goals: goalsOf(results, only, ours.name) };
}

function print({ machine, records, rounds, seconds, results, goals }: Bench): void {
  const parts = [
    `${factsText(machine)}\n${factsText(records)}; medians of ${rounds} rounds of ${seconds} s`,
    ...[resultTable(results, before), goalTable(goals)],
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const result = await withSetting(options, { figuresElsewhere: true }, signal, (setting) =>
    bench(setting, options, signal),
  );
  const code = sayResult(result, { json: options.json, remarks: [], print });
  return result.goals.some(({ reached }) => reached === false) ? exitCodes.foundProblem : code;
}

const command = settingOptions(new Command('npm run bench:versions --'))
  .description('Compares this checkout with another one, on the same servers and records.')
  .requiredOption('--against <dir>', 'a checkout of the other version, with its packages', (dir: string) =>
    resolve(dir),
  )
  .option('--only <names>', `some of ${allQuestions.join(', ')}`, namesAmong(allQuestions), allQuestions)
  .option('--json', 'JSON instead of tables');

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  if (!existsSync(join(options.against, 'src', 'main.ts')))
    command.error(`error: ${options.against} is no checkout of this project`, { exitCode: exitCodes.usage });
  return run(options, signal);
});
