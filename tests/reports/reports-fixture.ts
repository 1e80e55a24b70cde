import { expect } from 'chai';
import type { Document } from 'mongodb';
import { poll } from '../../src/databases/embedded/processes.js';
import { clusterTime } from '../../src/databases/mongo/write-times.js';
import type { TestApi } from '../support/api.js';
import { forgetBilling } from '../support/stored.js';

/* Puts records straight into the stores: a report reads whatever is there, and history can't be booked. */

export interface Bill {
  readonly id: string;
  readonly patient_id: string;
  readonly total_cost: string;
  readonly disease?: string | null;
  readonly disease_code?: string | null;
  readonly appointment_id?: string;
  readonly doctor_id?: string;
  readonly department_id?: string;
  readonly hospital_id?: string;
  readonly kind?: 'prescription' | 'consultation';
  readonly created_at?: Date;
}

export async function fillStores(
  api: TestApi,
  documents: Readonly<Record<string, readonly Document[]>>,
  bills: readonly Bill[] = [],
): Promise<void> {
  const { connection } = api.system.around.stores;
  for (const collection of ['appointments', 'prescriptions', 'patients'])
    await connection.db!.collection(collection).deleteMany({});
  for (const [collection, all] of Object.entries(documents))
    await connection.db!.collection(collection).insertMany([...all] as never);
  await forgetBilling(api.system.around);
  await addBills(api, bills);
  // Bills were taken away behind its back: nobody may do that in earnest.
  await api.system.parts.mirror?.rebuild();
  await inStep(api);
}

/** Until the mirror, where there is one, holds all that was put into the stores: nobody wrote it who could be waited for. */
export async function inStep({ system }: Pick<TestApi, 'system'>): Promise<void> {
  const { mirror } = system.parts;
  if (!mirror) return;
  const now = await clusterTime(system.around.stores.connection);
  const after = { time: now, heard_at: performance.now() };
  const isInStep = async () => (await mirror.standing(['mongodb', 'postgres'], after, 1_000)) !== null;
  const isSo = await poll(isInStep, 150_000);
  expect(isSo, JSON.stringify(mirror.report())).to.equal(true);
}

export async function addBills({ system }: Pick<TestApi, 'system'>, bills: readonly Bill[]): Promise<void> {
  const standard = { disease: null, disease_code: null, kind: 'prescription', created_at: new Date() };
  const rows = bills.map((bill) => ({ ...standard, ...bill }));
  if (rows.length > 0) await system.around.stores.knex('billing').insert(rows);
  // The process does not know of it as it does of its own commits.
  const after = { time: undefined, heard_at: performance.now() };
  await system.parts.mirror?.standing(['postgres'], after, 10_000);
}
