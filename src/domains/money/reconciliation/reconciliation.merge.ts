/** What a store tells about one appointment. */
export interface Keyed {
  readonly appointment_id: string;
}

/** Records by ascending appointment_id, each id once, as many at a time as the store gives. */
type Stream<T extends Keyed> = AsyncIterable<readonly T[]>;

/** What both sides say of one appointment; undefined: nothing. */
export interface Pair<L extends Keyed, R extends Keyed> {
  readonly appointment_id: string;
  readonly left: L | undefined;
  readonly right: R | undefined;
}

/**
 * One record after the other. Throws a RangeError when the ids do not ascend (by their bytes: ids are ASCII): a merge of
 * streams in another order would call all of them different.
 */
async function* ascending<T extends Keyed>(stream: Stream<T>): AsyncGenerator<T, undefined> {
  let last = '';
  for await (const batch of stream) {
    for (const record of batch) {
      if (record.appointment_id <= last)
        throw new RangeError(`${record.appointment_id} comes after ${last} in a stream that is to ascend`);
      last = record.appointment_id;
      yield record;
    }
  }
}

/** A list of a store, page after page until one is empty: `list` gives at most `limit` records after an id. */
export async function* paged<T>(
  list: (after: string, limit: number) => Promise<readonly T[]>,
  idOf: (record: T) => string,
  limit: number,
): AsyncGenerator<readonly T[], undefined> {
  for (let after = ''; ;) {
    const page = await list(after, limit);
    if (page.length === 0) return;
    yield page;
    after = idOf(page.at(-1)!);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Brings together what two streams say of the same appointment, holding one batch of each at a time. With `keep: 'left'`
 * only what the left one names is told, and the right one is read no further than the left one goes, or not at all.
 */
export async function* mergeById<L extends Keyed, R extends Keyed>(
  left: Stream<L>,
  right: Stream<R>,
  keep: 'left' | 'all',
): AsyncGenerator<Pair<L, R>, undefined> {
  const [lefts, rights] = [ascending(left), ascending(right)];
  try {
    let l = (await lefts.next()).value;
    let r = l || keep === 'all' ? (await rights.next()).value : undefined;
    while (l || (r && keep === 'all')) {
      const order = !r ? -1 : !l ? 1 : compare(l.appointment_id, r.appointment_id);
      if (order <= 0 || keep === 'all')
        yield {
          appointment_id: (order > 0 ? r : l)!.appointment_id,
          left: order <= 0 ? l : undefined,
          right: order >= 0 ? r : undefined,
        };
      if (order <= 0) l = (await lefts.next()).value;
      if (order >= 0) r = (await rights.next()).value;
    }
  } finally {
    // Anyone who stops before the end leaves no cursor open.
    await lefts.return(undefined);
    await rights.return(undefined);
  }
}

/** `items` by so many at a time. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    if (batch.push(item) < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
