import { createWriter, type BulkPath, type ImportTargets } from '../imports/index.js';
import type { PastPayment } from '../../money/payments/payments.past.types.js';
import { generateNetwork } from './seeding.network.js';
import { generatePatient, type SeededPatient } from './seeding.patients.js';
import { generatePayments } from './seeding.payments.js';
import { createPlan } from './seeding.plan.js';
import {
  seededKinds,
  type SeedCounts,
  type SeededKind,
  type SeedOptions,
  type SeedReport,
} from './seeding.types.js';

interface SeedRun {
  /** Told after each batch of patients. */
  readonly onProgress?: (done: { patients: number; fraction: number }) => void;
  /** Stops between two batches; the same options go on from there. */
  readonly signal?: AbortSignal;
  /** Without: nothing was paid, and all that was billed is owed. They can come later. */
  readonly payments?: boolean;
}

const patientsAtOnce = 250;
/** So many are put in the order of time, for their numbers: all of a demo. */
const paymentsAtOnce = 25_000;
const batchSize = 1000;

type RecordOf<K extends SeededKind> = ImportTargets[K] extends BulkPath<infer R> ? R : never;

/** Stores by the domains' bulk paths, a batch after the other, and counts. */
function createStorer(targets: ImportTargets) {
  const records = Object.fromEntries(
    seededKinds.map((kind) => [kind, { stored: 0, unchanged: 0, rejected: 0 }]),
  ) as Record<SeededKind, { -readonly [K in keyof SeedCounts]: number }>;
  return {
    records,
    total: (field: keyof SeedCounts): number =>
      seededKinds.reduce((sum, kind) => sum + records[kind][field], 0),
    async store<K extends SeededKind>(kind: K, all: readonly RecordOf<K>[]): Promise<void> {
      const path = targets[kind] as BulkPath<RecordOf<K>>;
      for (let at = 0; at < all.length; at += batchSize) {
        const { stored, unchanged, rejected } = await path.importMany(all.slice(at, at + batchSize));
        records[kind].stored += stored;
        records[kind].unchanged += unchanged;
        records[kind].rejected += rejected.length;
      }
    },
  };
}

const paidFirst = (a: PastPayment, b: PastPayment): number =>
  a.tries.at(-1)!.created_at.getTime() - b.tries.at(-1)!.created_at.getTime();

export function createSeedingService({ targets }: { readonly targets: ImportTargets }) {
  /**
   * Stores made-up records. The same options make the same records: a run that was stopped goes on where it was, and
   * one that was finished changes nothing. Throws the signal's reason when it is stopped.
   */
  async function seed(
    options: SeedOptions,
    { onProgress, signal, payments: isPaid = true }: SeedRun = {},
  ): Promise<SeedReport> {
    const started = performance.now();
    const { records, total, store } = createStorer(targets);
    const plan = createPlan(options);
    const network = generateNetwork(plan);
    const doctors = network.doctors.map(({ doctor }) => doctor);
    await store('hospitals', network.hospitals);
    await store('departments', network.departments);
    await store('doctors', doctors);

    const payments: PastPayment[] = [];
    async function storePatients(seeded: readonly SeededPatient[]): Promise<void> {
      const patients = seeded.map(({ patient }) => patient);
      const appointments = seeded.flatMap((one) => one.appointments);
      const prescriptions = seeded.flatMap((one) => one.prescriptions);
      const billing = seeded.flatMap((one) => one.billing);
      await store('patients', patients);
      await store('appointments', appointments);
      await store('prescriptions', prescriptions);
      await store('billing', billing);
      await targets.patients.refreshRecent(patients.map(({ patient_id }) => patient_id));
      if (isPaid)
        payments.push(
          ...seeded.flatMap((one) => generatePayments(plan, one, targets.appointments.newsOfAbsence)),
        );
      if (payments.length >= paymentsAtOnce) await storePayments();
    }

    /** Their bills are stored by now. */
    const storePayments = (): Promise<void> => store('payments', payments.splice(0).sort(paidFirst));

    let done = 0;
    const writer = createWriter<number>(
      async (numbers) => {
        await storePatients(numbers.map((number) => generatePatient(plan, network, number)));
        done += numbers.length;
        onProgress?.({ patients: done, fraction: done / options.patients });
      },
      { size: patientsAtOnce, atOnce: 2 },
    );
    try {
      for (let number = 0; number < options.patients; number++) {
        signal?.throwIfAborted();
        await writer.add(number);
      }
      await writer.end();
      await storePayments();
    } finally {
      await writer.settle();
    }
    const seconds = (performance.now() - started) / 1000;
    const handled = total('stored') + total('unchanged') + total('rejected');
    return {
      options,
      records,
      changes: total('stored'),
      rejected: total('rejected'),
      seconds,
      records_per_second: Math.round(handled / seconds),
    };
  }

  return { seed };
}

export type SeedingService = ReturnType<typeof createSeedingService>;
