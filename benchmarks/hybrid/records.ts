import { Decimal128, type Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import type { Knex } from '../../src/databases/postgres/postgres.js';
import { createBillingRepository } from '../../src/domains/money/billing/billing.repository.js';
import type { BillingRow } from '../../src/domains/money/billing/billing.types.js';
import type { Money } from '../../src/lib/money.js';

/** How many there are of each. */
interface Size {
  readonly prescriptions: number;
  readonly bills: number;
}

const diseases = 20;
const doctors = 200;
const start = Date.UTC(2024, 0, 1);
const days = 731;
const dayMs = 86_400_000;
const batch = 5000;

/** The same numbers in each run (Numerical Recipes' generator), from 0 to 1. */
function chances(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const id = (prefix: string, number: number): string => `${prefix}${String(number).padStart(25, '0')}`;

/** A patient, a doctor and a disease as often as one another, whichever store asks. */
function eventOf(chance: () => number, patients: number) {
  const pick = (many: number): number => Math.floor(chance() * many);
  const [patient, doctor, disease] = [pick(patients), pick(doctors), pick(diseases)];
  return {
    patient_id: id('P', patient),
    doctor_id: id('D', doctor),
    department_id: id('DEP', doctor % 20),
    hospital_id: id('H', doctor % 5),
    disease: `Disease ${disease} (disorder)`,
    disease_code: String(100_000_000 + disease * 7919),
    amount: `${pick(900)}.${String(pick(100)).padStart(2, '0')}`,
    at: new Date(start + pick(days) * dayMs),
  };
}

function prescriptionOf(number: number, chance: () => number, patients: number): Document {
  const { amount, at, ...event } = eventOf(chance, patients);
  return {
    _id: id('RX', number),
    ...event,
    appointment_id: null,
    drug: 'Amoxicillin 500 MG Oral Capsule',
    drug_code: '308192',
    dosage: { value: 500, unit: 'mg' },
    frequency: 'twice_daily',
    cost: Decimal128.fromString(amount),
    start_date: at,
    end_date: new Date(at.getTime() + 10 * dayMs),
    version: 1,
    created_at: at,
    updated_at: at,
  };
}

function billOf(number: number, chance: () => number, patients: number): BillingRow {
  const { amount, at, ...event } = eventOf(chance, patients);
  const kind = number % 5 < 2 ? 'prescription' : 'consultation';
  return {
    id: id('B', number),
    ...event,
    appointment_id: kind === 'consultation' ? id('A', number) : null,
    prescription_id: null,
    kind,
    total_cost: amount as Money,
    created_at: at,
  };
}

async function inBatches(
  all: number,
  signal: AbortSignal,
  store: (from: number, to: number) => Promise<void>,
) {
  for (let from = 0; from < all; from += batch) {
    signal.throwIfAborted();
    await store(from, Math.min(all, from + batch));
  }
}

const span = <T>(from: number, to: number, one: (number: number) => T): T[] =>
  Array.from({ length: to - from }, (_, index) => one(from + index));

/** Two years of prescriptions and bills of one patient for each fifteen prescriptions, straight into the stores. */
export async function fill(
  { connection, knex }: { readonly connection: Connection; readonly knex: Knex },
  { prescriptions, bills }: Size,
  signal: AbortSignal,
): Promise<void> {
  const patients = Math.max(1, Math.round(prescriptions / 15));
  const collection = connection.collection<Document & { _id: string }>('prescriptions');
  const [chance, other] = [chances(1), chances(2)];
  const billing = createBillingRepository(knex);
  const transact = createTransactSql(knex);
  await inBatches(prescriptions, signal, async (from, to) => {
    const documents = span(from, to, (number) => prescriptionOf(number, chance, patients));
    await collection.insertMany(documents as never, { ordered: false, writeConcern: { w: 1 } });
  });
  await inBatches(bills, signal, async (from, to) => {
    const rows = span(from, to, (number) => billOf(number, other, patients));
    await transact((tx) => billing.importMany(rows, tx));
  });
  // Plans are made for what is there.
  await knex.raw('vacuum analyze');
}
