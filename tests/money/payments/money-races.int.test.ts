import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { openDesk, type Desk } from './desk.js';

/* BILL-2, BILL-4, BILL-6 while many do it at once. Each invariant is looked at in the store, not only in the answers. */

describe('money under concurrency', function () {
  this.timeout(60_000);
  let api: TestApi;
  let desk: Desk;
  let admin: string;

  before(async () => {
    api = await startApi({ REFUND_APPROVAL_ABOVE: '100000' });
    desk = await openDesk(api);
    admin = await api.as('admin');
  });

  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });

  const codesOf = (answers: readonly Answer[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { status, body } of answers) {
      const what = `${status} ${(body as { code?: string }).code ?? ''}`.trim();
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  };

  it('BILL-2: of many who pay one booking at once, one does', async () => {
    const booking = await desk.booked();
    const tokens = Array.from({ length: 10 }, (_, n) => (n % 2 ? booking.token : admin));
    const answers = await Promise.all(tokens.map((token) => desk.pay({ ...booking, token })));
    expect(codesOf(answers)).to.deep.equal({ '201': 1, '409 already_paid': 9 });
    expect(await desk.lines(booking.appointment_id, 'payment')).to.have.length(3);
  });

  it('R9: 60 partial refunds at once never take more than was paid', async () => {
    const { transaction_id, appointment_id } = await desk.paid();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => desk.refund(transaction_id, { amount: 2.95, reason: 'A bit' })),
    );
    // 118.00 is 40 times 2.95.
    const codes = codesOf(answers);
    expect(codes['200']).to.equal(40);
    expect((codes['409 already_refunded'] ?? 0) + (codes['409 refund_exceeds_payment'] ?? 0)).to.equal(20);
    expect(await desk.balances(appointment_id)).to.deep.equal({});
    const { body } = await api.get(`/transactions/${transaction_id}`, { token: admin });
    expect(body).to.deep.include({ status: 'refunded', refunded: 118 });
    await api.system.parts.outboxes.postgres.drain(50_000);
    expect(await desk.mark(appointment_id)).to.deep.include({ status: 'refunded', refunded: '118.00' });
  });

  it('BILL-2: refund or void at once: one of the two, never both', async () => {
    for (let round = 0; round < 3; round++) {
      const { transaction_id, appointment_id } = await desk.paid();
      const [refunded, voided] = await Promise.all([
        desk.refund(transaction_id, { reason: 'x' }),
        api.delete(`/transactions/${transaction_id}`, { token: admin }),
      ]);
      expect([refunded.status, voided.status].toSorted()).to.be.deep.oneOf([
        [200, 409],
        [204, 409],
      ]);
      expect(await desk.balances(appointment_id)).to.deep.equal({});
    }
  });

  it('BILL-5, BOOK-6: paid and cancelled at the same moment, in whatever order: what was paid goes back', async () => {
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 6; round++) {
      const booking = await desk.booked();
      const cancel = () =>
        api.patch(`/appointments/${booking.appointment_id}`, {
          token: admin,
          body: { status: 'cancelled', cancellation_reason: 'oth-err' },
        });
      const [paid, cancelled] = await Promise.all(
        round % 2 ? [desk.pay(booking), cancel()] : [cancel(), desk.pay(booking)].toReversed(),
      );
      expect(cancelled!.status).to.equal(200);
      if (paid!.status !== 201) expect(paid!.body.code).to.equal('booking_not_payable');
      const outcome = paid!.status === 201 ? 'paid and refunded' : 'refused';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      await api.system.parts.outboxes.mongodb.drain(50_000);
      await api.system.parts.outboxes.postgres.drain(50_000);
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({});
      const mark = (await desk.mark(booking.appointment_id)) as { status: string } | null;
      expect(mark?.status).to.equal(paid!.status === 201 ? 'refunded' : undefined);
    }
    expect(Object.values(outcomes).reduce((sum, n) => sum + n)).to.equal(6);
  });

  it('BILL-5: paid and completed at the same moment: billed once, and nothing is owed', async () => {
    for (let round = 0; round < 3; round++) {
      const booking = await desk.booked();
      await api.make.steps(booking.appointment_id, 'checked_in');
      const [paid] = await Promise.all([
        desk.pay(booking),
        api.make.steps(booking.appointment_id, 'completed'),
      ]);
      expect(paid.status, JSON.stringify(paid.body)).to.equal(201);
      await api.system.parts.outboxes.mongodb.drain(50_000);
      expect(await desk.balances(booking.appointment_id)).to.deep.equal({
        ...{ cash: '118.00', gst_payable: '-18.00', revenue: '-100.00' },
      });
    }
  });

  it('BILL-6: numbers have no gaps, whatever fails and however many pay at once', async () => {
    const { knex } = api.system.around.stores;
    const bookings = await Promise.all(Array.from({ length: 12 }, () => desk.booked()));
    // Each three times: two of them fail, some after they have waited for the account.
    const answers = await Promise.all([...bookings, ...bookings, ...bookings].map((one) => desk.pay(one)));
    expect(codesOf(answers)).to.deep.equal({ '201': 12, '409 already_paid': 24 });
    // A transaction that has taken its numbers, and fails after.
    const failed = await knex
      .transaction(async (trx) => {
        await trx('number_series').increment('last', 1);
        throw new Error('no');
      })
      .catch((error: Error) => error.message);
    expect(failed).to.equal('no');
    const next = await desk.paid();
    for (const [series, column] of [
      ['invoice', 'invoice_number'],
      ['receipt', 'receipt_number'],
    ] as const) {
      const numbers = await knex('transactions').orderBy(column).pluck<string[]>(column);
      expect(numbers).to.deep.equal(numbers.map((_, index) => `${index + 1}`));
      expect((await knex('number_series').where({ series }).first<{ last: string }>()).last).to.equal(
        numbers.at(-1),
      );
      expect(next.transaction[column]).to.match(new RegExp(`-0*${numbers.at(-1)}$`));
    }
  });
});
