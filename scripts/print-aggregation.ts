/**
 * Prints the pipeline of a report as it would run, ready for mongosh. Opens no database.
 *
 * Usage: npm run aggregation                                      lists the pipelines
 *        npm run aggregation -- top-doctors --from 2025-01-01     db.appointments.aggregate([…])
 *        npm run aggregation -- top-doctors --json                { collection, pipeline } as relaxed Extended JSON
 *        npm run aggregation -- top-doctors --help                its parameters
 *
 * Exit codes: 0 printed, 1 failed, 2 usage.
 */
import { BSON } from 'mongodb';
import { loadConfig } from '../src/config.js';
import { createReportsService, createTurns, reportCatalogue } from '../src/domains/reports/engine/index.js';
import { systemClock } from '../src/lib/clock.js';
import { invalidField } from '../src/lib/errors.js';
import { exitCodes, runCommand, type ExitCode } from './command.js';
import { mongoshText } from './mongosh-text.js';
import { parsedQuery, reportCommand, reportList, tellingMistakes, type Chosen } from './report-command.js';

/** The service without databases: names are taken as they are given. */
function offline() {
  const config = loadConfig();
  const all = (ids: readonly string[]) => Promise.resolve(new Set(ids));
  return createReportsService({
    reports: reportCatalogue,
    engine: { name: 'none', read: () => Promise.reject(new Error('there is no database here')) },
    turns: createTurns({ atOnce: 1, inLine: 0 }),
    lastWrite: () => undefined,
    clock: systemClock,
    timeZone: config.reportTimeZone,
    episodeGapDays: config.episodeGapDays,
    currency: config.payments.currency,
    hospitalIdsOf() {
      throw invalidField('/query/region', 'needs the database to know its hospitals; give --hospital-id');
    },
    existing: { hospital_id: all, department_id: all, doctor_id: all },
    codesOfDisease: (disease) => Promise.resolve([disease]),
  });
}

async function print(chosen: Chosen): Promise<ExitCode> {
  const asker = { role: 'admin', doctor_id: null } as const;
  const { sources } = await offline().ask(chosen.report.id, asker, parsedQuery(chosen));
  if (!sources.mongodb) throw invalidField('/query/by', 'asks Postgres only: MongoDB has no part in it');
  const text = chosen.flags.has('json')
    ? BSON.EJSON.stringify(sources.mongodb, undefined, 2, { relaxed: true })
    : mongoshText(sources.mongodb);
  process.stdout.write(`${text}\n`);
  return exitCodes.ok;
}

const { command, chosen } = reportCommand(
  'npm run aggregation --',
  'Prints the pipeline of a report, ready for mongosh.',
  { json: 'print { collection, pipeline } as relaxed Extended JSON' },
  ['top-doctors --from 2025-01-01 --to 2026-01-01', 'disease-trends --basis prescriptions --json'],
);

await runCommand(command, async () => {
  const one = chosen();
  if (one) return tellingMistakes(() => print(one));
  process.stdout.write(`${reportList()}\n`);
  return exitCodes.ok;
});
