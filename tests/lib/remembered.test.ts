import { expect } from 'chai';
import { remembered } from '../../src/lib/remembered.js';

describe('remembered', () => {
  it('REP-9: asks once for the same text, again for what it has forgotten, and each time for what failed', () => {
    const asked: string[] = [];
    const upper = remembered(
      (text: string): string | undefined => {
        asked.push(text);
        if (text === 'bad') throw new Error('bad');
        return text === 'none' ? undefined : text.toUpperCase();
      },
      (text) => text,
      2,
    );
    expect([upper('a'), upper('a'), upper('none'), upper('none')]).to.deep.equal([
      'A',
      'A',
      undefined,
      undefined,
    ]);
    expect(() => upper('bad')).to.throw('bad');
    expect(() => upper('bad')).to.throw('bad');
    expect([upper('b'), upper('a')]).to.deep.equal(['B', 'A']);
    expect(asked).to.deep.equal(['a', 'none', 'bad', 'bad', 'b', 'a']);
  });
});
