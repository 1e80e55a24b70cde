import { randomUUID } from 'node:crypto';
import { lastOperation } from '../../src/databases/mongo/write-times.js';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import { createBillingRepository } from '../../src/domains/money/billing/billing.repository.js';
import type { BillingRow } from '../../src/domains/money/billing/billing.types.js';
import { untilMirrored } from './reader.js';
import type { Sized } from './systems.js';

const withinMs = 30_000;

interface Visit {
  readonly _id: string;
  readonly status: string;
}

/**
 * What makes every kept answer old: an appointment of the year that is asked about is completed, or is a no-show after all,
 * and something is billed. Waits until the mirror holds it, so that no reader has to.
 */
export async function newerFigures(sized: Pick<Sized, 'system' | 'api' | 'token'>) {
  const { connection, knex } = sized.system.around.stores;
  const visits = connection.collection<Visit>('appointments');
  const from = new Date('2025-06-01');
  const visit = await visits.findOne({ status: 'completed', date: { $gte: from } }, { sort: { date: 1 } });
  if (!visit) throw new Error('There is no appointment that was completed.');
  // Of the other kind there is one bill for an appointment.
  const bill = await knex<BillingRow>('billing').where({ kind: 'prescription' }).first();
  if (!bill) throw new Error('There is no bill of a prescription.');
  const billing = createBillingRepository(knex);
  const transact = createTransactSql(knex);
  let count = 0;

  return async (): Promise<void> => {
    const status = count++ % 2 === 0 ? 'no_show' : 'completed';
    await visits.updateOne({ _id: visit._id }, { $set: { status } });
    await transact((tx) => billing.importMany([{ ...bill, id: randomUUID() }], tx));
    await untilMirrored(sized, { withinMs, after: await lastOperation(connection) });
  };
}
