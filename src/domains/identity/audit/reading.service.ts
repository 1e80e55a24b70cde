import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { canReadAccesses, canReadTrail } from './audit.policy.js';
import type { AuditRepository } from './audit.repository.js';
import type { auditQuery } from './audit.schema.js';
import type { AuditEvent } from './audit.types.js';

interface ReadingDeps {
  readonly events: Pick<AuditRepository, 'listPage' | 'listAccesses'>;
  /** The user's name; of one who is gone, the id. */
  nameOf(user_id: string): Promise<string>;
  /** The records that have become a part of this patient's. */
  partsOf(patient_id: string): Promise<readonly string[]>;
}

/** An entry as the patient sees it. */
interface Access extends Pick<AuditEvent, 'event_id' | 'at' | 'role' | 'action' | 'outcome' | 'purpose'> {
  readonly who: string | null;
  readonly is_own: boolean;
}

export function createReadingService({ events, nameOf, partsOf }: ReadingDeps) {
  const forActors = publicDoor({
    /** Throws `forbidden`, `invalid_request`. */
    async list(
      actor: Actor,
      { limit, cursor, ...filter }: Infer<typeof auditQuery>,
    ): Promise<Page<AuditEvent & { sealed: boolean }>> {
      if (!canReadTrail(actor)) throw new Problem('forbidden');
      if (filter.from && filter.to && filter.to <= filter.from)
        throw invalidField('/query/to', 'must be after from');
      const { items, next_cursor } = await events.listPage(filter, { limit, cursor });
      return { items: items.map((event) => ({ ...event, sealed: event.seq !== undefined })), next_cursor };
    },

    /** Who has read or changed this patient's record, or tried to, the newest first. Throws `not_found`. */
    async accesses(actor: Actor, patient_id: string, page: PageRequest): Promise<Page<Access>> {
      if (!canReadAccesses(actor, patient_id)) throw notFound('patient');
      const { items, next_cursor } = await events.listAccesses(
        [patient_id, ...(await partsOf(patient_id))],
        page,
      );
      const ids = [...new Set(items.flatMap(({ actor_user_id }) => actor_user_id ?? []))];
      const names = new Map(await Promise.all(ids.map(async (id) => [id, await nameOf(id)] as const)));
      return {
        items: items.map(({ event_id, at, role, action, outcome, purpose, actor_user_id }) => ({
          ...{ event_id, at, role, action, outcome, purpose },
          who: actor_user_id === null ? null : names.get(actor_user_id)!,
          is_own: actor.role === 'patient' ? actor_user_id === actor.user_id : role === 'patient',
        })),
        next_cursor,
      };
    },
  });
  return { forActors };
}

export type ReadingService = ReturnType<typeof createReadingService>;
