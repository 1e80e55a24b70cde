import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Once } from '../../../lib/idempotency.js';
import type { NewId } from '../../../lib/ids.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import type { Page } from '../../../lib/page.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { BillingRow, BillingService } from '../billing/index.js';
import type { AccountBalance, LedgerFault, LedgerRepository } from './ledger.repository.js';
import { isLive, paymentJournal, priceOf } from './payments.amounts.js';
import { live, type Books, type Payment } from './payments.books.js';
import { creditNoteOf, invoiceOf, receiptOf } from './payments.papers.js';
import type { AccountRow } from './payments.model.js';
import { canPay, canRead, canReadBooks, visibleTo } from './payments.policy.js';
import type { PaymentRepository } from './payments.repository.js';
import type { payBody, transactionQuery } from './payments.schema.js';
import {
  ledgerAccounts,
  type BookingMoney,
  type PaymentPaper,
  type Price,
  type Transaction,
} from './payments.types.js';
import { toMark, toTransaction } from './payments.views.js';
import type { Visit } from './payments.visits.js';

export interface PaymentConfig {
  readonly currency: string;
  readonly gstRate: string;
  readonly gstExemptSpecialties: readonly string[];
  readonly refundApprovalAbove: Money;
}

export interface PaymentsDeps {
  readonly payments: PaymentRepository;
  readonly ledger: LedgerRepository;
  readonly books: Books;
  readonly visitOf: (actor: Actor, appointment_id: string) => Promise<Visit>;
  readonly billing: Pick<BillingService, 'consultationOf'>;
  readonly outbox: { drain(): Promise<void> };
  readonly transactSql: TransactSql;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reach: ReachPoint;
  readonly config: PaymentConfig;
}

export interface TrialBalance {
  readonly accounts: AccountBalance[];
  readonly sum: Money;
}

const notPayable = (detail: string): Problem => new Problem('booking_not_payable', detail);

/** Throws what stands against a payment of this booking now. */
function checkPayable(
  { appointment }: Visit,
  account: AccountRow,
  newest: Payment | null,
  bill: BillingRow | null,
): void {
  const { status, consultation_fee } = appointment;
  if (status === 'cancelled' || status === 'no_show') throw notPayable(`The appointment is ${status}.`);
  if (account.closed_at !== null) throw notPayable('The booking is cancelled.');
  if (live(newest)) throw new Problem('already_paid');
  if (status === 'completed' && !bill && consultation_fee === null)
    throw notPayable('The visit was over before it came here, and was not billed.');
}

export function createPaymentsService(deps: PaymentsDeps) {
  const { payments, ledger, books, billing, transactSql, clock, config } = deps;
  const exempt = new Set(config.gstExemptSpecialties.map((specialty) => specialty.toLowerCase()));

  /** What a fee comes to in a specialty; null: nobody knows which. */
  const priceFor = (fee: Money, specialty: string | null): Price =>
    priceOf(fee, specialty !== null && exempt.has(specialty.toLowerCase()) ? null : config.gstRate);

  /** What is to be paid: of a billed visit what is owed for it, else the fee. Throws `already_paid`, `already_refunded`. */
  async function feeOf(
    visit: Visit,
    newest: Payment | null,
    bill: BillingRow | null,
    tx: SqlTransaction,
  ): Promise<Money> {
    const { appointment_id } = visit.appointment;
    const fee = bill ? await ledger.owedFor(appointment_id, bill.id, tx) : visit.fee;
    if (fee === null) throw notPayable('Nobody knows its fee: the doctor is not here any more.');
    if (toCents(fee) > 0n) return fee;
    throw new Problem(newest ? 'already_refunded' : 'already_paid', 'Nothing is owed for the visit.');
  }

  /** A payment as this actor may see it. */
  async function readable(actor: Actor, transaction_id: string): Promise<Payment> {
    const row = await payments.find(transaction_id);
    if (!row || !canRead(actor, row)) throw notFound('transaction');
    return (await books.read([row]))[0]!;
  }

  /** BILL-4: all accounts, also those without an entry; the sum of their balances is zero. */
  async function trialBalance(): Promise<TrialBalance> {
    const found = await ledger.trialBalance();
    const none = { debit: fromCents(0n), credit: fromCents(0n), balance: fromCents(0n) };
    const accounts = ledgerAccounts.map(
      (account) => found.find((one) => one.account === account) ?? { account, ...none },
    );
    return {
      accounts,
      sum: fromCents(accounts.reduce((sum, { balance }) => sum + toCents(balance), 0n)),
    };
  }

  const forActors = publicDoor({
    priceFor: (_actor: Actor, fee: Money, specialty: string | null): Price => priceFor(fee, specialty),

    /**
     * BILL-2. Throws `not_found`, `forbidden`, `booking_not_payable`, `already_paid`, `already_refunded`. All of it is inside the
     * transaction, reading too: a request that comes again is answered as before, whatever the booking has become.
     */
    async pay(
      actor: Actor,
      appointment_id: string,
      { payment_method }: Infer<typeof payBody>,
      once?: Once,
    ): Promise<Transaction> {
      const now = clock.now();
      const paid = await transactSql(async (tx) => {
        const visit = await deps.visitOf(actor, appointment_id);
        if (!canPay(actor, visit.appointment)) throw new Problem('forbidden');
        // From here on the lock of the account decides: who cancels, bills, pays or refunds the same booking waits, and
        // what is read below is what they have left. A cancellation that MongoDB has and this has not comes after it, and
        // gives the money back.
        const account = await payments.lockAccount(appointment_id, visit.appointment.patient_id, tx);
        const newest = await books.newest(appointment_id, tx);
        const bill = await billing.consultationOf(appointment_id, tx);
        checkPayable(visit, account, newest, bill);
        const price = priceFor(await feeOf(visit, newest, bill, tx), visit.specialty);
        const row = {
          transaction_id: deps.newId('T'),
          attempt: (newest?.row.attempt ?? 0) + 1,
          ...visit.snapshot,
          ...price,
          ...{ currency: config.currency, payment_method, paid_by: actor.user_id, created_at: now },
        };
        const journal = { journal_id: row.transaction_id, kind: 'payment', posted_at: now } as const;
        const change = { change: 'paid', amount: price.total_fee } as const;
        const entries = await books.post(row, journal, paymentJournal(price), change, tx);
        const numbers = {
          invoice_number: await payments.nextNumber('invoice', tx),
          receipt_number: await payments.nextNumber('receipt', tx),
        };
        if (!(await payments.insert({ ...row, ...numbers }, tx))) throw new Problem('already_paid');
        deps.reach('payment.changed', 'deciding');
        return toTransaction({ ...row, ...numbers }, [], entries);
      }, once);
      deps.reach('payment.changed', 'decided');
      await deps.outbox.drain();
      return paid;
    },

    /** A voided payment is there for managers and admins only. Throws `not_found`. */
    async get(actor: Actor, transaction_id: string): Promise<Transaction> {
      const { shown } = await readable(actor, transaction_id);
      if (shown.status === 'voided' && !canReadBooks(actor)) throw notFound('transaction');
      return shown;
    },

    async list(actor: Actor, query: Infer<typeof transactionQuery>): Promise<Page<Transaction>> {
      const { limit, cursor, ...filter } = query;
      const { items, next_cursor } = await payments.listPage(visibleTo(actor), filter, { limit, cursor });
      return { items: (await books.read(items)).map(({ shown }) => shown), next_cursor };
    },

    async invoice(actor: Actor, transaction_id: string): Promise<PaymentPaper> {
      const { row, shown } = await readable(actor, transaction_id);
      return invoiceOf(row, shown);
    },

    async receipt(actor: Actor, transaction_id: string): Promise<PaymentPaper> {
      const { row, shown } = await readable(actor, transaction_id);
      return receiptOf(row, shown);
    },

    /** There is none before the money has gone back. Throws `not_found`. */
    async creditNote(actor: Actor, refund_id: string): Promise<PaymentPaper> {
      const row = await payments.findByRefund(refund_id);
      if (!row || !canRead(actor, row)) throw notFound('refund');
      const payment = (await books.read([row]))[0]!;
      const refund = payment.shown.refunds.find((one) => one.refund_id === refund_id)!;
      const document = creditNoteOf(payment.row, payment.shown, refund);
      if (!document) throw notFound('credit note');
      return document;
    },

    /** See `trialBalance`. Throws `forbidden`. */
    async trialBalance(actor: Actor): Promise<TrialBalance> {
      if (!canReadBooks(actor)) throw new Problem('forbidden');
      return trialBalance();
    },
  });

  return {
    forActors,
    trialBalance,

    /** BILL-4: what must not be in the books, by these checks or all of them; empty when they are right. */
    faults: (checks?: readonly string[], told?: number): Promise<LedgerFault[]> =>
      ledger.faults(checks, told),

    /** How many visits and bills the patient owes something for, or has paid in advance. */
    countUnsettled: (patient_id: string): Promise<number> => ledger.countUnsettled(patient_id),

    /** Whether money was taken for this appointment and is still here. */
    async isPaid(appointment_id: string): Promise<boolean> {
      const [newest] = await books.read(await payments.newestOf([appointment_id]));
      return newest !== undefined && isLive(newest.shown);
    },

    /** Whether the ledger names this patient, who may be gone. */
    knowsPatient: (patient_id: string): Promise<boolean> => ledger.knowsPatient(patient_id),

    /** Whether an appointment of this id was ever paid, billed or called off. */
    isKnown: (appointment_id: string): Promise<boolean> => payments.hasAccount(appointment_id),

    /** For the reconciliation: what the books say of these bookings; one that was never paid is not in it. */
    async moneyOf(appointment_ids: readonly string[]): Promise<BookingMoney[]> {
      const found = await books.read(await payments.newestOf(appointment_ids));
      const closed = new Set(await payments.closedOf(appointment_ids));
      return found.map(({ row, shown, entries }) => ({
        appointment_id: row.appointment_id,
        patient_id: row.patient_id,
        doctor_id: row.doctor_id,
        mark: toMark(row, entries),
        is_live: isLive(shown),
        is_closed: closed.has(row.appointment_id),
        changed_at: entries.at(-1)?.posted_at ?? row.created_at,
      }));
    },

    /** The first `limit` bookings after this one that were ever paid, in the order of their ids' bytes (as MongoDB sorts). */
    listPaid: (after: string, limit: number): Promise<string[]> => payments.listPaid(after, limit),
  };
}

export type PaymentsService = ReturnType<typeof createPaymentsService>;
