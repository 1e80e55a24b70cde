import { expect } from 'chai';
import fc from 'fast-check';
import { eitherText, valuesIn } from '../../src/lib/either-of.js';
import { eitherOf, id, term } from '../../src/lib/fields.js';

describe('several values in one text', () => {
  it('REP-13: are what was written, each once, whatever the order, commas and backslashes in them', () => {
    const value = fc.string({ unit: fc.constantFrom('a', 'B', ',', '\\', ' ', 'é'), minLength: 1 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const text = eitherText(values)!;
        expect(valuesIn(text)).to.deep.equal([...new Set(values)].sort());
        expect(eitherText([...values, ...values.toReversed()])).to.equal(text);
        expect(eitherText(valuesIn(text))).to.equal(text);
      }),
    );
  });

  it('REP-13: a comma and a backslash are escaped; any other backslash stands for itself', () => {
    expect(valuesIn('North\\, East,South')).to.deep.equal(['North, East', 'South']);
    expect(valuesIn('a\\b')).to.deep.equal(['a\\b']);
    expect(valuesIn('a\\\\,b')).to.deep.equal(['a\\', 'b']);
    expect([valuesIn(undefined), eitherText([])]).to.deep.equal([[], undefined]);
  });

  describe('as a field', () => {
    const ids = eitherOf(id());

    it('REP-13: becomes the same text for the same values', () => {
      for (const text of ['H2,H1', 'H1,H2', 'H2,H1,H2'])
        expect(ids.validate(text)).to.deep.equal({ value: 'H1,H2' });
      expect(ids.validate('H1')).to.deep.equal({ value: 'H1' });
    });

    it('REP-13: takes 50 values, and no 51st; the same 400 times is one', () => {
      const many = (count: number): string => Array.from({ length: count }, (_, n) => `H${n}`).join();
      expect(ids.validate(many(50)).error).to.equal(undefined);
      for (const count of [51, 400])
        expect(ids.validate(many(count)).error?.details[0]?.context?.['error']).to.include({
          message: 'takes 50 values at the most',
        });
      expect(ids.validate(Array(400).fill('H1').join()).value).to.equal('H1');
    });

    it('REP-13: each is held to what one is held to', () => {
      for (const [text, type] of [
        ['H 1', 'string.pattern.name'],
        ['H1,H 2', 'string.pattern.name'],
        ['H1,', 'string.empty'],
        [',', 'string.empty'],
        ['', 'string.empty'],
      ] as const)
        expect(ids.validate(text).error?.details[0]?.type, text).to.equal(type);
      expect(eitherOf(term(5)).validate('North,West').error).to.equal(undefined);
      expect(eitherOf(term(5)).validate('North,Western').error?.details[0]?.type).to.equal('string.max');
    });
  });
});
