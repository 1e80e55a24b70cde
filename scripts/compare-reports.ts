/**
 * Compares the four reports of a running API with a file of expected answers (expected_reports.json), row by row and cent by
 * cent. The API must hold nothing but the import that the answers were computed from.
 *
 * Usage: npm run compare:reports -- EXPECTED.json --part synthea --email manager@… --password …
 *        npm run compare:reports -- EXPECTED.json --part medscheduler [--url http://127.0.0.1:5000] … [--json]
 *
 * Exit codes: 0 no difference, 1 failed, 2 usage, 4 differences.
 */
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { table } from '../src/lib/table.js';
import { addressOf, existing, exitCodes, runCommand, say, type ExitCode } from './command.js';
import {
  medschedulerChecks,
  syntheaChecks,
  type Answer,
  type Check,
  type Expected,
} from './compare/checks.js';

interface Options {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  readonly part: 'synthea' | 'medscheduler';
  readonly json?: true;
}

interface Compared {
  readonly name: string;
  readonly expected: number;
  readonly answered: number;
  /** `row 3: … instead of …`. */
  readonly differences: readonly string[];
  readonly definition: string;
  readonly engine_ms: unknown;
}

async function ask(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init).catch((error: unknown) => {
    init.signal?.throwIfAborted();
    throw new Error(`${url} does not answer: ${String((error as Error).cause ?? error)}`);
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

function compare({ name, expected, rowsOf }: Check, answer: Answer): Compared {
  const answered = rowsOf(answer);
  const differences: string[] = [];
  for (let n = 0; n < Math.max(expected.length, answered.length); n += 1) {
    const [wanted, got] = [expected[n] ?? 'nothing', answered[n] ?? 'nothing'];
    if (wanted !== got) differences.push(`${name}, row ${n + 1}: ${got}, expected ${wanted}`);
  }
  const { definition, engine_ms } = answer.provenance;
  return { name, expected: expected.length, answered: answered.length, differences, definition, engine_ms };
}

async function compareAll(
  file: string,
  { url, email, password, part }: Options,
  signal: AbortSignal,
): Promise<Compared[]> {
  const expected = JSON.parse(await readFile(file, 'utf8')) as Expected;
  const { access_token } = (await ask(`${url}/api/auth/login`, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  const compared: Compared[] = [];
  for (const check of part === 'synthea' ? syntheaChecks(expected) : medschedulerChecks(expected))
    compared.push(
      compare(check, (await ask(`${url}/api/reports/${check.path}`, { headers, signal })) as Answer),
    );
  return compared;
}

const command = new Command('npm run compare:reports --')
  .description('Compares the reports of a running API with expected answers.')
  .argument('<expected>', 'the file of expected answers', existing)
  .addOption(
    new Option('--part <part>', 'which import the API holds')
      .choices(['synthea', 'medscheduler'])
      .makeOptionMandatory(),
  )
  .option('--url <url>', 'where the API listens', addressOf('http', 'https'), 'http://127.0.0.1:5000')
  .requiredOption('--email <email>', 'of an account that may read reports')
  .requiredOption('--password <password>', 'its password')
  .option('--json', 'print JSON');

await runCommand<Options>(command, async (options, signal): Promise<ExitCode> => {
  const compared = await compareAll(command.args[0]!, options, signal);
  const differences = compared.flatMap((one) => one.differences);
  const rows = compared.reduce((sum, { expected }) => sum + expected, 0);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ rows, differences: differences.length, compared }, null, 2)}\n`);
  } else {
    const lines = compared.map((one) => [one.name, one.expected, one.answered, one.differences.length]);
    process.stdout.write(`${table(['report', 'expected rows', 'answered rows', 'differences'], lines)}\n`);
    process.stdout.write(`${rows} rows compared, ${differences.length} differences\n`);
    for (const difference of differences.slice(0, 50)) say(difference);
  }
  return differences.length === 0 ? exitCodes.ok : exitCodes.foundProblem;
});
