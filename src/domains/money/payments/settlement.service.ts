import type { AppointmentCancelled, Entry } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { BillingRow, BillingService } from '../billing/index.js';
import type { LedgerRepository } from './ledger.repository.js';
import { allowanceJournal, sumOf } from './payments.amounts.js';
import { live, type Books, type Payment } from './payments.books.js';
import { policyRefund } from './payments.cancelled.js';
import type { PaymentRepository } from './payments.repository.js';
import type { RefundRepository } from './refunds.repository.js';

export interface SettlementDeps {
  readonly payments: PaymentRepository;
  readonly refunds: RefundRepository;
  readonly ledger: LedgerRepository;
  readonly books: Books;
  readonly billing: Pick<BillingService, 'consultationOf'>;
  readonly inbox: { take(entry_id: string, tx: SqlTransaction): Promise<boolean> };
  readonly outbox: { drain(): Promise<void> };
  readonly transactSql: TransactSql;
  readonly clock: Clock;
  readonly reach: ReachPoint;
}

/** What becomes of the money for a visit when it is billed, or does not take place. */
export function createSettlementService(deps: SettlementDeps) {
  const { payments, refunds, ledger, books, clock } = deps;

  /** The policy has decided about the whole payment: nobody is asked about requests that wait any more. */
  async function rejectPending({ shown }: Payment, tx: SqlTransaction): Promise<void> {
    const decision = {
      decided_by: null,
      decided_at: clock.now(),
      decision_reason: 'The booking is cancelled.',
    };
    for (const { refund_id, status } of shown.refunds)
      if (status === 'pending')
        await refunds.decide(refund_id, { ...decision, credit_note_number: null }, tx);
  }

  /** Gives what of the fee waits for a second person. */
  async function refundByPolicy(
    payment: Payment,
    cancelled: AppointmentCancelled,
    isBilled: boolean,
    tx: SqlTransaction,
  ): Promise<Money> {
    const asked = policyRefund(payment.shown, cancelled);
    return asked ? books.refund(payment, asked, isBilled, tx) : fromCents(0n);
  }

  return {
    /**
     * BOOK-6: a cancelled booking gives back what was paid for it, by the percentage of the entry,
     * and takes no payment any more. Only the first cancellation counts.
     */
    async consumeCancelled(entry: Entry<'appointment.cancelled'>): Promise<void> {
      const cancelled = entry.payload;
      const { appointment_id, patient_id, refund_percent } = cancelled;
      await deps.transactSql(async (tx) => {
        if (!(await deps.inbox.take(entry.entry_id, tx))) return;
        // The account is locked: a payment at the same moment is committed before it, and seen below, or finds it closed.
        const account = await payments.lockAccount(appointment_id, patient_id, tx);
        if (account.closed_at === null) {
          await payments.closeAccount(appointment_id, { closed_at: clock.now(), refund_percent }, tx);
          const payment = live(await books.newest(appointment_id, tx));
          const bill = await deps.billing.consultationOf(appointment_id, tx);
          const card = await payments.pendingOf(appointment_id, tx);
          if (card)
            await payments.decide(card.transaction_id, { failed_at: clock.now(), failure: 'not_needed' }, tx);
          if (payment) await rejectPending(payment, tx);
          const waiting = payment
            ? await refundByPolicy(payment, cancelled, bill !== null, tx)
            : fromCents(0n);
          const journal_id = `forfeit:${appointment_id}`;
          await books.keepRest(cancelled, { journal_id, bill_id: bill?.id ?? null, waiting }, tx);
        }
        deps.reach('appointment.cancelled', 'applying');
      });
      await deps.outbox.drain();
    },

    /**
     * For the bill of a visit, in its transaction: from here on nobody else decides about the booking's money. The fee of
     * the payment that stands, which is what is billed; null: none stands.
     */
    async lockForBill(appointment_id: string, patient_id: string, tx: SqlTransaction): Promise<Money | null> {
      await payments.lockAccount(appointment_id, patient_id, tx);
      return live(await books.newest(appointment_id, tx))?.row.fee ?? null;
    },

    /** What was refunded before of the payment that stands is not asked for again, now that the visit is billed whole. */
    async allowFor(
      { id, appointment_id, patient_id, created_at }: BillingRow,
      tx: SqlTransaction,
    ): Promise<void> {
      const payment = live(await books.newest(appointment_id!, tx));
      const refunded = payment ? sumOf(payment.entries, { kind: 'refund', account: 'receivable' }) : '0';
      if (toCents(refunded) === 0n) return;
      const about = {
        patient_id,
        appointment_id: appointment_id!,
        transaction_id: null,
        posted_at: created_at,
      };
      const journal_id = `allowance:${id}`;
      await ledger.post({ journal_id, kind: 'allowance', ...about }, allowanceJournal(refunded as Money), tx);
    },
  };
}

export type SettlementService = ReturnType<typeof createSettlementService>;
