import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Once } from '../../../lib/idempotency.js';
import type { NewId } from '../../../lib/ids.js';
import { requireFreshCode } from '../../../lib/step-up.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import type { Page } from '../../../lib/page.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { BillingService } from '../billing/index.js';
import type { LedgerRepository } from './ledger.repository.js';
import { isAboveLimit, voidJournal } from './payments.amounts.js';
import type { Books, Payment } from './payments.books.js';
import type { AccountRow, TransactionRow } from './payments.model.js';
import { approverFault, canDecide, canRefund, type Standing } from './payments.policy.js';
import type { refundBody, refundQuery } from './payments.schema.js';
import type { Refund, Transaction } from './payments.types.js';
import { leftOf, toRefund } from './payments.views.js';
import type { RefundRepository } from './refunds.repository.js';

interface RefundsDeps {
  readonly refunds: RefundRepository;
  readonly audit: Pick<AuditService, 'doneInSql'>;
  readonly ledger: LedgerRepository;
  readonly books: Books;
  readonly billing: Pick<BillingService, 'consultationOf'>;
  readonly outbox: { drain(): Promise<void> };
  readonly transactSql: TransactSql;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reach: ReachPoint;
  /** What refunds of a payment may come to before a second admin is asked. */
  readonly approvalAbove: Money;
  /** How long somebody must have been an admin before approving. */
  readonly approverHours: number;
  standingOf(user_id: string): Promise<Standing | null>;
}

/** What a refund may come to. Throws `not_paid`, `refund_waits`, `transaction_voided`, `already_refunded`, `refund_exceeds_payment`. */
function amountOf({ shown }: Payment, asked: Money | undefined): Money {
  checkPaid(shown);
  if (shown.status === 'voided') throw new Problem('transaction_voided');
  if (shown.refunds.some(({ status, cause }) => status === 'pending' && cause === 'cancellation'))
    throw new Problem('refund_waits');
  if (shown.status === 'refunded') throw new Problem('already_refunded');
  const left = leftOf(shown);
  const amount = asked ?? fromCents(left);
  if (toCents(amount) > left || left === 0n)
    throw new Problem('refund_exceeds_payment', `At most ${fromCents(left)} can still be refunded.`, {
      more: { left: Number(fromCents(left)) },
    });
  return amount;
}

function checkPaid({ status }: Transaction): void {
  if (status === 'pending' || status === 'failed') throw new Problem('not_paid', `It is ${status}.`);
}

function checkMayRefund(actor: Actor): void {
  if (!canRefund(actor)) throw new Problem('forbidden');
}

export function createRefundsService(deps: RefundsDeps) {
  const { refunds, audit, ledger, books, billing, transactSql, clock } = deps;

  /** Whether the hospital has earned the fee: the visit is billed, or cancelled and what is left is kept. */
  const isEarned = async (
    { appointment_id, closed_at }: AccountRow,
    { bill_id }: TransactionRow,
    tx: SqlTransaction,
    cause: Refund['cause'] = 'request',
  ): Promise<boolean> =>
    bill_id !== null ||
    (closed_at !== null && cause === 'request') ||
    (await billing.consultationOf(appointment_id, tx)) !== null;

  /** BILL-7. Throws `same_person`, `new_approver`. */
  async function checkApprover(actor: Actor, refund: Refund): Promise<void> {
    const { requested_by } = refund;
    const [approver, requester] = await Promise.all([
      deps.standingOf(actor.user_id),
      requested_by === null ? null : deps.standingOf(requested_by),
    ]);
    const rule = { now: clock.now(), hours: deps.approverHours };
    const fault = approverFault(actor, refund, { approver, requester }, rule);
    if (fault) throw new Problem(fault.code, fault.detail);
  }

  async function told<T>(done: Promise<T>): Promise<T> {
    const result = await done;
    deps.reach('payment.changed', 'decided');
    await deps.outbox.drain();
    return result;
  }

  /** A refund that waits, of a payment whose account is locked. Throws `not_found`, `same_person`, `refund_decided`. */
  async function lockPending(actor: Actor, refund_id: string, tx: SqlTransaction) {
    const asked = await refunds.find(refund_id, tx);
    if (!asked) throw notFound('refund');
    // The account's lock is taken first and the refund read again below it: of two who decide, the second sees the first.
    const { payment, account } = await books.lock(asked.transaction_id, tx);
    const refund = payment.shown.refunds.find((one) => one.refund_id === refund_id)!;
    if (refund.status !== 'pending') throw new Problem('refund_decided', `It is ${refund.status}.`);
    if (!canDecide(actor, refund)) throw new Problem('same_person', 'You have asked for it yourself.');
    return { refund, payment, account };
  }

  const shownAgain = async (transaction_id: string, refund_id: string, tx: SqlTransaction): Promise<Refund> =>
    (await books.get(transaction_id, tx)).shown.refunds.find((one) => one.refund_id === refund_id)!;

  const forActors = publicDoor({
    /**
     * BILL-2: a refund of `amount`, or of all that is left. What brings the payment's refunds above the approval limit
     * waits. Throws `forbidden`, `invalid_request`, `not_found`, `transaction_voided`, `already_refunded`, `refund_exceeds_payment`.
     */
    refund(
      actor: Actor,
      transaction_id: string,
      { amount: asked, reason: said }: Infer<typeof refundBody>,
      once?: Once,
    ): Promise<Transaction> {
      checkMayRefund(actor);
      if (asked !== undefined && said === undefined)
        throw invalidField('/body/reason', 'is required with an amount');
      const reason = said ?? 'not stated';
      return told(
        transactSql(async (tx) => {
          // The account is locked: of many refunds at once each sees those before it, and none takes more than is left.
          const { payment, account } = await books.lock(transaction_id, tx);
          const amount = amountOf(payment, asked);
          if (isAboveLimit(payment.shown.refunded, amount, deps.approvalAbove))
            requireFreshCode(actor, clock.now());
          const request = { amount, reason, requested_by: actor.user_id, cause: 'request' as const };
          await books.refund(payment, request, await isEarned(account, payment.row, tx), tx);
          await audit.doneInSql(actor, [payment.row.patient_id], tx);
          deps.reach('payment.changed', 'deciding');
          return (await books.get(transaction_id, tx)).shown;
        }, once),
      );
    },

    /** Throws `forbidden`, `not_found`, `same_person`, `new_approver`, `refund_decided`. */
    approve(actor: Actor, refund_id: string, once?: Once): Promise<Refund> {
      checkMayRefund(actor);
      return told(
        transactSql(async (tx) => {
          const { refund, payment, account } = await lockPending(actor, refund_id, tx);
          await checkApprover(actor, refund);
          requireFreshCode(actor, clock.now());
          const earned = await isEarned(account, payment.row, tx, refund.cause);
          const credit_note_number = await books.give(payment, refund, earned, tx);
          const decision = { decided_by: actor.user_id, decided_at: clock.now(), decision_reason: null };
          await refunds.decide(refund_id, { ...decision, credit_note_number }, tx);
          await audit.doneInSql(actor, [payment.row.patient_id], tx);
          deps.reach('payment.changed', 'deciding');
          return shownAgain(refund.transaction_id, refund_id, tx);
        }, once),
      );
    },

    /** Throws `forbidden`, `not_found`, `same_person`, `refund_decided`. */
    reject(actor: Actor, refund_id: string, reason: string | null, once?: Once): Promise<Refund> {
      checkMayRefund(actor);
      return transactSql(async (tx) => {
        const { refund, payment, account } = await lockPending(actor, refund_id, tx);
        const decision = { decided_by: actor.user_id, decided_at: clock.now(), decision_reason: reason };
        await refunds.decide(refund_id, { ...decision, credit_note_number: null }, tx);
        if (refund.cause === 'cancellation') {
          // What was kept apart for it stays with the hospital.
          const bill = await billing.consultationOf(account.appointment_id, tx);
          const rest = { bill_id: bill?.id ?? null, waiting: fromCents(0n) };
          await books.keepRest(account, { journal_id: `forfeit:${refund_id}`, ...rest }, tx);
        }
        await audit.doneInSql(actor, [payment.row.patient_id], tx);
        return shownAgain(refund.transaction_id, refund_id, tx);
      }, once);
    },

    /** Throws `forbidden`, `not_found`, `transaction_voided`, `transaction_refunded`, `approval_needed`. */
    void(actor: Actor, transaction_id: string, once?: Once): Promise<void> {
      checkMayRefund(actor);
      return told(
        transactSql(async (tx) => {
          // The account is locked: no refund can come between what is looked at here and the reversal.
          const { payment, account } = await books.lock(transaction_id, tx);
          const { row, shown } = payment;
          checkPaid(shown);
          if (shown.status === 'voided') throw new Problem('transaction_voided');
          if (leftOf(shown) < toCents(shown.total_fee)) throw new Problem('transaction_refunded');
          if (toCents(shown.total_fee) > toCents(deps.approvalAbove))
            throw new Problem(
              'approval_needed',
              `Above ${deps.approvalAbove} it takes a refund and two admins.`,
            );
          const lines = voidJournal(row, account.closed_at !== null);
          const journal = {
            journal_id: `void:${transaction_id}`,
            kind: 'void',
            posted_at: clock.now(),
          } as const;
          await audit.doneInSql(actor, [row.patient_id], tx);
          await books.post(row, journal, lines, { change: 'voided', amount: shown.total_fee }, tx);
          deps.reach('payment.changed', 'deciding');
        }, once),
      );
    },

    /** Throws `forbidden`. */
    async listRefunds(
      actor: Actor,
      { status, limit, cursor }: Infer<typeof refundQuery>,
    ): Promise<Page<Refund>> {
      checkMayRefund(actor);
      const { items, next_cursor } = await refunds.listPage({ status }, { limit, cursor });
      const ids = items.map(({ transaction_id }) => transaction_id);
      const entries = await ledger.ofTransactions([...new Set(ids)]);
      return {
        items: items.map((row) => toRefund(row, entries.get(row.transaction_id)!)),
        next_cursor,
      };
    },
  });

  return { forActors, refundsWaiting: refunds.waiting };
}

export type RefundsService = ReturnType<typeof createRefundsService>;
