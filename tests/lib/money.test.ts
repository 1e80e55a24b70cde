import { expect } from 'chai';
import fc from 'fast-check';
import { averageMoney, fromCents, money, ratio, sumMoney, toCents } from '../../src/lib/money.js';

const cents = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n });

describe('money', () => {
  it('gives back every amount of cents that it was made from', () => {
    fc.assert(fc.property(cents, (amount) => toCents(fromCents(amount)) === amount));
  });

  it('sums as BigInt does, in any order', () => {
    fc.assert(
      fc.property(fc.array(cents), (amounts) => {
        const sum = amounts.reduce((total, amount) => total + amount, 0n);
        return (
          sumMoney(amounts.map(fromCents)) === fromCents(sum) &&
          sumMoney(amounts.toReversed().map(fromCents)) === fromCents(sum)
        );
      }),
    );
  });

  it('never loses the cents that a float does', () => {
    expect(sumMoney(Array<string>(10).fill('0.10'))).equal('1.00');
    expect(sumMoney(['0.1', '0.2'])).equal('0.30');
  });

  it('reads what people and databases write', () => {
    for (const [text, amount] of Object.entries({
      '12': '12.00',
      '12.5': '12.50',
      '-0.05': '-0.05',
      '7.5000': '7.50',
    }))
      expect(money(text)).equal(amount);
    expect(money(825552)).equal('825552.00');
  });

  it('refuses what is finer than a cent, and what is not a decimal number', () => {
    for (const text of ['1.005', '1e3', '', '.5', '1,50', 'NaN', 'Infinity', ' 1', '0x10', '--1', '1.'])
      expect(() => money(text), text).to.throw(RangeError);
    expect(() => money(0.1 + 0.2)).to.throw(RangeError);
    expect(() => money(1e21)).to.throw(RangeError);
  });

  it('rounds a ratio half up, to within half of the last place', () => {
    const natural = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(cents, natural, fc.integer({ min: 0, max: 6 }), (n, d, decimals) => {
        const scale = 10n ** BigInt(decimals);
        const text = ratio(n, d, decimals);
        const units = BigInt(text.replace('.', ''));
        // |units/scale − n/d| ≤ 1/(2·scale), a tie going away from zero.
        const twice = 2n * (units * d - n * scale);
        const away = n < 0n ? -twice : twice;
        return -d < away && away <= d;
      }),
    );
    expect(ratio(1n, 8n, 2)).equal('0.13');
    expect(ratio(-1n, 8n, 2)).equal('-0.13');
    expect(ratio(-1n, 1000n, 2)).equal('0.00');
    expect(() => ratio(1n, 0n, 2)).to.throw(RangeError);
  });

  it('averages to the cent, and knows no average of nothing', () => {
    expect(averageMoney('10.00', 3)).equal('3.33');
    expect(averageMoney('0.05', 2)).equal('0.03');
    expect(averageMoney('0.00', 0)).equal(null);
  });
});
