import type { Announce, PaymentChanged } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import { notFound } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import type { Money } from '../../../lib/money.js';
import type { SqlTransaction } from '../../../lib/transaction.js';
import type { JournalLine, LedgerEntry, Transaction } from './payments.types.js';
import type { LedgerRepository } from './ledger.repository.js';
import { isLive, refundJournal, splitRefund } from './payments.amounts.js';
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
}

/** What the services of money share: payments read with what the ledger says of them, and posted with the news of it. */
export function createBooks({ payments, refunds, ledger, outbox, clock, newId }: BooksDeps) {
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
    row: Omit<TransactionRow, 'invoice_number' | 'receipt_number'>,
    journal: { journal_id: string; kind: 'payment' | 'refund' | 'void'; posted_at: Date },
    lines: readonly JournalLine[],
    change: { readonly change: PaymentChanged['change']; readonly amount: Money },
    tx: SqlTransaction,
  ): Promise<LedgerEntry[]> {
    const { transaction_id, appointment_id, patient_id, currency } = row;
    await ledger.post({ ...journal, transaction_id, appointment_id, patient_id }, lines, tx);
    const entries = (await ledger.ofTransactions([transaction_id], tx)).get(transaction_id)!;
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

    /** A refund that needs nobody's approval. */
    async refund(
      payment: Payment,
      asked: Pick<RefundRow, 'amount' | 'reason' | 'requested_by'>,
      isEarned: boolean,
      tx: SqlTransaction,
    ): Promise<void> {
      const now = clock.now();
      const refund_id = newId('RF');
      const credit_note_number = await give(payment, { refund_id, amount: asked.amount }, isEarned, tx);
      const { transaction_id } = payment.row;
      const decided = { decided_by: null, decided_at: now, decision_reason: null, credit_note_number };
      await refunds.insert({ refund_id, transaction_id, requested_at: now, ...asked, ...decided }, tx);
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
      const account = await payments.lockAccount(row.appointment_id, row.patient_id, tx);
      return { payment: (await read([row], tx))[0]!, account };
    },

    /** The newest payment of a booking whose account is locked, if any. */
    async newest(appointment_id: string, tx: SqlTransaction): Promise<Payment | null> {
      return (await read(await payments.newestOf([appointment_id], tx), tx))[0] ?? null;
    },
  };
}

export type Books = ReturnType<typeof createBooks>;

/** The payment, when money of it is still here. */
export const live = (payment: Payment | null): Payment | null =>
  payment && isLive(payment.shown) ? payment : null;
