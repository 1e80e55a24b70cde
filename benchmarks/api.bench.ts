/**
 * What does our API cost? One patient, a list and a booking against a bare node:http server on the same data; and against its own
 * rate for one patient: reports for 32 readers, reports that have not changed (304), and what a storm of logins leaves of it.
 *
 * Usage: npm run bench:api                                      400,000 appointments, five rounds of 5 s for each figure
 *        npm run bench:api -- --appointments 20000 --rounds 3 --seconds 2
 *        npm run bench:api -- --only list,authentication
 *        npm run bench:api -- --json
 *        npm run bench:api -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * Servers, data and processes are gone at the end. Each figure is the median of the rounds, each ratio that of the rounds'
 * ratios; in a round everything is measured once. Authentication is measured in this process, without HTTP.
 *
 * Exit codes: 0 measured, whatever the goals; 4 a server answered something else than was asked for; 1 failed, 2 usage, 3 the
 * servers did not start or answer.
 */
import { Command } from 'commander';
import { runCommand, say, type ExitCode } from '../scripts/command.js';
import { loadConfig } from '../src/config.js';
import { authenticationUs } from './api/authentication.js';
import { loginResult, ownCells, registerStormers } from './api/cells.js';
import { goalsOf, topics, type Topic } from './api/goals.js';
import { bareName } from './contenders/bare.js';
import { agree, cellsOf, measureAll, resultTable, sayResult, type Result } from './contenders/measuring.js';
import { engineOf } from './contenders/ours.js';
import { questions, type Question } from './contenders/questions.js';
import {
  namesAmong,
  settingOptions,
  withSetting,
  type Setting,
  type SettingOptions,
} from './contenders/setting.js';
import { goalTable, type Goal } from './load/goals.js';
import type { Measured } from './load/load.js';
import { machineOf, factsText, type Machine } from './machine.js';
import { recordsOf } from './records.js';
import { checkServers } from './servers.js';

interface Options extends SettingOptions {
  readonly only?: readonly Topic[];
  readonly json?: true;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly seconds: number;
  /** What answered the reports: the definition itself, or what was computed before. */
  readonly engine: string;
  readonly results: readonly Result[];
  readonly authentication_us: readonly number[];
  readonly goals: readonly Goal[];
}

const allQuestions = Object.keys(questions) as Question[];
const remarks = [
  'Ours signs in anyone who asks, checks permission and input, and serialises by its schema. Bare does nothing of that, on the same collections.',
  'A booking of ours is a transaction that claims the slot and keeps the patient’s record and notifications in step, and it is ' +
    'counted for the rate limit. Bare inserts a document, into a collection with the same indexes; with the slot claimed, a second one ' +
    'that nobody else can insert, in one transaction of a majority.',
  'Authentication is the verification of the token and the look-up of its session, in the process of the benchmark and without HTTP.',
  'All the servers share the processors with the client and with the replica set.',
];

/** What is measured against the rate of one patient. */
const ofPatient: readonly Topic[] = ['readers', 'not-modified', 'storm'];

async function measureRequests(
  { ours, bare, claiming, people, system }: Setting,
  wanted: readonly Topic[],
  { rounds, seconds }: Options,
  signal: AbortSignal,
): Promise<Result[]> {
  const options = { rounds, seconds, mongodPid: system.mongodPid, signal };
  const isOwn = wanted.some((topic) => ofPatient.includes(topic));
  const asked = (['patient', 'list', 'book'] as const).filter(
    (question) => wanted.includes(question) || (question === 'patient' && isOwn),
  );
  const own = ownCells(ours, people.readers, options);
  const loggedIn: Measured[] = [];
  const cells = cellsOf([bare, ours], asked, options);
  if (asked.includes('book')) cells.push(...cellsOf([claiming], ['book'], options));
  if (wanted.includes('readers')) cells.push(own.readers);
  if (wanted.includes('not-modified')) cells.push(own['not-modified']);
  if (wanted.includes('storm')) cells.push(own.storm(await registerStormers(ours.url), loggedIn));
  if (cells.length === 0) return [];
  const results = await measureAll(cells, options);
  // The first of them was to warm up.
  return loggedIn.length > 0 ? [...results, loginResult(ours.name, loggedIn.slice(-rounds))] : results;
}

async function measureAuthentication({ system, people }: Setting, rounds: number): Promise<number[]> {
  say(`${rounds} rounds of authentication`);
  const measured: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    measured.push(await authenticationUs(system.parts, people.readers));
  return measured;
}

async function bench(setting: Setting, options: Options, signal: AbortSignal): Promise<Bench> {
  const { rounds, seconds, only = topics } = options;
  const { ours, bare, claiming } = setting;
  const { connection, knex } = setting.system.around.stores;
  const records = await recordsOf(connection, knex);
  await agree([bare, ours, claiming], allQuestions);
  const results = await measureRequests(setting, only, options, signal);
  const engine = await engineOf(ours);
  const isAsked = only.includes('authentication');
  const authentication_us = isAsked ? await measureAuthentication(setting, rounds) : [];
  const goals = goalsOf(results, authentication_us, {
    ...{ ours: ours.name, bare: bare.name, claiming: claiming.name },
  });
  const machine = await machineOf(connection, knex);
  return { machine, records, rounds, seconds, engine, results, authentication_us, goals };
}

function print({ machine, records, rounds, seconds, engine, results, goals }: Bench): void {
  const parts = [
    `${factsText(machine)}\n${factsText(records)}; medians of ${rounds} rounds of ${seconds} s; reports by engine ${engine}`,
    ...(results.length > 0 ? [resultTable(results, bareName)] : []),
    goalTable(goals),
    remarks.map((remark) => `- ${remark}`).join('\n'),
  ];
  process.stdout.write(`${parts.join('\n\n')}\n`);
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  // What this process is told, 12 by default, as the API would be: the logins of the storm cost that much.
  const settings = { BCRYPT_COST: String(loadConfig().bcryptCost) };
  const result = await withSetting(options, { settings }, signal, (setting) =>
    bench(setting, options, signal),
  );
  return sayResult(result, { json: options.json, remarks, print });
}

const command = settingOptions(new Command('npm run bench:api --'))
  .description('Measures our API against a bare server, and its reports and logins against its own reads.')
  .option('--only <names>', `some of ${topics.join(', ')}`, namesAmong(topics))
  .option('--json', 'JSON instead of tables');

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
