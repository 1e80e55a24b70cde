/**
 * Does the API keep what docs/openapi.yaml says, whatever is sent? Schemathesis asks a server of its own, as each role, for everything that
 * the document describes: what is valid, what is not, and chains of requests; it looks at the status, headers and shape of each answer.
 *
 * Usage: npm run fuzz:contract                                       every role, 10 examples an operation
 *        npm run fuzz:contract -- --role admin,patient --examples 50
 *        npm run fuzz:contract -- --paths '^/patients' --seed 7 --json
 *
 * Schemathesis is installed once, by pip, into a folder of the system's temporary one; --fresh does it again. Servers and data are made
 * for it and gone after it. What ends the session of who asks is asked for in a second run, by another account.
 *
 * Exit codes: 0 nothing was found; 4 something was, and is told with the request that shows it; 1 failed, 2 usage, 3 the servers did not
 * start.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig, readConfig } from '../src/config.js';
import { roles, type Role } from '../src/lib/actor.js';
import { createLogger } from '../src/lib/logger.js';
import { table } from '../src/lib/table.js';
import { openSystem } from '../src/system.js';
import { apiSettings, startApiProcess, type ApiProcess } from './api-process.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { newDrillPatient, openDrillHospital, signedIn } from './drill-hospital.js';
import { byPip, installTool, type Tool } from './installed-tools.js';
import { withOwnServers } from './own-servers.js';

interface Options {
  readonly role: readonly Role[];
  readonly examples: number;
  readonly paths?: string;
  readonly seed: number;
  readonly fresh?: true;
  readonly json?: true;
}

interface Failure {
  readonly code: string;
  readonly title: string;
  readonly count: number;
  readonly operations: readonly string[];
}

interface Run {
  readonly role: Role;
  /** What ends the session of who asks. */
  readonly ends_session: boolean;
  readonly operations: number;
  readonly cases: number;
  readonly failures: readonly Failure[];
  /** What the server logged as an error, and how often. */
  readonly faults: Readonly<Record<string, number>>;
}

const version = '4.32.5';
const schemathesis: Tool = { name: 'schemathesis', version, installer: byPip(`schemathesis==${version}`) };

const endsSession =
  '^/(auth/(logout|sessions|second-factor|step-up)|users/me/password|users/(bulk|\\{user_id\\}))';

/**
 * Of what fits its schema, some is refused all the same, with a status that the document names: what refers to nothing (422), is used up
 * (410) or has changed (412); and with 400 what JSON Schema cannot say: a cursor that a list did not make, one day after another, bytes of a
 * password, a host that is public, fields of another role.
 */
const [good, bad] = [
  ['2xx', 401, 403, 404, 409, 410, 412, 422, 429, 503],
  [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429, 431, '5xx'],
];
const unsaid =
  '^/(auth/(login|register|reset|invitations)|users/me|patients|report-targets|saved-reports|webhooks|payment-callbacks)';
const statuses = (...lists: readonly (readonly (string | number)[])[]): string =>
  `expected-statuses = ${JSON.stringify(lists.flat())}`;
const config = `
[checks.positive_data_acceptance]
${statuses(good)}

[checks.negative_data_rejection]
${statuses(bad)}

[[operations]]
include-method = "GET"
checks.positive_data_acceptance.${statuses(good, [400])}

[[operations]]
include-path-regex = '${unsaid}'
checks.positive_data_acceptance.${statuses(good, [400])}
`;

function rolesIn(text: string): Role[] {
  const named = text.split(',');
  const unknown = named.find((name) => !roles.some((role) => role === name));
  if (unknown === undefined) return named as Role[];
  throw new InvalidArgumentError(`${unknown} is none of ${roles.join(', ')}.`);
}

/** A regular expression that some path of the document fits. */
function pathsIn(text: string): string {
  const paths = [...readFileSync('docs/openapi.yaml', 'utf8').matchAll(/^ {2}(\/\S*):$/gm)];
  const isFitting = ([, path]: readonly (string | undefined)[]): boolean => new RegExp(text).test(path!);
  try {
    if (paths.some(isFitting)) return text;
  } catch {
    throw new InvalidArgumentError('It must be a regular expression.');
  }
  throw new InvalidArgumentError('It must fit a path of docs/openapi.yaml.');
}

/** Its report, as JSON; what it says meanwhile goes to stderr when it found something. */
async function ask(
  folder: string,
  {
    url,
    token,
    dataDir,
    name,
    ownOnes,
  }: Readonly<Record<'url' | 'token' | 'dataDir' | 'name', string>> & {
    readonly ownOnes: boolean;
  },
  { examples, seed, paths }: Options,
  signal: AbortSignal,
) {
  const [settings, report] = [join(dataDir, 'schemathesis.toml'), join(dataDir, `${name}.json`)];
  await writeFile(settings, config);
  const { PATH, HOME } = process.env;
  const words = [
    ...['-m', 'schemathesis.cli', '--config-file', settings, 'run', resolve('docs/openapi.yaml')],
    ...[
      '--url',
      `${url}/api`,
      '--header',
      `Authorization: Bearer ${token}`,
      '--no-color',
      '--warnings',
      'off',
    ],
    ...[
      '--max-examples',
      String(examples),
      '--seed',
      String(seed),
      '--phases',
      'examples,coverage,fuzzing,stateful',
    ],
    ...['--continue-on-failure', '--request-timeout', '60', '--report', 'json', '--report-json-path', report],
    ...[ownOnes ? '--include-path-regex' : '--exclude-path-regex', endsSession],
    ...(paths === undefined || ownOnes ? [] : ['--include-path-regex', paths]),
  ];
  const env = { PATH, HOME, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn('python3', words, { cwd: dataDir, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (told += text));
  await once(child, 'close');
  const text = await readFile(report, 'utf8').catch((cause: unknown) => {
    throw new Error(`Schemathesis told no result: ${told.slice(-2_000)}`, { cause });
  });
  const { failures, errors, operations, test_cases } = JSON.parse(text) as {
    failures: Failure[];
    errors: { title: string; operations?: string[] }[];
    operations: { tested: number };
    test_cases: { generated: number };
  };
  const broken = errors.map(({ title, operations = [] }): Failure => ({
    ...{ code: 'error', title, count: 1, operations },
  }));
  const all = [...failures, ...broken];
  if (all.length > 0) say(told.slice(told.indexOf('FAILURES')));
  return { operations: operations.tested, cases: test_cases.generated, failures: all };
}

async function fuzz(folder: string, options: Options, signal: AbortSignal): Promise<Run[]> {
  const { mongodBinary } = loadConfig();
  return withOwnServers({ mongodBinary, nodes: 1, cacheGb: 1, log: say, signal }, async (servers) => {
    const settings = { JWT_SECRET: 'x'.repeat(64) };
    const system = await openSystem({
      config: readConfig({ ...apiSettings(servers), ...settings }),
      logger: createLogger('error'),
    });
    const runs: Run[] = [];
    let api: ApiProcess | undefined;
    try {
      const hospital = await openDrillHospital(system.parts);
      api = await startApiProcess(servers, { signal, settings, onLine: () => undefined });
      for (const role of options.role)
        for (const ends_session of options.paths === undefined ? [false, true] : [false]) {
          signal.throwIfAborted();
          const name = `${role}-${ends_session ? 'session' : 'all'}`;
          const links = {
            ...(role === 'patient' && { patient_id: await newDrillPatient(system.parts, 'Patient Drill') }),
            ...(role === 'doctor' && { doctor_id: await hospital.newDoctor() }),
          };
          const password = 'Correct-Horse-9-Battery';
          const account = { name: 'Somebody', email: `${name}@drill.example`, password, role, ...links };
          const token = await signedIn(system.parts, account);
          say(`asking as ${role}${ends_session ? ', for what ends a session' : ''}`);
          const before = { ...api.faults };
          const asked = { url: api.url, token, dataDir: servers.dataDir, name, ownOnes: ends_session };
          const found = await ask(folder, asked, options, signal);
          const faults = Object.fromEntries(
            Object.entries(api.faults)
              .map(([what, times]) => [what, times - (before[what] ?? 0)] as const)
              .filter(([, times]) => times > 0),
          );
          runs.push({ role, ends_session, ...found, faults });
        }
      api.assertAlive();
      return runs;
    } finally {
      await api?.stop();
      await system.close();
    }
  });
}

const isClean = ({ failures, faults }: Run): boolean =>
  failures.length === 0 && Object.keys(faults).length === 0;

function print(runs: readonly Run[]): void {
  const rows = runs.map(({ role, ends_session, operations, cases, failures, faults }) => [
    ...[role, ends_session ? 'what ends a session' : 'all else', operations, cases],
    ...[failures.reduce((sum, { count }) => sum + count, 0), Object.keys(faults).length],
  ]);
  const headings = ['role', 'asked for', 'operations', 'requests', 'contract failures', 'errors logged'];
  process.stdout.write(`${table(headings, rows)}\n`);
  for (const { role, failures, faults } of runs) {
    for (const { code, title, operations } of failures)
      say(`${role}: ${code} ${title}: ${operations.join(', ')}`);
    for (const [what, times] of Object.entries(faults)) say(`${role}: logged ${times} × ${what}`);
  }
}

const command = new Command('npm run fuzz:contract --')
  .description(
    'Asks a server for all that docs/openapi.yaml describes, valid and not, and looks whether it answers as described.',
  )
  .option('--role <roles>', 'as whom, separated by commas', rolesIn, [...roles])
  .option('--examples <n>', 'made at random for each operation', wholeNumber(1, 10_000), 10)
  .option('--paths <regex>', 'only operations whose path fits', pathsIn)
  .option('--seed <n>', 'of what is made at random', wholeNumber(0, 2 ** 31 - 1), 1)
  .option('--fresh', 'install Schemathesis anew')
  .option('--json', 'JSON instead of a table');

await runCommand<Options>(command, async (options, signal): Promise<ExitCode> => {
  const folder = await installTool(schemathesis, { fresh: options.fresh === true, log: say, signal });
  const runs = await fuzz(folder, options, signal);
  if (options.json) process.stdout.write(`${JSON.stringify({ schemathesis: version, runs }, null, 2)}\n`);
  else print(runs);
  return runs.every(isClean) ? exitCodes.ok : exitCodes.foundProblem;
});
