import { expect } from 'chai';
import fc from 'fast-check';
import {
  inBatches,
  mergeById,
  type Keyed,
} from '../../../src/domains/money/reconciliation/reconciliation.merge.js';

interface Said extends Keyed {
  readonly says: string;
}

/** A store that gives its records in batches of `size`, and tells what was read of it and whether it was closed. */
function store(name: string, ids: readonly string[], size: number) {
  const seen = { read: 0, closed: false };
  async function* stream(): AsyncGenerator<Said[]> {
    try {
      for (let at = 0; at < ids.length; at += size) {
        const batch = ids.slice(at, at + size);
        seen.read += batch.length;
        yield batch.map((appointment_id) => ({ appointment_id, says: `${name} ${appointment_id}` }));
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, stream };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const idsOf = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,3}$/), { maxLength: 40 });
const size = fc.integer({ min: 1, max: 7 });
const byBytes = (ids: readonly string[]): string[] =>
  [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

describe('mergeById', () => {
  it('BILL-5: tells of every id on either side once, in order, with what each side says', async () => {
    await fc.assert(
      fc.asyncProperty(idsOf, idsOf, size, size, async (one, other, leftSize, rightSize) => {
        const left = store('left', byBytes(one), leftSize);
        const right = store('right', byBytes(other), rightSize);
        const pairs = await all(mergeById(left.stream(), right.stream(), 'all'));
        const expected = byBytes([...new Set([...one, ...other])]).map((appointment_id) => [
          appointment_id,
          one.includes(appointment_id) ? `left ${appointment_id}` : undefined,
          other.includes(appointment_id) ? `right ${appointment_id}` : undefined,
        ]);
        expect(pairs.map((pair) => [pair.appointment_id, pair.left?.says, pair.right?.says])).deep.equal(
          expected,
        );
        expect([left.seen.read, right.seen.read]).deep.equal([one.length, other.length]);
      }),
    );
  });

  it('BILL-5: told to keep the left side, it tells of that one only, and reads the right no further', async () => {
    await fc.assert(
      fc.asyncProperty(idsOf, idsOf, async (one, other) => {
        const right = store('right', byBytes(other), 1);
        const pairs = await all(mergeById(store('left', byBytes(one), 3).stream(), right.stream(), 'left'));
        expect(pairs.map(({ appointment_id }) => appointment_id)).deep.equal(byBytes(one));
        expect(pairs.filter((pair) => pair.right).map(({ appointment_id }) => appointment_id)).deep.equal(
          byBytes(one).filter((id) => other.includes(id)),
        );
        const last = byBytes(one).at(-1);
        const needed = last === undefined ? 0 : other.filter((id) => id <= last).length + 1;
        expect(right.seen.read).at.most(needed);
      }),
    );
  });

  it('BILL-5: refuses a stream that does not ascend, for it would call everything different', async () => {
    for (const ids of [
      ['b', 'a'],
      ['a', 'a'],
    ]) {
      const right = store('right', ['a', 'b'], 1);
      const merged = all(mergeById(store('left', ids, 2).stream(), right.stream(), 'all'));
      const error = await merged.catch((refused: unknown) => refused);
      expect(error).instanceOf(RangeError);
      expect(right.seen.closed).equal(true);
    }
  });

  it('BILL-5: closes both sides when its reader stops early', async () => {
    const [left, right] = [store('left', ['a', 'b', 'c'], 1), store('right', ['a', 'b', 'c'], 1)];
    for await (const pair of mergeById(left.stream(), right.stream(), 'all'))
      if (pair.appointment_id === 'b') break;
    expect([left.seen.closed, right.seen.closed]).deep.equal([true, true]);
  });
});

describe('inBatches', () => {
  it('gives every item once, in batches that are full but for the last', async () => {
    async function* items() {
      yield* [1, 2, 3, 4, 5];
    }
    expect(await all(inBatches(items(), 2))).deep.equal([[1, 2], [3, 4], [5]]);
    expect(await all(inBatches(items(), 5))).deep.equal([[1, 2, 3, 4, 5]]);
  });
});
