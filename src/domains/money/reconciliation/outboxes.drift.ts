import type { Clock } from '../../../lib/clock.js';
import { isBetweenStores } from '../../../contracts/hand-overs.js';
import { paged } from './reconciliation.merge.js';
import type { DriftCheck } from './reconciliation.check.js';

/** An entry of an outbox that is not applied yet. */
interface WaitingEntry {
  readonly entry_id: string;
  readonly kind: string;
  readonly created_at: Date;
  readonly attempts: number;
}

/** What of an outbox is looked at. */
export interface WatchedOutbox {
  /** The store that it is in. */
  readonly store: 'mongodb' | 'postgres';
  listWaiting(after: string, limit: number): Promise<readonly WaitingEntry[]>;
  findWaiting(entry_ids: readonly string[]): Promise<readonly WaitingEntry[]>;
  applyNow(entry_id: string): Promise<void>;
}

const patienceMs = 5 * 60_000;
const patienceTries = 10;
const pageSize = 1_000;

/** A hand-over that a relay should have applied long ago. Its id is told as `mongodb E01…`. */
export function outboxStuck({
  outboxes,
  clock,
}: {
  readonly outboxes: readonly WatchedOutbox[];
  readonly clock: Clock;
}): DriftCheck {
  const isStuck = ({ created_at, attempts }: WaitingEntry): boolean =>
    attempts > patienceTries || created_at.getTime() < clock.now().getTime() - patienceMs;
  const idOf = ({ store }: WatchedOutbox, { entry_id }: WaitingEntry): string => `${store} ${entry_id}`;
  const entriesOf = ({ store }: WatchedOutbox, ids: readonly string[]): string[] =>
    ids.filter((id) => id.startsWith(`${store} `)).map((id) => id.slice(store.length + 1));

  return {
    kind: 'outbox_stuck',
    title: 'what one store announced and the other did not take',
    advice: 'The log says why its handler fails (entry_id): mend that, and it is applied by itself.',
    async *scan() {
      for (const outbox of outboxes) {
        for await (const page of paged(outbox.listWaiting, ({ entry_id }) => entry_id, pageSize)) {
          const entries = page.filter(({ kind }) => isBetweenStores(kind));
          yield {
            compared: entries.length,
            suspects: entries.filter(isStuck).map((entry) => idOf(outbox, entry)),
          };
        }
      }
    },
    async recheck(ids) {
      const found = outboxes.map(async (outbox) => {
        const waiting = await outbox.findWaiting(entriesOf(outbox, ids));
        return waiting.filter(isStuck).map((entry) => ({
          id: idOf(outbox, entry),
          detail: `${entry.kind} of ${entry.created_at.toISOString()}, tried ${entry.attempts} times`,
        }));
      });
      return (await Promise.all(found)).flat();
    },
    async repair(id) {
      for (const outbox of outboxes)
        for (const entry_id of entriesOf(outbox, [id])) await outbox.applyNow(entry_id);
    },
  };
}
