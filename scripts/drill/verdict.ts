import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { claimMs } from '../../src/databases/outbox/outbox.js';
import type { Knex } from '../../src/databases/postgres/postgres.js';
import { recentCount } from '../../src/domains/clinical/patients/patients.types.js';
import type { Acknowledged } from './workload.js';

export interface Verdict {
  /** Acknowledged writes that are not there. */
  readonly lost: readonly string[];
  /** Writes that are there twice, whether acknowledged or not. */
  readonly doubled: readonly string[];
  /** Halves of a write: a patient's document that does not say what the collection says, a completed visit without bill. */
  readonly torn: readonly string[];
}

export interface StoredAppointment {
  readonly _id: string;
  readonly patient_id: string;
  readonly reason: string;
  readonly date: Date;
  readonly status: string;
  readonly history: readonly { readonly status: string }[];
}

export interface StoredPatient {
  readonly _id: string;
  readonly name: string;
  readonly appointments: readonly { appointment_id: string; date: Date; status: string }[];
}

export interface Stored {
  readonly appointments: readonly StoredAppointment[];
  readonly patients: readonly StoredPatient[];
  /** The appointment of every bill. */
  readonly billed: readonly string[];
}

/** The values that occur more than once. */
function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const value of values) (seen.has(value) ? twice : seen).add(value);
  return [...twice];
}

const line = (id: string, date: Date, status: string): string => `${id} ${date.toISOString()} ${status}`;

/** Whether the newest appointments in the patient's document are those of the collection. */
function isInStep(patient: StoredPatient, own: readonly StoredAppointment[]): boolean {
  const newest = own
    .toSorted((a, b) => b.date.getTime() - a.date.getTime() || (a._id < b._id ? 1 : -1))
    .slice(0, recentCount)
    .map(({ _id, date, status }) => line(_id, date, status));
  const told = patient.appointments.map(({ appointment_id, date, status }) =>
    line(appointment_id, date, status),
  );
  return newest.join() === told.join();
}

/** Compares what callers were told with what both stores hold. Pure. */
export function judge(acknowledged: readonly Acknowledged[], stored: Stored): Verdict {
  const { appointments, patients, billed } = stored;
  const done = new Set([
    ...patients.map(({ name }) => `patient ${name}`),
    ...appointments.map(({ reason }) => `appointment ${reason}`),
    ...appointments.flatMap(({ reason, history }) => history.map(({ status }) => `${status} ${reason}`)),
  ]);
  const byPatient = new Map<string, StoredAppointment[]>();
  for (const appointment of appointments) {
    const own = byPatient.get(appointment.patient_id);
    if (own) own.push(appointment);
    else byPatient.set(appointment.patient_id, [appointment]);
  }
  const bills = new Set(billed);
  return {
    lost: acknowledged.map(({ kind, key }) => `${kind} ${key}`).filter((write) => !done.has(write)),
    doubled: [
      ...repeated(patients.map(({ name }) => `patient ${name}`)),
      ...repeated(appointments.map(({ reason }) => `appointment ${reason}`)),
      ...appointments.flatMap(({ reason, history }) =>
        repeated(history.map(({ status }) => `${status} ${reason}`)),
      ),
      ...repeated(billed.map((id) => `bill ${id}`)),
    ],
    torn: [
      ...patients
        .filter((patient) => !isInStep(patient, byPatient.get(patient._id) ?? []))
        .map(({ name }) => `patient ${name}`),
      ...appointments
        .filter(({ _id, status }) => status === 'completed' && !bills.has(_id))
        .map(({ reason }) => `bill of ${reason}`),
      ...appointments
        .filter(({ status, history }) => history.at(-1)?.status !== status)
        .map(({ reason }) => `history of ${reason}`),
    ],
  };
}

/** A claim on an outbox entry that died with the primary runs out first; then the entry is applied. */
const outboxMs = claimMs + 15_000;

/** Reads both stores with a client of its own, at majority, after the outbox has nothing left to bring over. */
export async function readStored(mongodbUri: string, knex: Knex): Promise<Stored> {
  const client = new MongoClient(mongodbUri, { readConcernLevel: 'majority', readPreference: 'primary' });
  try {
    const db = client.db();
    if (db.databaseName === 'test') throw new Error('The URI of the drill names no database.');
    const deadline = Date.now() + outboxMs;
    while (
      (await db.collection('outbox').countDocuments({ applied_at: null })) > 0 &&
      Date.now() < deadline
    ) {
      await sleep(200);
    }
    const appointments = await db.collection<StoredAppointment>('appointments').find().toArray();
    const patients = await db.collection<StoredPatient>('patients').find().toArray();
    const own = new Set(appointments.map(({ _id }) => _id));
    const billed = await knex('billing').pluck<string[]>('appointment_id');
    return { appointments, patients, billed: billed.filter((id) => own.has(id)) };
  } finally {
    await client.close();
  }
}
