import { expect } from 'chai';
import type {
  Appointment,
  ImportedAppointment,
} from '../../../src/domains/clinical/appointments/appointments.types.js';
import type { PastPayment } from '../../../src/domains/money/payments/payments.past.types.js';
import type { Money } from '../../../src/lib/money.js';
import { startApi, type TestApi } from '../../support/api.js';
import { expectProblem } from '../../support/people.js';
import { openDesk, type Booked, type Desk } from './desk.js';

const hour = 3_600_000;

describe('payments of the past', () => {
  let api: TestApi;
  let desk: Desk;
  let admin: string;

  before(async () => {
    api = await startApi({
      ...{ REFUND_APPROVAL_ABOVE: '100', REFUND_POLICY: '24:100,4:50', APPROVER_HOURS: '0' },
    });
    desk = await openDesk(api);
    admin = await api.as('admin');
    ({ payments, appointments } = api.system.parts);
  });
  after(async () => {
    await desk?.expectRight();
    const drift = await api.system.parts.reconciliation.run({ apply: false, graceMs: 0 });
    // Those from elsewhere have no slot.
    const left = drift!.kinds.filter((one) => one.left > 0 && one.kind !== 'appointment_without_claim');
    expect(left).to.deep.equal([]);
    await api?.stop();
  });

  let payments: TestApi['system']['parts']['payments'];
  let appointments: TestApi['system']['parts']['appointments'];
  let made = 0;

  /** A visit from elsewhere like this one, and what was paid for it an hour after it was booked. */
  async function likeness(
    booking: Booked,
    change: Partial<ImportedAppointment> = {},
  ): Promise<{ visit: ImportedAppointment; past: PastPayment }> {
    const visit: ImportedAppointment = {
      ...((await appointments.find(booking.appointment_id)) as Appointment),
      ...{ appointment_id: `A-past-${++made}`, ...change },
    };
    const { slot_end: _, consultation_fee: _fee, payment: _payment, ...elsewhere } = visit as Appointment;
    expect((await appointments.importMany([elsewhere])).stored).to.equal(1);
    const { appointment_id, patient_id, doctor_id, department_id, hospital_id, date } = visit;
    const paid_at = new Date(Date.now() - hour);
    return {
      visit,
      past: {
        ...{
          bill_id: null,
          fee: '100.00' as Money,
          specialty: 'General Practice',
          refunds: [],
          cancelled: null,
        },
        snapshot: {
          ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, visit_date: date },
          ...{ patient_name: 'Pat', doctor_name: 'Doc', department_name: 'Dep', hospital_name: 'Hos' },
          ...{ hospital_address: null, time_zone: 'UTC' },
        },
        tries: [
          {
            ...{ transaction_id: `T-past-${made}`, payment_method: 'cash', provider: null, paid_by: 'U1' },
            ...{ created_at: paid_at, paid_at, failed_at: null, failure: null },
          },
        ],
      },
    };
  }

  const shown = async (transaction_id: string) =>
    (await api.get(`/transactions/${transaction_id}`, { token: admin })).body;
  const without = (mark: unknown) => ({ ...(mark as object), transaction_id: '', as_of: 0 });

  for (const [hours, reason] of [
    [30, 'pat'],
    [5, 'pat-fb'],
    [1, 'pat'],
    [1, 'prov'],
  ] as const)
    it(`BOOK-6: a booking that was called off ${hours} h before (${reason}) is booked as one that was called off here`, async () => {
      const booking = await desk.paid();
      await desk.cancel(booking, { hours, reason });
      const { visit, past } = await likeness(booking);
      const news = appointments.newsOfAbsence(visit);
      expect(await payments.importMany([{ ...past, cancelled: news }])).to.include({ stored: 1 });
      const id = visit.appointment_id;
      expect(await desk.lines(id)).to.deep.equal(await desk.lines(booking.appointment_id));
      expect(without(await desk.mark(id))).to.deep.equal(without(await desk.mark(booking.appointment_id)));
      const [here, there] = [await shown(booking.transaction_id), await shown(past.tries[0]!.transaction_id)];
      const told = ({ status, refunded, total_fee, refunds }: typeof here) => ({
        ...{ status, refunded, total_fee },
        refunds: refunds.map(({ amount, reason: why, status: of, cause }: never) => ({
          amount,
          why,
          of,
          cause,
        })),
      });
      expect(told(there)).to.deep.equal(told(here));
      const accounts = await api.system.around.stores
        .knex('booking_accounts')
        .whereIn('appointment_id', [id, booking.appointment_id])
        .distinct('refund_percent');
      expect(accounts).to.have.length(1);
      expectProblem(await desk.pay({ ...booking, appointment_id: id }), 409, 'booking_not_payable');
    });

  it('BILL-2: a visit that was missed keeps what was paid; one that was paid says so, at its time', async () => {
    const booking = await desk.paid();
    const date = new Date(Date.now() - 2 * hour);
    const step = { status: 'no_show', at: new Date(date.getTime() + hour / 4), by: null } as const;
    const missed = await likeness(booking, { status: 'no_show', date, history: [step] });
    await payments.importMany([{ ...missed.past, cancelled: appointments.newsOfAbsence(missed.visit) }]);
    expect(await desk.balances(missed.visit.appointment_id)).to.deep.equal({
      ...{ cash: '118.00', gst_payable: '-18.00', cancellation_fees: '-100.00' },
    });
    const { visit, past } = await likeness(booking);
    await payments.importMany([past]);
    expect(await desk.lines(visit.appointment_id)).to.deep.equal(await desk.lines(booking.appointment_id));
    expect(await shown(past.tries[0]!.transaction_id)).to.deep.include({
      ...{ status: 'paid', total_fee: 118, paid_at: past.tries[0]!.paid_at!.toISOString() },
    });
    expectProblem(await desk.pay({ ...booking, appointment_id: visit.appointment_id }), 409, 'already_paid');
  });

  it('BILL-7: a refund above the limit waits, and is approved here; one that was decided then is posted or not', async () => {
    const booking = await desk.paid();
    const refund = { refund_id: '', percent: 100, reason: 'Goodwill', requested_by: 'U-then' };
    const requested_at = new Date(Date.now() - hour / 2);
    const by = { by: 'U-other', at: new Date() };
    const states: string[] = [];
    for (const decision of [null, { ...by, isApproved: true }, { ...by, isApproved: false }]) {
      const { past } = await likeness(booking);
      const refund_id = `RF-past-${made}`;
      await payments.importMany([{ ...past, refunds: [{ ...refund, refund_id, requested_at, decision }] }]);
      const { transaction_id } = past.tries[0]!;
      states.push((await shown(transaction_id)).refunds[0].status);
      if (decision) continue;
      expect((await api.post(`/refunds/${refund_id}/approve`, { token: admin })).body.status).to.equal(
        'posted',
      );
      expect((await shown(transaction_id)).status).to.equal('refunded');
    }
    expect(states).to.deep.equal(['pending', 'posted', 'rejected']);
  });

  it('BILL-7: a card that was declined and one that waits are not in the ledger', async () => {
    const { past, visit } = await likeness(await desk.paid());
    const [paid] = past.tries;
    const card = { ...paid!, payment_method: 'card', provider: 'demo', paid_at: null } as const;
    const declined = { ...card, transaction_id: `${paid!.transaction_id}-0`, failed_at: new Date() };
    const tries = [{ ...declined, failure: 'declined' as const }, card];
    expect((await payments.importMany([{ ...past, tries }])).stored).to.equal(1);
    expect((await shown(declined.transaction_id)).status).to.equal('failed');
    expect((await shown(card.transaction_id)).status).to.equal('pending');
    expect(await desk.lines(visit.appointment_id)).to.deep.equal([]);
    expect(await desk.mark(visit.appointment_id)).to.equal(undefined);
    const wrong = await payments.importMany([{ ...past, tries: [card, ...past.tries] }]);
    expect(wrong.rejected.map(({ reason }) => reason)).to.deep.equal([
      'a try follows one that has not failed',
    ]);
  });

  it('DBA-7: twice or at the same moment it is stored once, and its numbers have no gaps', async () => {
    const booking = await desk.paid();
    const all = [await likeness(booking), await likeness(booking), await likeness(booking)];
    const records = all.map(({ past }) => past);
    const twice = await Promise.all([payments.importMany(records), payments.importMany(records)]);
    expect(twice.reduce((sum, { stored }) => sum + stored, 0)).to.equal(3);
    expect(await payments.importMany(records)).to.deep.equal({ stored: 0, unchanged: 3, rejected: [] });
    await desk.expectRight();
  });

  it('BILL-5: a process that died before the marks is made up for by the next', async () => {
    const { past, visit } = await likeness(await desk.paid());
    await payments.importMany([past]);
    const mark = await desk.mark(visit.appointment_id);
    const { connection } = api.system.around.stores;
    const unmarked = { $unset: { payment: 1 } } as never;
    await connection.collection('appointments').updateOne({ _id: visit.appointment_id as never }, unmarked);
    expect((await payments.importMany([past])).unchanged).to.equal(1);
    expect(await desk.mark(visit.appointment_id)).to.deep.equal(mark);
  });

  it('BILL-2: what was decided here stays; a booking that nobody knows is refused alone', async () => {
    const booking = await desk.paid();
    const { past } = await likeness(booking);
    const { appointment_id } = booking;
    const here = { ...past, snapshot: { ...past.snapshot, appointment_id } };
    const unknown = { ...past, snapshot: { ...past.snapshot, appointment_id: 'A-nobody' } };
    const done = await payments.importMany([here, unknown, past]);
    expect(done).to.deep.equal({
      ...{ stored: 1, unchanged: 1 },
      rejected: [{ id: 'A-nobody', reason: 'appointment_id names no record' }],
    });
    expect((await desk.lines(appointment_id, 'payment')).length).to.equal(3);
  });
});
