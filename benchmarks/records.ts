import type { Connection } from 'mongoose';
import { say } from '../scripts/command.js';
import { createProgressLine } from '../scripts/progress.js';
import type { Parts } from '../src/composition.js';
import type { Knex } from '../src/databases/postgres/postgres.js';

/** The demo of two years that ends here, whenever it is made: the same data for everybody. */
const lastDay = new Date('2026-01-01T00:00:00Z');
const appointmentsOfPatient = 20;

interface Made {
  readonly until?: Date;
  readonly payments?: boolean;
}

/** Two years of a network with about so many appointments; what else there is follows from them. */
export async function makeRecords(
  { seeding }: Pick<Parts, 'seeding'>,
  appointments: number,
  signal: AbortSignal,
  // Without payments: what is measured is what was measured before there were any.
  { until = lastDay, payments = false }: Made = {},
): Promise<void> {
  const progress = createProgressLine();
  const patients = Math.max(1, Math.round(appointments / appointmentsOfPatient));
  say(`making ${patients} patients and two years of their records`);
  const onProgress = ({ fraction }: { fraction: number }): void => progress.show(fraction, 'records');
  try {
    const options = { patients, years: 2, seed: 1, until };
    const made = await seeding.seed(options, { signal, onProgress, payments });
    say(`${made.changes} records in ${made.seconds.toFixed(0)} s`);
  } finally {
    progress.clear();
  }
}

/** How many there are of what is reported on. */
export async function recordsOf(connection: Connection, knex: Knex): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of ['patients', 'doctors', 'appointments', 'prescriptions'])
    counts[name] = await connection.db!.collection(name).countDocuments();
  const [billing] = await knex('billing').count<{ count: string }[]>();
  return { ...counts, billing: Number(billing!.count) };
}
