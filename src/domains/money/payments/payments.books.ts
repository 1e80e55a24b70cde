import type { Announce, PaymentChanged } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import type { JournalLine, LedgerEntry, Transaction } from './payments.types.js';
import type { LedgerRepository } from './ledger.repository.js';
import {
  forfeitJournal,
  isAboveLimit,
  isLive,
  paymentJournal,
  refundJournal,
  splitRefund,
} from './payments.amounts.js';
import type { AccountRow, RefundRow, TransactionRow } from './payments.model.js';
import type { PaymentRepository } from './payments.repository.js';
import { toMark, toTransaction } from './payments.views.js';
import type { RefundRepository } from './refunds.repository.js';

/** A payment: its row, and what the API shows of it. */
export interface Payment {
  readonly row: TransactionRow;
  readonly shown: Transaction;
  readonly entries: readonly LedgerEntry[];
}

export interface BooksDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly payments: PaymentRepository;
  readonly refunds: RefundRepository;
  readonly ledger: LedgerRepository;
  readonly outbox: Announce<SqlTransaction>;
  /** What of a payment may leave before a second person is asked. */
  readonly approvalAbove: Money;
}

/** What the services of money share: payments read with what the ledger says of them, and posted with the news of it. */
export function createBooks(deps: BooksDeps) {
  const { payments, refunds, ledger, outbox, clock, newId } = deps;

  /** Outside of a transaction in a snapshot: refunds and the ledger are those of one moment. */
  async function read(rows: readonly TransactionRow[], tx?: SqlTransaction): Promise<Payment[]> {
    if (!tx) return payments.inSnapshot((snapshot) => read(rows, snapshot));
    const ids = rows.map(({ transaction_id }) => transaction_id);
    const entriesOf = await ledger.ofTransactions(ids, tx);
    const asked = await refunds.ofTransactions(ids, tx);
    return rows.map((row) => {
      const entries = entriesOf.get(row.transaction_id)!;
      const own = asked.filter(({ transaction_id }) => transaction_id === row.transaction_id);
      return { row, shown: toTransaction(row, own, entries), entries };
    });
  }

  /** Posts what changes a payment, and leaves the news of it for MongoDB. */
  async function post(
    row: TransactionRow,
    journal: { journal_id: string; kind: 'payment' | 'refund' | 'void'; posted_at: Date },
    lines: readonly JournalLine[],
    change: { readonly change: PaymentChanged['change']; readonly amount: Money },
    tx: SqlTransaction,
  ): Promise<LedgerEntry[]> {
    const { transaction_id, appointment_id, patient_id, currency } = row;
    await ledger.post({ ...journal, transaction_id, appointment_id, patient_id }, lines, tx);
    const entries = (await ledger.ofTransactions([transaction_id], tx)).get(transaction_id)!;
    // A visit says what became of its booking's money; a bill has no mark.
    if (row.bill_id !== null || appointment_id === null) return entries;
    const news: PaymentChanged = { appointment_id, patient_id, currency, ...change, ...toMark(row, entries) };
    await outbox.add('payment.changed', news, tx);
    return entries;
  }

  /**
   * Gives money back. Returns the number of the credit note, which is taken last: all refunds meet at that row.
   * `isEarned`: the visit is billed, or it is cancelled and what was left is kept.
   */
  async function give(
    { row, shown }: Payment,
    { refund_id, amount }: Pick<RefundRow, 'refund_id' | 'amount'>,
    isEarned: boolean,
    tx: SqlTransaction,
  ): Promise<string> {
    const lines = refundJournal(splitRefund(row, shown.refunded, amount), isEarned);
    const journal = { journal_id: refund_id, kind: 'refund', posted_at: clock.now() } as const;
    await post(row, journal, lines, { change: 'refunded', amount }, tx);
    return payments.nextNumber('credit_note', tx);
  }

  return {
    read,
    post,
    give,

    /** Money has come in: it is posted and numbered; the row is new, or was pending until now. */
    async receive(pending: TransactionRow, isThere: boolean, tx: SqlTransaction): Promise<Payment> {
      const { transaction_id, account_id, total_fee } = pending;
      const attempt = ((await payments.newestOf([account_id], tx))[0]?.attempt ?? 0) + 1;
      // Cash is there when its payment is.
      const paid_at = isThere ? clock.now() : pending.created_at;
      const row = { ...pending, attempt, paid_at };
      const journal = { journal_id: transaction_id, kind: 'payment', posted_at: paid_at } as const;
      const change = { change: 'paid', amount: total_fee } as const;
      const entries = await post(row, journal, paymentJournal(row), change, tx);
      const numbers = {
        invoice_number: await payments.nextNumber('invoice', tx),
        receipt_number: await payments.nextNumber('receipt', tx),
      };
      const paid = { ...row, ...numbers };
      if (isThere) await payments.decide(transaction_id, { attempt, paid_at, ...numbers }, tx);
      else if (!(await payments.insert(paid, tx))) throw new Problem('already_paid');
      return { row: paid, shown: toTransaction(paid, [], entries), entries };
    },

    /**
     * BILL-7: all money that leaves goes through here, whatever asked for it. What brings the payment's refunds above the
     * limit waits for a second person; gives the part of the fee that waits then, and zero when the money has gone back.
     */
    async refund(
      payment: Payment,
      asked: Pick<RefundRow, 'amount' | 'reason' | 'requested_by' | 'cause'>,
      isEarned: boolean,
      tx: SqlTransaction,
    ): Promise<Money> {
      const { transaction_id } = payment.row;
      const { amount } = asked;
      const refund = { refund_id: newId('RF'), transaction_id, requested_at: clock.now(), ...asked };
      const open = { decided_by: null, decided_at: null, decision_reason: null, credit_note_number: null };
      if (isAboveLimit(payment.shown.refunded, amount, deps.approvalAbove)) {
        await refunds.insert({ ...refund, ...open }, tx);
        return splitRefund(payment.row, payment.shown.refunded, amount).fee;
      }
      const credit_note_number = await give(payment, refund, isEarned, tx);
      const decided = { ...open, decided_at: refund.requested_at, credit_note_number };
      await refunds.insert({ ...refund, ...decided }, tx);
      return fromCents(0n);
    },

    /** What is left of a fee that was not billed is nobody's debt any more, but for `waiting`: the hospital keeps it. */
    async keepRest(
      { appointment_id, patient_id }: Pick<AccountRow, 'appointment_id' | 'patient_id'>,
      { journal_id, bill_id, waiting }: { journal_id: string; bill_id: string | null; waiting: Money },
      tx: SqlTransaction,
    ): Promise<void> {
      const kept = -toCents(await ledger.owedFor(appointment_id, bill_id, tx)) - toCents(waiting);
      if (kept <= 0n) return;
      const about = { patient_id, appointment_id, transaction_id: null, posted_at: clock.now() };
      await ledger.post({ journal_id, kind: 'forfeit', ...about }, forfeitJournal(fromCents(kept)), tx);
    },

    /** Throws `not_found`. */
    async get(transaction_id: string, tx?: SqlTransaction): Promise<Payment> {
      const row = await payments.find(transaction_id, tx);
      if (!row) throw notFound('transaction');
      return (await read([row], tx))[0]!;
    },

    /**
     * A payment to be decided about. It is read after its booking's account is locked: each statement of a read committed
     * transaction sees what is committed by then, so no other decision about this money can be missed or come in between.
     */
    async lock(
      transaction_id: string,
      tx: SqlTransaction,
    ): Promise<{ payment: Payment; account: AccountRow }> {
      const row = await payments.find(transaction_id, tx);
      if (!row) throw notFound('transaction');
      const account = await payments.lockAccount(row.account_id, row.patient_id, tx);
      // Read again below the lock: a card may have been confirmed meanwhile.
      const locked = (await payments.find(transaction_id, tx))!;
      return { payment: (await read([locked], tx))[0]!, account };
    },

    /** The newest payment that came about of an account that is locked, if any. */
    async newest(account_id: string, tx: SqlTransaction): Promise<Payment | null> {
      return (await read(await payments.newestOf([account_id], tx), tx))[0] ?? null;
    },
  };
}

export type Books = ReturnType<typeof createBooks>;

/** The payment, when money of it is still here. */
export const live = (payment: Payment | null): Payment | null =>
  payment && isLive(payment.shown) ? payment : null;
