/**
 * What does each index buy? Asks every report and every list of the API, takes the queries that its services send to the
 * stores, and runs those very queries with and without indexes, beside their explain.
 *
 * Usage: npm run bench:indexes                                   400,000 appointments, made for it, gone after it
 *        npm run bench:indexes -- --appointments 40000 --rounds 5
 *        npm run bench:indexes -- --json --out FILE              as JSON, into FILE instead of stdout
 *        npm run bench:indexes -- --uri mongodb://… --postgres-uri postgres://…   on your servers, in databases of its own
 *
 * "Without" hides all indexes of the collection but `_id` (MongoDB), or drops those of the table in a transaction that is
 * rolled back (Postgres). With and without take turns; ms is the median of the rounds, each after a warm-up run.
 *
 * Exit codes: 0 measured, 1 failed, 2 usage, 3 the servers did not start or answer.
 */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from '../scripts/command.js';
import { compose } from '../src/composition.js';
import { loadConfig, type Config } from '../src/config.js';
import { systemClock } from '../src/lib/clock.js';
import { createLogger } from '../src/lib/logger.js';
import { table } from '../src/lib/table.js';
import { capture } from './indexes/capture.js';
import { withBenchDatabases, type BenchDatabases } from './indexes/databases.js';
import { fill, findExamples, listQuestions, reportQuestions } from './indexes/questions.js';
import { compareInMongo, compareInPostgres, type Compared } from './indexes/stores.js';
import { machineOf, factsText, type Machine } from './machine.js';
import { makeRecords, recordsOf } from './records.js';
import { checkServers, serverOptions, type ServerOptions } from './servers.js';

interface Options extends ServerOptions {
  readonly appointments: number;
  readonly rounds: number;
  readonly out?: string;
  readonly json?: true;
}

/** One query of one request. */
interface Measured extends Compared {
  readonly question: string;
  readonly store: 'mongodb' | 'postgres';
  /** How many times longer it takes without. */
  readonly ratio: number | null;
}

interface Bench {
  readonly machine: Machine;
  readonly records: Readonly<Record<string, number>>;
  readonly rounds: number;
  readonly queries: readonly Measured[];
}

const partsOn = ({ connection, knex }: BenchDatabases, config: Config) =>
  compose({
    stores: { connection, knex },
    config,
    jwtSecret: 'nobody signs in to a benchmark',
    clock: systemClock,
    logger: createLogger('error'),
  });

type Parts = ReturnType<typeof partsOn>;

async function measure(databases: BenchDatabases, question: string, parts: Parts, rounds: number) {
  const { connection, client } = databases;
  const asked = await capture(question, parts.routes, databases);
  const measured: Measured[] = [];
  const add = (store: Measured['store'], compared: Compared): void => {
    const ratio = compared.without && compared.without.ms / compared.with.ms;
    measured.push({ question, store, ...compared, ratio });
  };
  for (const command of asked.mongodb) add('mongodb', await compareInMongo(connection.db!, command, rounds));
  for (const query of asked.postgres) add('postgres', await compareInPostgres(client, query, rounds));
  return measured;
}

async function bench(
  databases: BenchDatabases,
  config: Config,
  options: Options,
  signal: AbortSignal,
): Promise<Bench> {
  const parts = partsOn(databases, config);
  await makeRecords(parts, options.appointments, signal);
  // What autovacuum would do in its own time: statistics, and the map that index-only scans need.
  await databases.client.query('vacuum analyze billing');
  const examples = await findExamples(databases.connection, databases.knex);
  const questions = [...reportQuestions, ...listQuestions];
  const queries: Measured[] = [];
  for (const [index, question] of questions.entries()) {
    signal.throwIfAborted();
    say(`${index + 1} of ${questions.length}: ${question}`);
    const measured = await measure(databases, fill(question, examples), parts, options.rounds);
    queries.push(...measured.map((one) => ({ ...one, question })));
  }
  const { connection, knex } = databases;
  const [machine, records] = [await machineOf(connection, knex), await recordsOf(connection, knex)];
  return { machine, records, rounds: options.rounds, queries };
}

const rounded = (value: number): number => (value < 10 ? Number(value.toFixed(1)) : Math.round(value));

/** The first fields of a long index name. */
const short = (plan: string): string =>
  plan.replace(
    /\w{40,}/g,
    (name) =>
      `${name
        .split(/(?<=_1)_/)
        .slice(0, 3)
        .join('_')}…`,
  );

function asTable({ machine, records, rounds, queries }: Bench): string {
  const headings = [
    ...['GET', 'store', 'rows', 'ms', 'ms without', 'ratio', 'keys', 'documents', 'documents without'],
    ...['plan', 'plan without'],
  ];
  const rows = queries.map(({ question, store, with: cost, without, ratio }) => [
    ...[question, store, cost.returned, rounded(cost.ms), without ? rounded(without.ms) : 'impossible'],
    ...[ratio && rounded(ratio), cost.keys, cost.documents, without?.documents],
    ...[short(cost.plan), without && short(without.plan)],
  ]);
  return `${factsText(machine)}\n${factsText(records)}; median of ${rounds}\n\n${table(headings, rows)}\n`;
}

async function run(options: Options, signal: AbortSignal): Promise<ExitCode> {
  const { uri, postgresUri, json, out } = options;
  const config = loadConfig();
  const servers = uri && postgresUri ? { mongodbUri: uri, postgresUri } : undefined;
  const result = await withBenchDatabases(config, servers, say, signal, (databases) =>
    bench(databases, config, options, signal),
  );
  const text = json ? `${JSON.stringify(result, null, 2)}\n` : asTable(result);
  if (out) await writeFile(out, text);
  else process.stdout.write(text);
  return exitCodes.ok;
}

const command = serverOptions(
  new Command('npm run bench:indexes --')
    .description('Measures each report and list of the API with and without indexes.')
    .option('--appointments <n>', 'how many there are, about', wholeNumber(100, 10_000_000), 400_000)
    .option('--rounds <n>', 'how often each query is measured', wholeNumber(1, 100), 5)
    .option('--out <file>', 'write to a file instead of stdout')
    .option('--json', 'JSON instead of a table'),
);

await runCommand<Options>(command, (options, signal) => {
  checkServers(command, options);
  return run(options, signal);
});
