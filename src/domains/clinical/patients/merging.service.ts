import type { Clock } from '../../../lib/clock.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { MergedPatientRepository } from './merged-patients.repository.js';
import { fold, unfold, type Folded } from './patients.folding.js';
import type { PatientRepository } from './patients.repository.js';
import type { Patient } from './patients.types.js';

export interface MergingDeps {
  readonly patients: PatientRepository;
  readonly merged: MergedPatientRepository;
  /** Of a patient who is gone, the pairs that might have been one. */
  forgetDuplicates(patient_id: string, tx: MongoTransaction): Promise<void>;
  readonly clock: Clock;
}

/** PAT-7: a patient's own document, as it becomes a part of another one and is made again. */
export function createMergingService({ patients, merged, forgetDuplicates, clock }: MergingDeps) {
  /** The record that one has become a part of, which may have become a part of another one since; null: it has not. */
  async function mergedInto(patient_id: string, tx?: MongoTransaction): Promise<string | null> {
    const tombstone = await merged.find(patient_id, tx);
    return tombstone && ((await mergedInto(tombstone.into_patient_id, tx)) ?? tombstone.into_patient_id);
  }

  /** The records that have become a part of these, and those that had become a part of them. */
  async function partsOf(...patient_ids: readonly string[]): Promise<string[]> {
    const parts = await merged.idsInto(patient_ids);
    return parts.length > 0 ? [...parts, ...(await partsOf(...parts))] : [];
  }

  return {
    mergedInto,
    partsOf: (patient_id: string): Promise<readonly string[]> => partsOf(patient_id),

    /** Why there is no such patient, to somebody who may know. */
    async missing(patient_id: string, tx?: MongoTransaction): Promise<Problem> {
      const replaced_by = await mergedInto(patient_id, tx);
      if (replaced_by === null) return notFound('patient');
      return new Problem('patient_merged', `It is part of ${replaced_by} now.`, { more: { replaced_by } });
    },

    isMerged: async (patient_ids: readonly string[]): Promise<ReadonlySet<string>> =>
      merged.existing(patient_ids),

    /**
     * `from` becomes a part of `into`, and leaves what it said, under the id that it had. Both are written to: who books for one of
     * them at that moment conflicts.
     */
    async merge(
      { into, from, merge_id }: { into: Patient; from: Patient; merge_id: string },
      tx: MongoTransaction,
    ): Promise<Folded> {
      const { changes, folded } = fold(into, from);
      const whole = { ...from, appointments: [], prescriptions: [] };
      await merged.insert({ ...whole, into_patient_id: into.patient_id, merge_id }, tx);
      await patients.remove(from.patient_id, tx);
      await forgetDuplicates(from.patient_id, tx);
      await patients.update(into.patient_id, { ...changes, updated_at: clock.now() }, tx);
      return folded;
    },

    /** The reverse; says which fields of `into` have been changed since, and so stay. */
    async unmerge(
      { into, from_patient_id, folded }: { into: Patient; from_patient_id: string; folded: Folded },
      tx: MongoTransaction,
    ): Promise<string[]> {
      const tombstone = (await merged.find(from_patient_id, tx))!;
      const { into_patient_id: _into, merge_id: _merge, ...from } = tombstone;
      const { changes, changed } = unfold(into, from, folded);
      await merged.remove(from_patient_id, tx);
      await patients.insert({ ...from, version: from.version + 1 }, tx);
      await patients.update(into.patient_id, { ...changes, updated_at: clock.now() }, tx);
      return changed;
    },
  };
}
