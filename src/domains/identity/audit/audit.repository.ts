import type { Connection } from 'mongoose';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { retry } from '../../../databases/retry.js';
import { recordActions } from '../../../lib/audited.js';
import { given } from '../../../lib/changes.js';
import { createInBatches } from '../../../lib/in-batches.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { auditEventModel } from './audit.model.js';
import type { AuditAction, AuditEvent } from './audit.types.js';

const newestFirst: SortOrder<AuditEvent> = { name: '-at', field: 'at', direction: -1 };

interface AuditFilter {
  readonly user?: string | undefined;
  readonly patient?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** How many entries one insert holds, and how many inserts are on their way at once: those who wait meanwhile go with the next. */
const mostAtOnce = 500;
const mostInserts = 2;

/** The store does not take an entry, and will not when it is asked again: what `tx` did is not to be. */
export class EntryRefused extends Error {
  override readonly name = 'EntryRefused';
}

const isThere = (error: unknown): boolean => (error as { code?: unknown }).code === 11000;

/** Append-only: there is no update and no remove to call. */
export function createAuditRepository(connection: Connection) {
  const model = auditEventModel.on(connection);
  const store = createDocumentStore<AuditEvent, 'event_id'>(model, 'event_id');

  /** An attempt whose answer was lost has stored some of them, under the same ids. */
  async function insert(events: readonly AuditEvent[]): Promise<void> {
    const documents = events.map(({ event_id: _id, ...event }) => ({ _id, ...event }));
    await retry(
      () => model.collection.insertMany(documents as never, { ordered: false }),
      isPassingMongoFailure,
    ).catch((error: unknown) => {
      if (!isThere(error)) throw error;
    });
  }

  return {
    async append(event: AuditEvent, tx: MongoTransaction): Promise<void> {
      await store.insert(event, tx).catch((error: unknown) => {
        throw isPassingMongoFailure(error)
          ? error
          : new EntryRefused('no entry in the trail', { cause: error });
      });
    },
    /** Outside of any transaction, together with those of other requests; it is there when this returns. */
    add: createInBatches(insert, mostAtOnce, mostInserts),

    listPage(
      { user, patient, action, outcome, from, to }: AuditFilter,
      page: PageRequest,
    ): Promise<Page<AuditEvent>> {
      const at = from || to ? given({ $gte: from, $lt: to }) : undefined;
      const filter = given({ actor_user_id: user, patient_ids: patient, action, outcome, at });
      return store.page(filter, newestFirst, page);
    },
    /** What was done with any of these records. */
    listAccesses: (patient_ids: readonly string[], page: PageRequest): Promise<Page<AuditEvent>> =>
      store.page(
        { patient_ids: { $in: [...patient_ids] }, action: { $in: [...recordActions] } },
        newestFirst,
        page,
      ),
  };
}

export type AuditRepository = ReturnType<typeof createAuditRepository>;
