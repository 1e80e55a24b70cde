import type { BulkResult } from '../../lib/bulk.js';
import { createWriter, type ImportTargets } from '../imports/index.js';
import { generateNetwork } from './seeding.network.js';
import { generatePatient } from './seeding.patients.js';
import { createPlan } from './seeding.plan.js';
import {
  seededKinds,
  type SeedCounts,
  type SeededKind,
  type SeededPatient,
  type SeedOptions,
  type SeedReport,
} from './seeding.types.js';

export interface SeedRun {
  /** Told after each batch of patients. */
  readonly onProgress?: (done: { patients: number; fraction: number }) => void;
  /** Stops between two batches; the same options go on from there. */
  readonly signal?: AbortSignal;
}

const patientsAtOnce = 250;
const batchSize = 1000;

export function createSeedingService({ targets }: { readonly targets: ImportTargets }) {
  /**
   * Stores made-up records. The same options make the same records: a run that was stopped goes on where it was, and
   * one that was finished changes nothing. Throws the signal's reason when it is stopped.
   */
  async function seed(options: SeedOptions, { onProgress, signal }: SeedRun = {}): Promise<SeedReport> {
    const started = performance.now();
    const records = Object.fromEntries(
      seededKinds.map((kind) => [kind, { stored: 0, unchanged: 0, rejected: 0 }]),
    ) as Record<SeededKind, { -readonly [K in keyof SeedCounts]: number }>;
    const store = async <R>(
      kind: SeededKind,
      importMany: (batch: readonly R[]) => Promise<BulkResult>,
      all: readonly R[],
    ): Promise<void> => {
      for (let at = 0; at < all.length; at += batchSize) {
        const { stored, unchanged, rejected } = await importMany(all.slice(at, at + batchSize));
        records[kind].stored += stored;
        records[kind].unchanged += unchanged;
        records[kind].rejected += rejected.length;
      }
    };
    const storePatients = async (seeded: readonly SeededPatient[]): Promise<void> => {
      const { patients, appointments, prescriptions, billing } = targets;
      const all = seeded.map(({ patient }) => patient);
      await store('patients', (batch) => patients.importMany(batch), all);
      await store(
        'appointments',
        (batch) => appointments.importMany(batch),
        seeded.flatMap((one) => one.appointments),
      );
      await store(
        'prescriptions',
        (batch) => prescriptions.importMany(batch),
        seeded.flatMap((one) => one.prescriptions),
      );
      await store(
        'billing',
        (batch) => billing.importMany(batch),
        seeded.flatMap((one) => one.billing),
      );
      await patients.refreshRecent(all.map(({ patient_id }) => patient_id));
    };

    const plan = createPlan(options);
    const network = generateNetwork(plan);
    await store('hospitals', (batch) => targets.hospitals.importMany(batch), network.hospitals);
    await store('departments', (batch) => targets.departments.importMany(batch), network.departments);
    await store(
      'doctors',
      (batch) => targets.doctors.importMany(batch),
      network.doctors.map(({ doctor }) => doctor),
    );

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
    } finally {
      await writer.settle();
    }
    const sum = (field: keyof SeedCounts): number =>
      seededKinds.reduce((all, kind) => all + records[kind][field], 0);
    const seconds = (performance.now() - started) / 1000;
    const handled = sum('stored') + sum('unchanged') + sum('rejected');
    const rate = Math.round(handled / seconds);
    return {
      options,
      records,
      changes: sum('stored'),
      rejected: sum('rejected'),
      seconds,
      records_per_second: rate,
    };
  }

  return { seed };
}

export type SeedingService = ReturnType<typeof createSeedingService>;
