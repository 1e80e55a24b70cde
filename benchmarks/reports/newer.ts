import type { BenchSystem } from '../servers.js';

const withinMs = 30_000;

interface Visit {
  readonly _id: string;
  readonly status: string;
}

/**
 * What makes every kept answer old: an appointment of the year that is asked about is completed, or is a no-show after all,
 * and Postgres' sums get another version. Waits until the figures hold it, so that no reader has to.
 */
export async function newerFigures({ parts, around }: Pick<BenchSystem, 'parts' | 'around'>) {
  const { connection, knex } = around.stores;
  const visits = connection.collection<Visit>('appointments');
  const from = new Date('2025-06-01');
  const visit = await visits.findOne({ status: 'completed', date: { $gte: from } }, { sort: { date: 1 } });
  if (!visit) throw new Error('There is no appointment that was completed.');
  let count = 0;

  return async (): Promise<void> => {
    const session = await connection.startSession();
    try {
      const status = count++ % 2 === 0 ? 'no_show' : 'completed';
      await visits.updateOne({ _id: visit._id }, { $set: { status } }, { session });
      await knex.raw('select rollup_changed(rollup_stripe())');
      const at = session.operationTime?.toBigInt();
      const state = await parts.projectors.documents.caughtUp(at, withinMs);
      if (!state) throw new Error(`The figures do not hold a write after ${withinMs / 1000} s.`);
    } finally {
      await session.endSession();
    }
  };
}
