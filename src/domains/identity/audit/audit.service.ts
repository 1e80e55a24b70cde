import type { Announce, Entry } from '../../../contracts/hand-overs.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { Problem } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import type { Outcome } from '../../../lib/trail.js';
import type { MongoTransaction, SqlTransaction } from '../../../lib/transaction.js';
import { EntryRefused, type AuditRepository } from './audit.repository.js';
import type { AuditEvent, AuditRecord } from './audit.types.js';

export interface AuditDeps {
  readonly events: AuditRepository;
  /** Of Postgres: what it decides is in the trail a moment later. */
  readonly outbox: Pick<Announce<SqlTransaction>, 'add'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
}

export function createAuditService({ events, outbox, clock, newId, logger }: AuditDeps) {
  const eventOf = ({ deed, actor, patient_ids, problem }: Outcome): AuditEvent => ({
    event_id: newId('AE'),
    action: deed.action,
    outcome: problem === null ? 'success' : 'failure',
    problem,
    actor_user_id: actor?.user_id ?? null,
    role: actor?.role ?? null,
    subject: deed.subject,
    patient_ids,
    purpose: deed.purpose,
    address: deed.address,
    request_id: deed.request_id,
    at: clock.now(),
  });

  function unavailable(error: unknown, request_id: string | null): Problem {
    logger.error({ error: loggable(error), request_id }, 'no entry in the trail');
    return new Problem('trail_unavailable', undefined, { retryAfter: 2 });
  }

  async function append(event: AuditEvent, tx: MongoTransaction): Promise<void> {
    try {
      await events.append(event, tx);
    } catch (error) {
      throw error instanceof EntryRefused ? unavailable(error.cause, event.request_id) : error;
    }
  }

  return {
    /** Writes down what `tx` does, in `tx`: either both happen or neither does. Throws `trail_unavailable`. */
    record(
      { patient_id = null, subject = null, purpose = null, ...record }: AuditRecord,
      tx: MongoTransaction,
    ): Promise<void> {
      const patient_ids = patient_id === null ? [] : [patient_id];
      const whose = { subject, patient_ids, problem: null, purpose };
      return append({ ...record, ...whose, event_id: newId('AE'), at: clock.now() }, tx);
    },

    /** The entry of the actor's request, in the transaction of what it does. Who acts without one is no client of ours. */
    async done(actor: Actor, patient_ids: readonly string[], tx: MongoTransaction): Promise<void> {
      const { deed } = actor;
      if (!deed) return;
      await append(eventOf({ deed, actor, patient_ids, problem: null }), tx);
      deed.isEntered = true;
    },

    /** The same, where Postgres decides: it crosses by the outbox. */
    async doneInSql(actor: Actor, patient_ids: readonly string[], tx: SqlTransaction): Promise<void> {
      const { deed } = actor;
      if (!deed) return;
      await outbox.add('audit.event', eventOf({ deed, actor, patient_ids, problem: null }), tx);
      deed.isEntered = true;
    },

    /** What crosses is stored once, by its id, however often it comes. */
    consume: ({ payload }: Entry<'audit.event'>): Promise<void> =>
      events.add({ ...payload, at: new Date(payload.at) }),

    /** Before its answer leaves. Throws `trail_unavailable`. */
    async enter(outcome: Outcome): Promise<void> {
      try {
        await events.add(eventOf(outcome));
      } catch (error) {
        throw unavailable(error, outcome.deed.request_id);
      }
    },
  };
}

export type AuditService = ReturnType<typeof createAuditService>;
