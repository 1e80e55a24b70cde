import { expect } from 'chai';
import { importChecked } from '../../src/lib/references.js';

interface Row {
  id: string;
  owner: string;
  visit: string | null;
}

describe('importChecked', () => {
  it('rejects what is faulty or names no record, and stores the rest', async () => {
    const asked: string[][] = [];
    const stored: Row[] = [];
    const existing = (known: string[]) => async (ids: readonly string[]) => {
      asked.push([...ids]);
      return new Set(ids.filter((id) => known.includes(id)));
    };
    const row = (id: string, owner: string, visit: string | null): Row => ({ id, owner, visit });
    const result = await importChecked(
      [row('1', 'a', 'v'), row('2', 'b', null), row('3', 'a', 'w'), row('4', 'a', null), row('5', 'a', 'v')],
      {
        idOf: ({ id }) => id,
        fault: ({ id }) => (id === '4' ? 'it is odd' : undefined),
        references: [
          { field: 'owner', existing: existing(['a']) },
          { field: 'visit', existing: existing(['v']) },
        ],
        store: async (rows) => {
          stored.push(...rows);
          return { stored: 1, unchanged: 0, rejected: [{ id: '5', reason: 'taken' }] };
        },
      },
    );
    expect(asked).to.deep.equal([
      ['a', 'b'],
      ['v', 'w'],
    ]);
    expect(stored.map(({ id }) => id)).to.deep.equal(['1', '5']);
    expect(result).to.deep.equal({
      stored: 1,
      unchanged: 0,
      rejected: [
        { id: '2', reason: 'owner names no record' },
        { id: '3', reason: 'visit names no record' },
        { id: '4', reason: 'it is odd' },
        { id: '5', reason: 'taken' },
      ],
    });
  });
});
