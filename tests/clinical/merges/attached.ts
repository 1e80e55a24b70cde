import { expect } from 'chai';
import type { Answer, TestApi } from '../../support/api.js';
import { newDoctor } from '../../support/people.js';
import { busyDoctor, slotAt } from '../waiting-list/queue.js';

/* Patients with everything that can be a patient's, the merge of two, and both stores as they stand. */

/** Doctors of a hospital; each keeps its days, so that two patients may have visits at one time. */
export interface Clinic {
  readonly doctor_id: string;
  /** Is full on the day that everybody waits for. */
  readonly busy_id: string;
  /** Of somebody who treats none of them. */
  readonly stranger: string;
}

export async function openClinic(api: TestApi): Promise<Clinic> {
  const busy_id = await busyDoctor(api);
  await api.make.appointment({
    ...{ doctor_id: busy_id, date: slotAt(0) },
    patient_id: (await api.make.patient()).patient_id,
  });
  const { doctor_id } = await api.make.doctor();
  return { doctor_id, busy_id, stranger: (await newDoctor(api)).token };
}

export interface Attached {
  readonly patient_id: string;
  readonly token: string;
  readonly visits: { readonly done: string; readonly ahead: string };
}

const must = (answer: Answer, status: number): Answer => {
  expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
  return answer;
};

/** A patient with visits (held, to come, moved, removed), money that went both ways, a prescription with an earlier wording, an account and a record that was opened. */
export async function attached(
  api: TestApi,
  { doctor_id, busy_id, stranger }: Clinic,
  fields: Record<string, unknown> = {},
  { waits = false } = {},
): Promise<Attached> {
  const token = await api.as('admin');
  const { patient_id } = await api.make.patient({
    diseases: ['Asthma'],
    contact: { phone: '+1 202 555 0175' },
    ...fields,
  });
  const own = await api.make.account('patient', { patient_id });
  const book = () => api.make.appointment({ doctor_id, patient_id });
  const [done, ahead, moved, gone] = [await book(), await book(), await book(), await book()];
  const ask = { token };
  const paid = must(await api.post(`/transactions/${done.appointment_id}`, ask), 201).body;
  const part = { amount: 10, reason: 'Too much was taken' };
  must(await api.patch(`/transactions/${paid.transaction_id}`, { ...ask, body: part }), 200);
  await api.make.steps(done.appointment_id, 'checked_in', 'completed');
  const next = await api.make.appointment({ doctor_id, patient_id });
  must(await api.delete(`/appointments/${next.appointment_id}`, ask), 204);
  const reschedule = { date: next.date, reason: 'The doctor is away' };
  must(await api.post(`/appointments/${moved.appointment_id}/reschedule`, { ...ask, body: reschedule }), 200);
  must(await api.delete(`/appointments/${gone.appointment_id}`, ask), 204);
  const written = await api.make.prescription({ doctor_id, patient_id, appointment_id: done.appointment_id });
  const path = `/prescriptions/${written.prescription_id}`;
  must(await api.patch(path, { ...ask, body: { cost: 14 } }), 200);
  if (waits) must(await api.post('/waiting-list', { ...own, body: waitFor(busy_id) }), 201);
  const glass = { 'Break-Glass': 'Unconscious in the emergency room.' };
  must(await api.get(`/patients/${patient_id}`, { token: stranger, headers: glass }), 200);
  return {
    ...{ patient_id, token: own.token },
    visits: { done: done.appointment_id, ahead: ahead.appointment_id },
  };
}

const waitFor = (doctor_id: string) => ({ doctor_id, day: slotAt(0).slice(0, 10) });

export const merge = async (
  api: TestApi,
  into: string,
  from: string,
  ask: { token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  api.post(`/patients/${into}/merge`, {
    token: await api.as('admin'),
    ...ask,
    body: { from_patient_id: from, reason: 'One person, registered twice' },
  });

export const undo = async (api: TestApi, merge_id: string, token?: string): Promise<Answer> =>
  api.post(`/patient-merges/${merge_id}/undo`, {
    token: token ?? (await api.as('admin')),
    body: { reason: 'They are two people' },
  });

const collections = [
  ...['patients', 'appointments', 'removed_appointments', 'slot_claims', 'prescriptions'],
  ...['prescription_versions', 'waiting_list', 'emergency_accesses', 'users', 'merged_patients'],
];
const tables = {
  billing: 'id',
  booking_accounts: 'appointment_id',
  transactions: 'transaction_id',
  ledger_entries: 'entry_number',
  refunds: 'refund_id',
};

/** How often a record was written is no part of its state. */
const counted = new Set(['version', 'updated_at', 'holds', 'compared_by', 'match_keys']);

/** All that is anybody's, in both stores. */
export async function state({ system }: TestApi): Promise<Record<string, unknown[]>> {
  const { connection, knex } = system.around.stores;
  const found: Record<string, unknown[]> = {};
  for (const name of collections) {
    const all = await connection.db!.collection(name).find().sort({ _id: 1 }).toArray();
    found[name] = all.map((one) =>
      JSON.parse(JSON.stringify(one, (key, value: unknown) => (counted.has(key) ? undefined : value))),
    );
  }
  for (const [table, key] of Object.entries(tables)) found[table] = await knex(table).orderBy(key);
  return found;
}
