import type { BetweenStores, Entry, HandOvers } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import type { NewId } from '../../../lib/ids.js';
import { inBatches, mergeById, paged, type Keyed, type Pair } from './reconciliation.merge.js';
import type { Drift, DriftKind } from './reconciliation.types.js';

/** One kind of difference: how it is found and, where one store can follow the other, repaired. */
export interface DriftCheck {
  readonly kind: DriftKind;
  readonly title: string;
  /** What somebody is to do about those that are left. */
  readonly advice: string;
  /** Goes through all there is, a batch at a time, and names what seems to differ. */
  scan(since: Date): AsyncIterable<Scanned>;
  /** Reads these again, in both stores: those that still differ. What has changed after `since` is still on its way. */
  recheck(ids: readonly string[], since: Date): Promise<readonly Drift[]>;
  /** Idempotent. Throws a Problem that says why it cannot be done. */
  repair?(id: string): Promise<void>;
}

export interface Scanned {
  /** How many records this batch looked at. */
  readonly compared: number;
  readonly suspects: readonly string[];
}

/** One side of a comparison: what a store says, by appointment. */
export interface Source<T extends Keyed> {
  /** The first `limit` after this id, by ascending id. */
  list(after: string, limit: number): Promise<readonly T[]>;
  find(appointment_ids: readonly string[]): Promise<readonly T[]>;
}

/** What a side says, and when that became so, if it knows. */
export interface State extends Keyed {
  readonly changed_at?: Date;
}

/** An entry as an outbox brings it: the handler that applies those applies this once more. */
export const entryOf = <K extends BetweenStores>(
  { newId, clock }: { newId: NewId; clock: Clock },
  kind: K,
  payload: HandOvers[K],
): Entry<K> => ({
  entry_id: newId('E'),
  kind,
  payload,
  created_at: clock.now(),
});

const pageSize = 2_000;
const batchSize = 1_000;

/**
 * Compares two sources. `differs` says of a pair, in a few words, what is wrong with it; while it scans, a side may be
 * missing because its list leaves it out. A pair that is read again is none without its left side, which is read first:
 * let that be the one that cannot be right without the other.
 */
export function comparing<L extends State, R extends State>(sides: {
  readonly left: Source<L>;
  readonly right: Source<R>;
  /** `left`: only what the left side names. */
  readonly keep: 'left' | 'all';
  differs(pair: Pair<L, R>): string | undefined;
}): Pick<DriftCheck, 'scan' | 'recheck'> {
  const { left, right, keep, differs } = sides;

  /** An entry of an outbox that explains the difference is as old as the record that it was written with. */
  const isOnItsWay = ({ left: l, right: r }: Pair<L, R>, since: Date): boolean =>
    [l?.changed_at, r?.changed_at].some((at) => at !== undefined && at > since);
  const faultOf = (pair: Pair<L, R>, since: Date): string | undefined =>
    isOnItsWay(pair, since) ? undefined : differs(pair);

  return {
    async *scan(since) {
      const pairs = mergeById(
        paged(left.list, ({ appointment_id }) => appointment_id, pageSize),
        paged(right.list, ({ appointment_id }) => appointment_id, pageSize),
        keep,
      );
      for await (const batch of inBatches(pairs, batchSize)) {
        const suspects = batch.filter((pair) => faultOf(pair, since) !== undefined);
        yield { compared: batch.length, suspects: suspects.map(({ appointment_id }) => appointment_id) };
      }
    },
    async recheck(ids, since) {
      const lefts = new Map((await left.find(ids)).map((state) => [state.appointment_id, state]));
      const rights = new Map((await right.find(ids)).map((state) => [state.appointment_id, state]));
      return ids.flatMap((id) => {
        const pair = { appointment_id: id, left: lefts.get(id), right: rights.get(id) };
        const detail = pair.left && faultOf(pair, since);
        return detail === undefined ? [] : [{ id, detail }];
      });
    },
  };
}
