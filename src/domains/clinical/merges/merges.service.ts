import type { Announce } from '../../../contracts/hand-overs.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem, UniqueViolation } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Once } from '../../../lib/idempotency.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { checkVersion, referred } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { Patient, PatientsService } from '../patients/index.js';
import { mergeFault } from './merges.policy.js';
import type { MergeRepository } from './merges.repository.js';
import { mostMoved } from './merges.repository.js';
import type { mergeQuery } from './merges.schema.js';
import type { MovedRecords, PatientMerge, ShownMerge } from './merges.types.js';

export interface MergesDeps {
  readonly merges: MergeRepository;
  readonly patients: Pick<PatientsService, 'find' | 'merge' | 'unmerge' | 'mergedInto'>;
  /** Of a patient: what the summaries in the document are made of. */
  keepRecent(patient_id: string, tx: MongoTransaction): Promise<void>;
  countUnpaidBilling(patient_id: string, tx: MongoTransaction): Promise<number>;
  /** What the books have moved; null: they have not heard of it. */
  bookedMerge(
    merge_id: string,
  ): Promise<{ readonly is_undone: boolean; readonly moved: Readonly<Record<string, number>> } | null>;
  /** After the commit: who is signed in as one of them is asked for anew. */
  forgetActors(): Promise<void>;
  readonly audit: Pick<AuditService, 'done'>;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly outbox: Announce<MongoTransaction>;
  readonly transact: Transact;
  readonly reach: ReachPoint;
  readonly clock: Clock;
  readonly newId: NewId;
}

interface Asked {
  readonly into_patient_id: string;
  readonly from_patient_id: string;
  readonly reason: string;
}

const refused = (why: string): Problem => new Problem('merge_refused', why);

/** The store refuses what a patient has once, where both have it. */
async function refuseClash<T>(move: () => Promise<T>): Promise<T> {
  try {
    return await move();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw refused(
      error.key.includes('grain')
        ? 'Both have a visit at one time: are they the same patient?'
        : 'Both wait for one doctor and day: let one of them wait no longer first.',
    );
  }
}

export function createMergesService(deps: MergesDeps) {
  const { merges, patients, audit, locks, outbox, transact, reach, clock, newId } = deps;

  async function show({ moved, folded, ...merge }: PatientMerge): Promise<ShownMerge> {
    const booked = await deps.bookedMerge(merge.merge_id);
    const status = merge.undone ? (booked?.is_undone ? 'undone' : 'undoing') : booked ? 'merged' : 'merging';
    const counts = [
      ...moved.map(({ what, records }) => [what, records.length] as const),
      ...Object.entries(booked?.moved ?? {}),
    ];
    return {
      ...merge,
      ...{ status, filled: folded.filled },
      moved: counts.filter(([, records]) => records > 0).map(([what, records]) => ({ what, records })),
    };
  }

  async function get(merge_id: string, tx?: MongoTransaction): Promise<PatientMerge> {
    const merge = await merges.find(merge_id, tx);
    if (!merge) throw notFound('merge');
    return merge;
  }

  /** Nobody holds a slot, waits or opens a record for them meanwhile; who books or prescribes writes to their documents too. */
  async function lockPeople(patient_ids: readonly string[], tx: MongoTransaction): Promise<void> {
    for (const patient_id of patient_ids)
      for (const what of ['holds', 'waits', 'opens']) await locks.share(`${what}:${patient_id}`, 'all', tx);
  }

  async function twoPatients(
    { into_patient_id, from_patient_id }: Asked,
    tx: MongoTransaction,
  ): Promise<{ into: Patient; from: Patient }> {
    const into = await patients.find(into_patient_id, tx);
    if (!into) {
      const replaced_by = await patients.mergedInto(into_patient_id, tx);
      if (replaced_by === null) throw notFound('patient');
      throw new Problem('patient_merged', `It is part of ${replaced_by} now.`, { more: { replaced_by } });
    }
    const from = await patients.find(from_patient_id, tx);
    if (from) return { into, from };
    const elsewhere = await patients.mergedInto(from_patient_id, tx);
    if (elsewhere !== null) throw refused(`${from_patient_id} is part of ${elsewhere} already.`);
    return { into, from: referred<Patient>('patient', from_patient_id, null) };
  }

  /** Both stores hear of it by one entry, written with the decision. */
  async function tell(
    actor: Actor,
    act: 'merge' | 'undo',
    { merge_id, from_patient_id, into_patient_id }: PatientMerge,
    at: Date,
    tx: MongoTransaction,
  ): Promise<void> {
    await audit.done(actor, [into_patient_id, from_patient_id], tx);
    await outbox.add('patient.merged', { merge_id, from_patient_id, into_patient_id, act, at }, tx);
    reach('patient.merged', 'deciding');
  }

  /** After the commit: the books follow at once, if they can. */
  async function told(): Promise<void> {
    reach('patient.merged', 'decided');
    await outbox.drain();
    await deps.forgetActors();
  }

  const forActors = publicDoor({
    get: async (_admin: Actor, merge_id: string): Promise<ShownMerge> => show(await get(merge_id)),

    async list(_admin: Actor, page: Infer<typeof mergeQuery>): Promise<Page<ShownMerge>> {
      const { items, next_cursor } = await merges.listPage(page);
      return { items: await Promise.all(items.map(show)), next_cursor };
    },

    /** PAT-7. Throws `invalid_request`, `not_found`, `patient_merged`, `unknown_reference`, `merge_refused`. */
    async merge(actor: Actor, asked: Asked, once?: Once): Promise<ShownMerge> {
      const { into_patient_id, from_patient_id, reason } = asked;
      if (into_patient_id === from_patient_id)
        throw invalidField('/body/from_patient_id', 'is the patient of the address');
      const merge_id = newId('PM');
      const merge = await transact(async (tx) => {
        const { into, from } = await twoPatients(asked, tx);
        await lockPeople([into_patient_id, from_patient_id], tx);
        const merged_at = clock.now();
        const isBooking = await merges.isBooking([into_patient_id, from_patient_id], merged_at, tx);
        const unsettled = {
          into: await deps.countUnpaidBilling(into_patient_id, tx),
          from: await deps.countUnpaidBilling(from_patient_id, tx),
        };
        const fault = mergeFault(into, from, { isBooking, unsettled });
        if (fault !== null) throw refused(fault);
        const moved = await refuseClash(() => merges.moveAll(from_patient_id, into_patient_id, tx));
        if (!moved) throw refused(`${from_patient_id} has more than ${mostMoved} records.`);
        const folded = await patients.merge({ into, from, merge_id }, tx);
        await deps.keepRecent(into_patient_id, tx);
        const made: PatientMerge = {
          ...{ merge_id, from_patient_id, into_patient_id, reason, merged_at, merged_by: actor.user_id },
          ...{ moved, folded, undone: null, version: 1 },
        };
        await merges.insert(made, tx);
        await tell(actor, 'merge', made, merged_at, tx);
        return made;
      }, once);
      await told();
      return show(merge);
    },

    /** Throws `not_found`, `step_done`, `stale_version`, `merge_refused`. */
    async undo(
      actor: Actor,
      merge_id: string,
      { reason, ifMatch }: { readonly reason: string; readonly ifMatch?: number | undefined },
    ): Promise<ShownMerge> {
      const undone = await transact(async (tx) => {
        const merge = await get(merge_id, tx);
        const { into_patient_id, from_patient_id } = merge;
        checkVersion(merge, ifMatch);
        if (merge.undone) throw new Problem('step_done', 'It is undone already.');
        // Asked of the other store: the books undo what they have done, in its order.
        if (!(await deps.bookedMerge(merge_id)))
          throw refused('The books have not followed the merge yet: try again in a moment.');
        const into = await patients.find(into_patient_id, tx);
        if (!into) throw refused(`${into_patient_id} has been merged or removed since: undo that first.`);
        await lockPeople([into_patient_id, from_patient_id], tx);
        const records = await merges.moveBack(merge, tx);
        const fields = await patients.unmerge({ into, from_patient_id, folded: merge.folded }, tx);
        await deps.keepRecent(into_patient_id, tx);
        await deps.keepRecent(from_patient_id, tx);
        const own = fields.map((field) => ({
          ...{ what: `patients.${field}`, id: into_patient_id },
          fate: 'changed' as const,
        }));
        const at = clock.now();
        const undoing = { at, by: actor.user_id, reason, changed: [...own, ...records] };
        const changed = (await merges.update(merge_id, { undone: undoing }, tx))!;
        await tell(actor, 'undo', changed, at, tx);
        return changed;
      });
      await told();
      return show(undone);
    },
  });

  return {
    forActors,

    /** The visits that a merge has moved: what the books have written of them since goes back with them. */
    async visitsOf(merge_id: string): Promise<string[]> {
      const { moved } = await get(merge_id);
      const ofVisits = (one: MovedRecords): boolean => one.what === 'appointments';
      return (moved.find(ofVisits)?.records ?? []).map(({ id }) => id);
    },
  };
}

export type MergesService = ReturnType<typeof createMergesService>;
