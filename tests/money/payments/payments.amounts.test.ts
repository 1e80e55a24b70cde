import { expect } from 'chai';
import fc from 'fast-check';
import {
  allowanceJournal,
  forfeitJournal,
  isLive,
  paymentJournal,
  percentOf,
  priceOf,
  refundJournal,
  splitRefund,
  stateOf,
  voidJournal,
} from '../../../src/domains/money/payments/payments.amounts.js';
import type {
  JournalKind,
  JournalLine,
  LedgerEntry,
} from '../../../src/domains/money/payments/payments.types.js';
import { fromCents, money, toCents, type Money } from '../../../src/lib/money.js';

const cents = (most: number) => fc.integer({ min: 1, max: most }).map((n) => BigInt(n));
const fees = cents(500_000_00).map(fromCents);
const rates = fc.option(
  fc.integer({ min: 0, max: 100_00 }).map((n) => fromCents(BigInt(n))),
  { nil: null },
);
const sumOf = (lines: readonly { amount: Money }[]): bigint =>
  lines.reduce((sum, { amount }) => sum + toCents(amount), 0n);

/** A payment and the refunds that take all of it, one after the other. */
const histories = fc
  .tuple(fees, rates, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }))
  .map(([fee, rate, shares]) => {
    const price = priceOf(fee, rate);
    const amounts: bigint[] = [];
    let left = toCents(price.total_fee);
    for (const share of shares) {
      const amount = (left * BigInt(Math.floor(share * 1000))) / 1000n;
      if (amount > 0n) amounts.push(amount);
      left -= amount;
    }
    return { price, amounts: left > 0n ? [...amounts, left] : amounts };
  });

const entriesOf = (journals: readonly (readonly [JournalKind, readonly JournalLine[]])[]): LedgerEntry[] =>
  journals.flatMap(([kind, lines], at) =>
    lines.map((line, n) => ({
      ...line,
      entry_number: at * 10 + n + 1,
      journal_id: `J${at}`,
      kind,
      transaction_id: 'T1',
      posted_at: new Date(at),
    })),
  );

describe('the amounts of payments', () => {
  it('BILL-2: the tax is rounded half up to the cent; an exempt item has none', () => {
    for (const [fee, rate, gst, total] of [
      ['100.00', '18.00', '18.00', '118.00'],
      ['80.10', '18.00', '14.42', '94.52'],
      ['0.25', '18.00', '0.05', '0.30'],
      // 0.125 and 0.1249…
      ['2.50', '5.00', '0.13', '2.63'],
      ['2.49', '5.00', '0.12', '2.61'],
      ['0.01', '49.99', '0.00', '0.01'],
      ['0.01', '50.00', '0.01', '0.02'],
      ['100.00', '0.00', '0.00', '100.00'],
      ['9999999.99', '12.34', '1234000.00', '11233999.99'],
    ] as const)
      expect(priceOf(money(fee), rate), `${fee} at ${rate}`).to.deep.equal({
        fee,
        gst_rate: rate,
        gst,
        total_fee: total,
      });
    expect(priceOf(money('100'), null)).to.deep.equal({
      fee: '100.00',
      gst_rate: null,
      gst: '0.00',
      total_fee: '100.00',
    });
  });

  it('BILL-2: fee and tax add up to the total, and the tax is off by half a cent at the most', () => {
    fc.assert(
      fc.property(fees, rates, (fee, rate) => {
        const { gst, total_fee } = priceOf(fee, rate);
        expect(toCents(fee) + toCents(gst)).to.equal(toCents(total_fee));
        const off = toCents(gst) * 10_000n - toCents(fee) * toCents(rate ?? '0');
        expect(off > -5000n && off <= 5000n).to.equal(true);
      }),
    );
  });

  it('BILL-2: refunds of all of a payment give back its fee and its tax to the cent, however they were cut', () => {
    fc.assert(
      fc.property(histories, ({ price, amounts }) => {
        let [before, fee, gst] = [0n, 0n, 0n];
        for (const amount of amounts) {
          const part = splitRefund(price, fromCents(before), fromCents(amount));
          expect(toCents(part.fee) + toCents(part.gst)).to.equal(amount);
          expect(toCents(part.fee) >= 0n && toCents(part.gst) >= 0n).to.equal(true);
          before += amount;
          fee += toCents(part.fee);
          gst += toCents(part.gst);
        }
        expect([fee, gst]).to.deep.equal([toCents(price.fee), toCents(price.gst)]);
      }),
    );
  });

  it('BILL-4: every journal balances, and has no line of nothing', () => {
    fc.assert(
      fc.property(histories, fc.boolean(), fc.boolean(), ({ price, amounts }, isEarned, isClosed) => {
        let before = 0n;
        const refunds = amounts.map((amount) => {
          const part = splitRefund(price, fromCents(before), fromCents(amount));
          before += amount;
          return refundJournal(part, isEarned);
        });
        const journals = [
          paymentJournal(price),
          voidJournal(price, isClosed),
          allowanceJournal(price.fee),
          forfeitJournal(price.fee),
          ...refunds,
        ];
        for (const lines of journals) {
          expect(sumOf(lines)).to.equal(0n);
          expect(lines.every(({ amount }) => toCents(amount) !== 0n)).to.equal(true);
        }
      }),
    );
  });

  it('BILL-4: a journal that does not balance is not made', () => {
    const wrong = { fee: money('1'), gst: money('1'), gst_rate: '10.00', total_fee: money('3') };
    expect(() => paymentJournal(wrong)).to.throw(RangeError, /does not balance: 1.00/);
  });

  it('BILL-4: payment and refunds of all of it leave no account changed, before the bill; a void too', () => {
    fc.assert(
      fc.property(histories, ({ price, amounts }) => {
        let before = 0n;
        const back = amounts.flatMap((amount) => {
          const part = splitRefund(price, fromCents(before), fromCents(amount));
          before += amount;
          return refundJournal(part, false);
        });
        for (const reversal of [back, voidJournal(price, false)])
          for (const account of ['cash', 'receivable', 'gst_payable'])
            expect(
              sumOf([...paymentJournal(price), ...reversal].filter((line) => line.account === account)),
            ).to.equal(0n);
      }),
    );
  });

  it('BILL-2: the status is read from the ledger', () => {
    const price = priceOf(money('100'), '18.00');
    const refund = (before: string, amount: string): [JournalKind, JournalLine[]] => [
      'refund',
      refundJournal(splitRefund(price, money(before), money(amount)), false),
    ];
    const paid: [JournalKind, JournalLine[]] = ['payment', paymentJournal(price)];
    const state = (...journals: [JournalKind, JournalLine[]][]) =>
      stateOf(price.total_fee, entriesOf([paid, ...journals]));
    expect(state()).to.deep.equal({ status: 'paid', refunded: '0.00', voided_at: null, as_of: 3 });
    expect(state(refund('0', '18'))).to.deep.include({ status: 'partially_refunded', refunded: '18.00' });
    expect(state(refund('0', '18'), refund('18', '100'))).to.deep.equal({
      status: 'refunded',
      refunded: '118.00',
      voided_at: null,
      as_of: 23,
    });
    expect(state(['void', voidJournal(price, false)])).to.deep.include({
      status: 'voided',
      refunded: '0.00',
      voided_at: new Date(1),
    });
    expect(
      (['paid', 'partially_refunded', 'refunded', 'voided'] as const).map((status) => isLive({ status })),
    ).to.deep.equal([true, true, false, false]);
  });

  it('BOOK-6: a percentage of a payment is rounded half up to the cent', () => {
    for (const [amount, percent, part] of [
      ['118.00', 50, '59.00'],
      ['0.01', 50, '0.01'],
      ['0.01', 49, '0.00'],
      ['94.53', 50, '47.27'],
      ['94.53', 100, '94.53'],
      ['94.53', 0, '0.00'],
    ] as const)
      expect(percentOf(money(amount), percent), `${percent} % of ${amount}`).to.equal(part);
  });
});
