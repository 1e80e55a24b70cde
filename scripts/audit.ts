/**
 * The trail of who has read and changed patients' records: proves that nothing of it was changed, removed or moved, and writes it out.
 *
 * Usage: npm run audit -- verify                          names the first entry that is wrong
 *        npm run audit -- verify --json
 *        npm run audit -- export --year 2026 > 2026.ndjson
 *        npm run audit -- export --csv > trail.csv
 *
 * An export holds what is sealed. Each line of NDJSON is an entry as it is stored, with its seal.
 *
 * Exit codes: 0 all of it holds, or written; 1 failed or stopped; 2 usage; 3 cannot connect; 4 the trail is broken.
 */
import { once } from 'node:events';
import { Argument, Command } from 'commander';
import { csvLine } from '../src/domains/reports/engine/index.js';
import type { Fault, Verified } from '../src/domains/identity/audit/index.js';
import { table } from '../src/lib/table.js';
import { unlessStopped } from '../src/stop-signal.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, say, wholeNumber, type ExitCode } from './command.js';
import { withSystem } from './with-system.js';

interface Options {
  readonly year?: number;
  readonly csv?: true;
  readonly json?: true;
}

const columns = [
  ...['year', 'seq', '_id', 'at', 'action', 'outcome', 'problem', 'actor_user_id', 'role', 'subject'],
  ...['patient_ids', 'purpose', 'address', 'request_id', 'key_id', 'previous', 'mac'],
];

const told = ({ year, seq, event_id, kind, detail }: Fault): string =>
  `The trail is broken at entry ${seq} of ${year}${event_id === null ? '' : ` (${event_id})`}, ${kind}: it ${detail}.`;

function print({ years, open }: Verified): void {
  const rows = years.map(({ year, entries, head }) => [year, entries, head ?? '']);
  process.stdout.write(`${table(['year', 'entries that hold', 'head in Postgres'], rows)}\n`);
  if (open > 0) say(`${open} entries are not sealed yet: a running API seals them within seconds.`);
}

async function verify({ parts }: System, { json }: Options): Promise<ExitCode> {
  const verified = await parts.trail.verify();
  if (json) process.stdout.write(`${JSON.stringify(verified, null, 2)}\n`);
  else print(verified);
  say(verified.fault ? told(verified.fault) : 'The trail holds.');
  return verified.fault ? exitCodes.foundProblem : exitCodes.ok;
}

/** As text in one cell. */
function cellOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.join(' ') : `${value as string | number}`;
}

async function write({ parts }: System, { year, csv }: Options, signal: AbortSignal): Promise<ExitCode> {
  const put = async (line: string): Promise<void> => {
    if (!process.stdout.write(line)) await once(process.stdout, 'drain', { signal });
  };
  if (csv) await put(`${columns.join(',')}\r\n`);
  for (const one of year === undefined ? await parts.trail.years() : [year])
    for await (const entry of parts.trail.walk(one)) {
      signal.throwIfAborted();
      const fields = entry as Readonly<Record<string, unknown>>;
      await put(csv ? csvLine(columns.map((name) => cellOf(fields[name]))) : `${JSON.stringify(entry)}\n`);
    }
  return exitCodes.ok;
}

const command = new Command('npm run audit --')
  .description('Proves the trail of who has read and changed records, or writes it out.')
  .addArgument(new Argument('<action>', 'what to do').choices(['verify', 'export']))
  .option('--year <year>', 'export: of this year only', wholeNumber(2000, 9999))
  .option('--csv', 'export: as CSV')
  .option('--json', 'verify: print JSON');

await runCommand<Options>(command, (options, signal) =>
  withSystem(signal, (system) =>
    command.processedArgs[0] === 'verify'
      ? unlessStopped(signal, verify(system, options))
      : write(system, options, signal),
  ),
);
