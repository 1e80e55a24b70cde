import { expect } from 'chai';
import { createTogether } from '../../src/lib/together.js';

/** A store that knows all ids but `none`, and what it was asked for. */
function createStore() {
  const asked: (readonly string[])[] = [];
  const find = createTogether((ids) => {
    asked.push(ids);
    if (ids.includes('broken')) return Promise.reject(new Error('the store is away'));
    return Promise.resolve(new Map(ids.filter((id) => id !== 'none').map((id) => [id, `value of ${id}`])));
  });
  return { asked, find };
}

describe('looking up together', () => {
  it('asks once for all who ask in one turn, and tells each of their own', async () => {
    const { asked, find } = createStore();
    const later = Promise.resolve().then(() => find('C'));
    const found = await Promise.all([find('A'), find('B'), find('A'), find('none'), later]);
    expect(found).to.eql(['value of A', 'value of B', 'value of A', undefined, 'value of C']);
    expect(asked).to.eql([['A', 'B', 'none', 'C']]);
  });

  it('remembers nothing: who asks after an answer, or after a failure, asks anew', async () => {
    const { asked, find } = createStore();
    await find('A');
    await find('A');
    const failures = await Promise.all(
      [find('B'), find('broken')].map((each) => each.catch((error: Error) => error.message)),
    );
    expect(failures).to.eql(['the store is away', 'the store is away']);
    expect(await find('B')).to.equal('value of B');
    expect(asked).to.eql([['A'], ['A'], ['B', 'broken'], ['B']]);
  });

  it('who asks while an answer is on its way gets one that was asked for later', async () => {
    const answers: (() => void)[] = [];
    const find = createTogether<number>(
      () => new Promise((resolve) => answers.push(() => resolve(new Map([['A', answers.length]])))),
    );
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const first = find('A');
    await turn();
    const second = find('A');
    await turn();
    expect(answers).to.have.length(2);
    for (const answer of answers) answer();
    expect(await Promise.all([first, second])).to.eql([2, 2]);
  });

  it('QUAL-4: asks for at most 100 at a time', async () => {
    const { asked, find } = createStore();
    const ids = Array.from({ length: 250 }, (_, i) => `${i}`);
    expect(await Promise.all(ids.map(find))).to.eql(ids.map((id) => `value of ${id}`));
    expect(asked.map(({ length }) => length)).to.eql([100, 100, 50]);
  });
});
