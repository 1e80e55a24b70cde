import { expect } from 'chai';
import { driftKinds, type DriftKind } from '../../../src/domains/money/reconciliation/index.js';
import { startApi, type TestApi } from '../../support/api.js';
import { stored } from '../../support/stored.js';
import { startFixture, type Fixture } from './fixture.js';

const minute = 60_000;

describe('reconciliation: what it finds', function () {
  this.timeout(60_000);
  let api: TestApi;
  let on: Fixture;

  before(async () => {
    api = await startApi();
    on = await startFixture(api);
  });
  after(() => api.stop());

  /** For each kind that is repaired: how to make one (its id), and what it looks like when it is mended. */
  const repairable: Partial<Record<DriftKind, () => Promise<{ id: string; mended(): Promise<void> }>>> = {
    async completed_without_bill() {
      const id = await on.book();
      await on.force(id, 'completed', { ended_at: new Date('2026-03-01T10:00:00Z') });
      return {
        id,
        async mended() {
          const [bill, ...more] = await on.bills(id);
          expect(more).deep.equal([]);
          expect(bill).deep.include({ total_cost: '100.00', created_at: new Date('2026-03-01T10:00:00Z') });
        },
      };
    },
    async cancelled_not_settled() {
      const { id, transaction_id } = await on.pay();
      // By the patient, six hours before the start: half of it, by the policy.
      const at = new Date();
      const date = new Date(at.getTime() + 6 * 60 * minute);
      await on.force(id, 'cancelled', { cancellation_reason: 'pat', date, updated_at: at });
      return {
        id,
        async mended() {
          const { refunded, status } = await on.payment(transaction_id);
          expect({ refunded, status }).deep.equal({ refunded: 59, status: 'partially_refunded' });
          const [account] = await on.sql('booking_accounts').where({ appointment_id: id });
          expect(account.refund_percent).equal(50);
          await api.system.parts.outboxes.postgres.drain(50_000);
          expect((await on.visit(id)).payment).deep.include({ status: 'partially_refunded', refunded: 59 });
          await on.dropClaims(id);
        },
      };
    },
    async paid_without_visit() {
      const { id, transaction_id } = await on.pay();
      await on.forget(id);
      await on.dropClaims(id);
      return {
        id,
        async mended() {
          const { refunded, status } = await on.payment(transaction_id);
          expect({ refunded, status }).deep.equal({ refunded: 118, status: 'refunded' });
        },
      };
    },
    async payment_mark_wrong() {
      const { id } = await on.pay();
      await on.mongo('appointments').updateOne({ _id: id }, { $set: { payment: null } });
      return {
        id,
        async mended() {
          expect((await on.visit(id)).payment).deep.include({ status: 'paid', total_fee: 118, refunded: 0 });
        },
      };
    },
    async appointment_without_claim() {
      const id = await on.book();
      await on.dropClaims(id);
      return {
        id,
        async mended() {
          expect(await on.countClaims(id)).equal(3);
        },
      };
    },
    async claim_without_appointment() {
      const id = await on.book();
      await on.forget(id);
      return {
        id,
        async mended() {
          expect(await on.countClaims(id)).equal(0);
        },
      };
    },
  };

  it('BILL-5: finds nothing where nothing differs', async () => {
    const { id } = await on.pay();
    await api.make.steps(id, 'checked_in', 'completed');
    await api.make.steps((await on.pay()).id, 'cancelled');
    const report = await on.run();
    expect(report.kinds.map(({ kind }) => kind)).deep.equal([...driftKinds]);
    expect(report.kinds.filter(({ found }) => found > 0)).deep.equal([]);
    expect(report.kinds.find(({ kind }) => kind === 'completed_without_bill')!.compared).greaterThan(0);
    expect(report).deep.include({ found: 0, repaired: 0, left: 0, applied: false });
  });

  for (const kind of Object.keys(repairable) as DriftKind[]) {
    it(`BILL-5: ${kind}: is found, told without a change, repaired once, and then found no more`, async () => {
      const { id, mended } = await repairable[kind]!();
      const before = await stored(api);
      const seen = await on.look(kind);
      expect(seen).deep.include({ found: 1, repaired: 0, left: 1 });
      expect(seen.examples.map((example) => [example.id, example.repaired])).deep.equal([[id, false]]);
      expect(await stored(api)).equal(before);
      const repaired = await on.look(kind, true);
      expect(repaired).deep.include({ found: 1, repaired: 1, left: 0 });
      expect(repaired.examples.map((example) => [example.id, example.repaired])).deep.equal([[id, true]]);
      await mended();
      expect(await on.look(kind, true)).deep.include({ found: 0, left: 0 });
      await mended();
      expect((await on.run()).found).equal(0);
    });
  }

  it('BILL-5: a mark of a payment that is none is taken away', async () => {
    const id = await on.book();
    const mark = {
      transaction_id: 'T1',
      status: 'paid',
      total_fee: '118.00',
      refunded: '0.00',
      as_of: 99_999,
    };
    await on.mongo('appointments').updateOne({ _id: id }, { $set: { payment: mark } });
    expect((await on.look('payment_mark_wrong')).examples[0]!.detail).equal(
      'the visit says T1 paid, 0.00 of 118.00 refunded, the ledger no payment',
    );
    expect(await on.look('payment_mark_wrong', true)).deep.include({ found: 1, repaired: 1 });
    expect((await on.visit(id)).payment).equal(null);
  });

  it('BILL-5: what an import completed or cancelled is not ours to bill or to settle', async () => {
    const { patient_id, doctor_id, department_id, hospital_id } = await on.visit(await on.book());
    const at = new Date('2026-01-05T10:00:00Z');
    const record = (appointment_id: string, status: 'completed' | 'cancelled') => ({
      ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, date: at, status },
      ...{ ended_at: null, disease: null, disease_code: null, reason: null, version: 1 },
      ...{ history: [{ status, at, by: null }], created_at: at, updated_at: at },
    });
    const records = [record('imported-1', 'completed'), record('imported-2', 'cancelled')];
    expect(await api.system.parts.appointments.importMany(records)).deep.include({ stored: 2 });
    expect((await on.run()).found).equal(0);
  });

  it('BILL-5: goes through long lists on both sides page by page, and finds the few that differ', async () => {
    const { patient_id, doctor_id, department_id, hospital_id } = await on.visit(await on.book());
    const at = new Date('2026-01-05T10:00:00Z');
    // Ids that a collation of some language would put in another order than their bytes.
    const ids = Array.from({ length: 4_500 }, (_, n) => `${['a-', 'A.', 'a_', 'B:', 'b', 'Z'][n % 6]}${n}`);
    const place = { patient_id, doctor_id, department_id, hospital_id, disease: null, disease_code: null };
    const visits = ids.map((appointment_id) => ({
      ...{ appointment_id, ...place, date: at, status: 'completed' as const, ended_at: null, reason: null },
      ...{
        history: [{ status: 'completed' as const, at, by: 'U1' }],
        version: 1,
        created_at: at,
        updated_at: at,
      },
    }));
    const billing = ids.map((appointment_id) => ({
      ...{ id: `bill-${appointment_id}`, appointment_id, ...place, prescription_id: null },
      ...{ kind: 'consultation' as const, total_cost: '10.00' as never, created_at: at },
    }));
    const [unbilled, unseen] = [
      ['A.1', 'Z4499', 'a-0'],
      ['B:3', 'b4492'],
    ];
    await api.system.parts.appointments.importMany(visits);
    await api.system.parts.billing.importMany(
      billing.filter((row) => !unbilled.includes(row.appointment_id)),
    );
    await on.mongo('appointments').deleteMany({ _id: { $in: unseen } });
    const report = await on.run();
    const found = report.kinds.flatMap(({ kind, examples }) => examples.map(({ id }) => `${kind} ${id}`));
    expect(found.sort()).deep.equal([
      ...unseen.map((id) => `bill_without_visit ${id}`),
      ...unbilled.map((id) => `completed_without_bill ${id}`),
    ]);
    // A bill stays as it is, whatever is asked.
    const applied = await on.run({ apply: true });
    expect(applied).deep.include({ found: 5, repaired: 3, left: 2 });
    expect(applied.kinds.find(({ kind }) => kind === 'bill_without_visit')).deep.include({
      found: 2,
      left: 2,
    });
    await api.system.parts.appointments.importMany(
      visits.filter((one) => unseen.includes(one.appointment_id)),
    );
    expect((await on.run()).found).equal(0);
  });
});
