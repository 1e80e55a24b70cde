import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../src/lib/errors.js';
import { decodeCursor, encodeCursor, toPage, type Position } from '../../src/lib/page.js';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const codeOf = (cursor: string, sort = 'name'): string => {
  try {
    decodeCursor(sort, cursor);
    return 'accepted';
  } catch (error) {
    return error instanceof Problem ? error.code : String(error);
  }
};

describe('a cursor', () => {
  it('gives back the position it was made from', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((s) => s.isWellFormed() && !s.includes('\0'));
    const value = fc.oneof(
      text,
      fc.double({ noDefaultInfinity: true, noNaN: true }).filter((n) => !Object.is(n, -0)),
      fc.constant(null),
      fc.date({ min: new Date('1800-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
    );
    fc.assert(
      fc.property(value, text, (v, id) => {
        expect(decodeCursor('name', encodeCursor('name', { value: v, id }))).deep.equal({ value: v, id });
      }),
    );
  });

  it('DOCS-3: of one order is refused by another', () => {
    expect(codeOf(encodeCursor('-date', { value: null, id: 'A1' }))).equal('invalid_cursor');
  });

  it('DOCS-3: that was tampered with is refused, and no operator comes out of it', () => {
    const made = [
      { s: 'name', v: { $gt: '' }, i: 'x' },
      { s: 'name', v: ['a'], i: 'x' },
      { s: 'name', v: true, i: 'x' },
      { s: 'name', v: 'a', i: { $ne: null } },
      { s: 'name', v: 'a', i: 7 },
      { s: 'name', v: 'a' },
      { s: 'name', i: 'x' },
      { s: { $ne: 1 }, v: 'a', i: 'x' },
      { s: 'name', v: { d: 'yesterday' }, i: 'x' },
      { s: 'name', v: { d: '-271821-04-20T00:00:00.000Z' }, i: 'x' },
      { s: 'name', v: 'a\0', i: 'x' },
      { s: 'name', v: 'a', i: 'x\0' },
      { s: 'name', v: 'a', i: '\ud800' },
      null,
      'name',
      [],
    ];
    for (const cursor of made) expect(codeOf(encode(cursor)), JSON.stringify(cursor)).equal('invalid_cursor');
    expect(codeOf(Buffer.from('{"s":"name","v":1e999,"i":"x"}').toString('base64url'))).equal(
      'invalid_cursor',
    );
  });

  it('is a scalar position or a refusal, whatever was sent', () => {
    const isScalar = ({ value, id }: Position): boolean =>
      typeof id === 'string' && (value === null || value instanceof Date || typeof value !== 'object');
    const anything = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((text) => encode(JSON.parse(text))),
    );
    fc.assert(
      fc.property(anything, (cursor) => {
        const code = codeOf(cursor);
        return code === 'invalid_cursor' || (code === 'accepted' && isScalar(decodeCursor('name', cursor)));
      }),
    );
  });
});

describe('toPage', () => {
  const position = (id: string): Position => ({ value: null, id });

  it('DOCS-3: says where the next page starts only when there is one', () => {
    expect(toPage(['a', 'b'], 2, 'id', position)).deep.equal({ items: ['a', 'b'], next_cursor: null });
    expect(toPage([], 2, 'id', position)).deep.equal({ items: [], next_cursor: null });
    const { items, next_cursor } = toPage(['a', 'b', 'c'], 2, 'id', position);
    expect(items).deep.equal(['a', 'b']);
    expect(decodeCursor('id', next_cursor!).id).equal('b');
  });
});
