/**
 * How fast are others on the same data? Parse Server and Eve on copies of our records in our replica set, and a bare node:http
 * server as the limit, are asked the same as our API: one patient, a list, a booking, and two reports.
 *
 * Usage: npm run bench:peers                                    400,000 appointments, five rounds of 5 s for each figure
 *        npm run bench:peers -- --appointments 20000 --rounds 1 --seconds 1
 *        npm run bench:peers -- --only bare,list                bare alone beside ours, and the list alone
 *        npm run bench:peers -- --json
 *        npm run bench:peers -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * The peers are installed once, by npm and by pip, into a folder of the system's temporary one; --fresh does it again. Servers,
 * data and processes are gone at the end. Each figure is the median of the rounds, each ratio that of the rounds' ratios; in
 * a round everything is measured once, one server after the other.
 *
 * Exit codes: 0 measured, whatever the goals; 4 a server answered something else than was asked for; 1 failed (the servers
 * disagree, a peer could not be installed), 2 usage, 3 the servers did not start or answer.
 */
import { Command } from 'commander';
import { runCommand, say, type ExitCode } from '../scripts/command.js';
import { installTool } from '../scripts/installed-tools.js';
import { bareName } from './contenders/bare.js';
import type { Contender } from './contenders/contender.js';
import {
  agree,
  cellName,
  cellsOf,
  measureAll,
  resultTable,
  sayResult,
  type LoadCell,
  type MeasuringOptions,
  type Result,
} from './contenders/measuring.js';
import { engineOf, type Ours } from './contenders/ours.js';
import { questions, type Question } from './contenders/questions.js';
import {
  namesAmong,
  settingOptions,
  withSetting,
  type Setting,
  type SettingOptions,
} from './contenders/setting.js';
import { goalTable, type Goal } from './load/goals.js';
import { load } from './load/load.js';
import { machineOf, factsText, type Machine } from './machine.js';
import { startEve } from './peers/eve.js';
import { anewName, goalsOf, others, type Other } from './peers/goals.js';
import { peerTools } from './peers/install.js';
import { startParse } from './peers/parse.js';
import { recordsOf } from './records.js';
import { checkServers } from './servers.js';

interface Options extends SettingOptions {
  readonly only?: readonly (Other | Question)[];
  readonly fresh?: true;
  readonly json?: true;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly seconds: number;
  readonly engine: string;
  readonly results: readonly Result[];
  readonly goals: readonly Goal[];
}

const allQuestions = Object.keys(questions) as Question[];

/** Where the comparison is not one of like with like. */
const remarks = [
  'Ours signs in anyone who asks, checks permission and input, and serialises by its schema. The others check nothing, but for the ' +
    'access lists of Parse Server and the field rules of Eve.',
  'A booking of ours is a transaction that claims the slot and keeps the patient’s record and notifications in step, and it is ' +
    'counted for the rate limit. The others insert a document, into a collection with the same indexes.',
  'For reports the others run our pipelines each time they are asked; Parse Server needs its master key for it. Ours keeps what it ' +
    'has answered as long as nothing changes; anew: each question is of another period, some seconds less of it, so that nothing ' +
    'kept answers it.',
  'Eve runs two processes, which close the connection after each answer, and is spared counting all that a list matches. The ' +
    'others run one process. Nobody logs requests.',
  'Parse Server and Eve read copies of the records, in databases of their own; bare reads ours.',
  'All the servers share the processors with the client and with the replica set.',
];

/** Those that `--only` names, or all when it names none of them. */
function chosen<N extends string>(known: readonly N[], only: readonly string[] = []): readonly N[] {
  const named = known.filter((name) => only.includes(name));
  return named.length > 0 ? named : known;
}

/** Installed before anything is made: it may take minutes, and fail. */
async function installPeers(wanted: readonly Other[], fresh: boolean, signal: AbortSignal) {
  const folders = new Map<Other, string>();
  for (const peer of wanted)
    if (peer !== 'bare') folders.set(peer, await installTool(peerTools[peer], { fresh, log: say, signal }));
  return folders;
}

async function startPeers(
  { records, sample, start }: Setting,
  folders: ReadonlyMap<Other, string>,
  signal: AbortSignal,
): Promise<Map<Other, Contender>> {
  const peers = new Map<Other, Contender>();
  const starters = { parse: startParse, eve: startEve } as const;
  for (const peer of ['parse', 'eve'] as const) {
    const folder = folders.get(peer);
    if (folder === undefined) continue;
    say(`copying the records for ${peer}, and starting it`);
    peers.set(peer, await start(starters[peer](records, sample, { folder, signal })));
  }
  return peers;
}

/** Ours computes what nobody has asked yet; the others compute whatever they are asked. */
function anewCells(
  ours: Ours,
  asked: readonly Question[],
  { seconds, mongodPid, signal }: MeasuringOptions,
): LoadCell[] {
  const { name: server, url, pid, anew } = ours;
  const pids = { server: pid, mongod: mongodPid };
  return (['top-doctors', 'monthly'] as const)
    .filter((report) => asked.includes(report))
    .flatMap((report) =>
      questions[report].connections.map((connections) => ({
        ...{ name: cellName(anewName(report), connections, server), server, connections },
        title: `${questions[report].title}, anew`,
        measure: () => load({ url, connections, seconds, shot: anew[report], pids, signal, status: 200 }),
      })),
    );
}

async function bench(
  setting: Setting,
  options: Options,
  folders: ReadonlyMap<Other, string>,
  signal: AbortSignal,
): Promise<Bench> {
  const { rounds, seconds, only } = options;
  const { system, ours, bare } = setting;
  const { connection, knex } = system.around.stores;
  const wanted = chosen(others, only);
  const against = await startPeers(setting, folders, signal);
  if (wanted.includes('bare')) against.set('bare', bare);
  const contenders = [
    ...(against.has('bare') ? [bare] : []),
    ours,
    ...[...against.values()].filter((one) => one !== bare),
  ];
  const asked = chosen(allQuestions, only);
  const records = await recordsOf(connection, knex);
  await agree(contenders, asked);
  const measuring = { rounds, seconds, mongodPid: system.mongodPid, signal };
  const cells = [...cellsOf(contenders, asked, measuring), ...anewCells(ours, asked, measuring)];
  const results = await measureAll(cells, { rounds, signal });
  const engine = await engineOf(ours);
  const names = Object.fromEntries([...against].map(([other, { name }]) => [other, name]));
  const goals = goalsOf(results, { ours: ours.name, ...names }, records['appointments']!);
  const machine = await machineOf(connection, knex);
  return { machine, records, rounds, seconds, engine, results, goals };
}

function print({ machine, records, rounds, seconds, engine, results, goals }: Bench): void {
  process.stdout.write(
    `${factsText(machine)}\n${factsText(records)}; medians of ${rounds} rounds of ${seconds} s; our reports by engine ${engine}\n\n` +
      `${resultTable(results, bareName)}\n\n${goalTable(goals)}\n\n` +
      `${remarks.map((remark) => `- ${remark}`).join('\n')}\n`,
  );
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const folders = await installPeers(chosen(others, options.only), options.fresh === true, signal);
  const result = await withSetting(options, {}, signal, (setting) =>
    bench(setting, options, folders, signal),
  );
  return sayResult(result, { json: options.json, remarks, print });
}

const command = settingOptions(new Command('npm run bench:peers --'))
  .description('Compares our API with Parse Server, with Eve and with a bare server, on the same data.')
  .option(
    '--only <names>',
    `some of ${[...others, ...allQuestions].join(', ')}`,
    namesAmong([...others, ...allQuestions]),
  )
  .option('--fresh', 'install the peers again')
  .option('--json', 'JSON instead of tables');

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
