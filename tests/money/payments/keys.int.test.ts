import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { purgeSql } from '../../../src/databases/postgres/sql-purge.js';
import type { Answer, Ask, TestApi } from '../../support/api.js';
import { startApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { stored } from '../../support/stored.js';
import { openDesk, type Desk } from './desk.js';

/** One request that moves money, and another one under the same key. */
interface Move {
  readonly method: string;
  readonly path: string;
  readonly other: { readonly path?: string; readonly body?: object };
  readonly token: string;
  readonly body?: object;
  /** How many times it has happened. */
  effects(): Promise<number>;
}

describe('a key for each move of money', function () {
  this.timeout(60_000);
  let api: TestApi;
  let desk: Desk;
  let admin: string;
  let second: string;

  before(async () => {
    api = await startApi({ REFUND_APPROVAL_ABOVE: '100', APPROVER_HOURS: '0' });
    desk = await openDesk(api);
    admin = await api.as('admin');
    second = (await api.make.account('admin')).token;
  });

  after(async () => {
    await desk?.expectRight();
    await api?.stop();
  });

  const journals = async (appointment_id: string, kind: string): Promise<number> => {
    const { knex } = api.system.around.stores;
    const rows = await knex('ledger_entries').where({ appointment_id, kind }).distinct('journal_id');
    return rows.length;
  };

  /** A refund of all of a payment, which waits. */
  async function waiting() {
    const booking = await desk.paid();
    const { body } = await desk.refund(booking.transaction_id, { reason: 'Too dear' });
    return { ...booking, refund_id: body.refunds[0].refund_id as string };
  }

  const moves: Readonly<Record<string, () => Promise<Move>>> = {
    async 'POST /transactions/{transaction_id}'() {
      const { appointment_id } = await desk.booked();
      const path = `/transactions/${appointment_id}`;
      const other = { body: { payment_method: 'bank_transfer' } };
      return {
        method: 'POST',
        path,
        token: admin,
        other,
        effects: () => journals(appointment_id, 'payment'),
      };
    },
    ...Object.fromEntries(
      ['PUT', 'PATCH'].map((method) => [
        `${method} /transactions/{transaction_id}`,
        async (): Promise<Move> => {
          const { transaction_id, appointment_id } = await desk.paid();
          const path = `/transactions/${transaction_id}`;
          const body = { amount: 1, reason: 'Goodwill' };
          const other = { body: { amount: 2, reason: 'Goodwill' } };
          const effects = () => journals(appointment_id, 'refund');
          return { method, path, token: admin, body, other, effects };
        },
      ]),
    ),
    async 'DELETE /transactions/{transaction_id}'() {
      const { doctor_id } = await api.make.doctor({ consultation_fee: 50 });
      const { transaction_id, appointment_id } = await desk.paid({ doctor_id });
      const path = `/transactions/${transaction_id}`;
      const other = { path: `/transactions/${(await desk.paid()).transaction_id}` };
      const effects = () => journals(appointment_id, 'void');
      return { method: 'DELETE', path, token: admin, other, effects };
    },
    async 'POST /refunds/{refund_id}/approve'() {
      const { refund_id, appointment_id } = await waiting();
      const path = `/refunds/${refund_id}/approve`;
      const other = { path: `/refunds/${(await waiting()).refund_id}/approve` };
      return {
        method: 'POST',
        path,
        token: second,
        other,
        effects: () => journals(appointment_id, 'refund'),
      };
    },
    async 'POST /refunds/{refund_id}/reject'() {
      const { refund_id } = await waiting();
      const path = `/refunds/${refund_id}/reject`;
      const { knex } = api.system.around.stores;
      const effects = async () =>
        (await knex('refunds').where({ refund_id }).whereNotNull('decided_at')).length;
      return { method: 'POST', path, token: second, other: { body: { reason: 'No' } }, effects };
    },
  };

  for (const [route, make] of Object.entries(moves))
    it(`BILL-3: ${route}: 50 at once with one key are one effect and one answer; another body is a 422`, async () => {
      const { method, path, token, body, other, effects } = await make();
      const headers = { 'idempotency-key': randomUUID() };
      const send = (ask: Partial<Ask> & { path?: string } = {}): Promise<Answer> =>
        api.request(method, ask.path ?? path, { token, headers, ...(body ? { body } : {}), ...ask });
      const answers = await Promise.all(Array.from({ length: 50 }, () => send()));
      const first = answers[0]!;
      expect(first.status, JSON.stringify(first.body)).to.be.oneOf([200, 201, 204]);
      for (const answer of answers)
        expect({ status: answer.status, body: answer.body }).to.deep.equal({
          status: first.status,
          body: first.body,
        });
      const replayed = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
      expect(replayed).to.have.length(49);
      expect(await effects()).to.equal(1);

      const before = await stored(api);
      expectProblem(await send(other), 422, 'idempotency_key_reused');
      const later = await send();
      expect({ status: later.status, body: later.body }).to.deep.equal({
        status: first.status,
        body: first.body,
      });
      expect(await stored(api)).to.equal(before);
    });

  it('BILL-3: a refusal is not kept: what was refused may succeed later with the same key', async () => {
    const { doctor_id } = await api.make.doctor({ consultation_fee: 50 });
    const booking = await desk.paid({ doctor_id });
    const ask = { headers: { 'idempotency-key': randomUUID() } };
    expectProblem(await desk.pay(booking, ask), 409, 'already_paid');
    await api.delete(`/transactions/${booking.transaction_id}`, { token: admin });
    expect((await desk.pay(booking, ask)).status).to.equal(201);
  });

  it('BILL-3: the answer is the first one, whatever the booking has become since', async () => {
    const booking = await desk.booked();
    const ask = { headers: { 'idempotency-key': randomUUID() } };
    const first = await desk.pay(booking, ask);
    await api.make.steps(booking.appointment_id, 'cancelled');
    const later = await desk.pay(booking, ask);
    expect(later.status).to.equal(201);
    expect(later.body).to.deep.equal(first.body);
  });

  it('BILL-3: the same key of somebody else is another request; one that is no key is a 400', async () => {
    const booking = await desk.booked();
    const headers = { 'idempotency-key': randomUUID() };
    expect((await desk.pay(booking, { headers })).status).to.equal(201);
    expectProblem(await desk.pay({ ...booking, token: second }, { headers }), 409, 'already_paid');
    for (const key of ['', 'x'.repeat(256), 'a b'])
      expectProblem(
        await desk.pay(booking, { headers: { 'idempotency-key': key } }),
        400,
        'invalid_idempotency_key',
      );
  });

  it('BILL-3: kept answers and done hand-overs are forgotten after a week, and nothing else', async () => {
    const { knex } = api.system.around.stores;
    const booking = await desk.booked();
    const ask = { headers: { 'idempotency-key': randomUUID() } };
    await desk.pay(booking, ask);
    await knex('outbox').insert({
      ...{ entry_id: 'E-waiting', kind: 'none', payload: {}, attempts: 1 },
      ...{ created_at: new Date(0), due_at: new Date(0), applied_at: null },
    });
    await purgeSql(knex);
    expect((await desk.pay(booking, ask)).status).to.equal(201);
    await knex('idempotency_keys').update({ created_at: new Date(0) });
    await knex('outbox')
      .whereNotNull('applied_at')
      .update({ applied_at: new Date(0) });
    await purgeSql(knex);
    expect(await knex('idempotency_keys')).to.deep.equal([]);
    expect(await knex('outbox').pluck('entry_id')).to.deep.equal(['E-waiting']);
    expectProblem(await desk.pay(booking, ask), 409, 'already_paid');
  });
});
