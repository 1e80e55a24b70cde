import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { checkVersion } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import { canReview, closesAt } from './emergency-access.policy.js';
import type { EmergencyAccessRepository } from './emergency-access.repository.js';
import type { emergencyAccessQuery, reviewBody } from './emergency-access.schema.js';
import type { BreakGlass, EmergencyAccess } from './emergency-access.types.js';

export interface EmergencyAccessDeps {
  readonly accesses: EmergencyAccessRepository;
  readonly audit: AuditService;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** PAT-8: the records that doctors open of patients who are not theirs, and the queue in which an admin reviews that. */
export function createEmergencyAccessService({
  accesses,
  audit,
  locks,
  transact,
  clock,
  newId,
}: EmergencyAccessDeps) {
  const isOpen = ({ user_id }: Actor, patient_id: string, tx?: MongoTransaction): Promise<boolean> =>
    accesses.isOpen({ user_id, patient_id }, clock.now(), tx);

  const forActors = publicDoor({
    list(_admin: Actor, query: Infer<typeof emergencyAccessQuery>): Promise<Page<EmergencyAccess>> {
      const { limit, cursor, ...filter } = query;
      return accesses.listPage(filter, { limit, cursor });
    },

    /** Throws `not_found`. */
    async get(_admin: Actor, emergency_access_id: string): Promise<EmergencyAccess> {
      const access = await accesses.find(emergency_access_id);
      if (!access) throw notFound('emergency access');
      return access;
    },

    /** Throws `not_found`, `same_person`, `step_done`, `stale_version`. */
    review(
      actor: Actor,
      emergency_access_id: string,
      { finding, note }: Infer<typeof reviewBody>,
      ifMatch?: number,
    ): Promise<EmergencyAccess> {
      return transact(async (tx) => {
        const access = await accesses.find(emergency_access_id, tx);
        if (!access) throw notFound('emergency access');
        if (!canReview(actor, access)) throw new Problem('same_person');
        checkVersion(access, ifMatch);
        if (access.review) throw new Problem('step_done', 'It is reviewed already.');
        const review = { finding, note, at: clock.now(), by: actor.user_id };
        await audit.done(actor, [access.patient_id], tx);
        return (await accesses.update(emergency_access_id, { review }, tx))!;
      });
    },
  });

  return {
    forActors,
    isOpen,

    /** Opens a record for an hour; one that is open stays so, and is no second entry. */
    open(actor: Actor, patient_id: string, glass: BreakGlass & { readonly reason: string }): Promise<void> {
      return transact(async (tx) => {
        // A merge of the patient takes it too: none is opened of who is gone.
        await locks.share(`opens:${patient_id}`, 'all', tx);
        if (await isOpen(actor, patient_id, tx)) return;
        const { user_id, role, doctor_id } = actor;
        const [emergency_access_id, opened_at] = [newId('EA'), clock.now()];
        await accesses.insert(
          {
            ...{ emergency_access_id, user_id, doctor_id, patient_id, reason: glass.reason },
            ...{ opened_at, expires_at: closesAt(opened_at), review: null, version: 1 },
          },
          tx,
        );
        const { address, request_id } = glass;
        await audit.record(
          {
            ...{ action: 'record.glass_broken', outcome: 'success', actor_user_id: user_id, role },
            ...{ subject: emergency_access_id, patient_id, purpose: actor.deed?.purpose ?? 'BTG' },
            ...{ address, request_id },
          },
          tx,
        );
      });
    },
  };
}

export type EmergencyAccessService = ReturnType<typeof createEmergencyAccessService>;
