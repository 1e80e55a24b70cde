/**
 * Prints a report, from the configured databases or the embedded ones of DATA_DIR.
 *
 * Usage: npm run report                                          lists the reports
 *        npm run report -- top-doctors --from 2025-01-01 --to 2026-01-01
 *        npm run report -- monthly-appointments-trend --year 2025 --csv > trend.csv
 *        npm run report -- average-prescription-cost --json      as the API answers
 *        npm run report -- top-doctors --json --explain          with the plans of both databases
 *        npm run report -- top-doctors --help                    its parameters
 *
 * Exit codes: 0 printed, 1 failed, 2 usage, 3 cannot connect.
 */
import { pipeline } from 'node:stream/promises';
import { reportResponse, toCsv, type ReportQuery } from '../src/domains/reports/engine/index.js';
import { serialiser } from '../src/http/serialise.js';
import { unlessStopped } from '../src/stop-signal.js';
import type { System } from '../src/system.js';
import { exitCodes, runCommand, type ExitCode } from './command.js';
import { parsedQuery, reportCommand, reportList, tellingMistakes, type Chosen } from './report-command.js';
import { reportTable } from './report-table.js';
import { withSystem } from './with-system.js';

/** Anyone who can run this can read the databases anyway. */
const operator = { role: 'admin', doctor_id: null } as const;

async function print({ parts }: System, { report, flags }: Chosen, query: ReportQuery): Promise<ExitCode> {
  const answer = await parts.reports.run(report.id, operator, query, { explain: flags.has('explain') });
  if (flags.has('csv')) await pipeline(toCsv(answer.columns, answer.rows), process.stdout, { end: false });
  else if (flags.has('json') || flags.has('explain'))
    process.stdout.write(
      `${JSON.stringify(JSON.parse(serialiser(reportResponse(report))(answer)), null, 2)}\n`,
    );
  else process.stdout.write(`${reportTable(answer)}\n`);
  return exitCodes.ok;
}

function run(chosen: Chosen, signal: AbortSignal): Promise<ExitCode> {
  const query = parsedQuery(chosen);
  return withSystem(signal, (system) => unlessStopped(signal, print(system, chosen, query)));
}

const { command, chosen } = reportCommand(
  'npm run report --',
  'Prints a report.',
  {
    json: 'print what the API answers',
    csv: 'print CSV',
    explain: 'print JSON with the plans of both databases',
  },
  [
    'top-doctors --from 2025-01-01 --to 2026-01-01',
    'monthly-appointments-trend --year 2025 --csv',
    'average-prescription-cost --json',
  ],
);

await runCommand(command, async (_options, signal) => {
  const one = chosen();
  if (one) return tellingMistakes(async () => run(one, signal));
  process.stdout.write(`${reportList()}\n`);
  return exitCodes.ok;
});
