import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import type { Page } from '../../../lib/page.js';
import type { BillingRow } from '../billing/index.js';
import type { AccountBalance, LedgerFault, LedgerRepository } from './ledger.repository.js';
import { isLive, priceOf } from './payments.amounts.js';
import type { Books, Payment } from './payments.books.js';
import { creditNoteOf, invoiceOf, receiptOf } from './payments.papers.js';
import { canRead, canReadBooks, visibleTo } from './payments.policy.js';
import type { PaymentRepository } from './payments.repository.js';
import type { transactionQuery } from './payments.schema.js';
import {
  ledgerAccounts,
  type BookingMoney,
  type PaymentPaper,
  type Price,
  type Transaction,
} from './payments.types.js';
import { toMark } from './payments.views.js';

/** What is owed of a bill: `owed` by the ledger, `due` with the tax that paying it takes. */
export interface Dues {
  readonly owed: Money;
  readonly due: Money;
}

export interface PaymentConfig {
  readonly currency: string;
  readonly gstRate: string;
  readonly gstExemptSpecialties: readonly string[];
  readonly refundApprovalAbove: Money;
  readonly approverHours: number;
  readonly provider: 'demo' | null;
  /** Signs callbacks; undefined: made of the signing secret. */
  readonly callbackSecret: string | undefined;
}

export interface PaymentsDeps {
  readonly payments: PaymentRepository;
  readonly ledger: LedgerRepository;
  readonly books: Books;
  readonly doctors: { find(doctor_id: string): Promise<{ readonly specialty: string } | null> };
  readonly config: PaymentConfig;
}

export interface TrialBalance {
  readonly accounts: AccountBalance[];
  readonly sum: Money;
}

/** There is none before the payment has come about. */
function issued(paper: PaymentPaper | null, kind: string): PaymentPaper {
  if (!paper) throw notFound(kind);
  return paper;
}

export function createPaymentsService(deps: PaymentsDeps) {
  const { payments, ledger, books, config } = deps;
  const exempt = new Set(config.gstExemptSpecialties.map((specialty) => specialty.toLowerCase()));

  /** What a fee comes to in a specialty; null: nobody knows which. */
  const priceFor = (fee: Money, specialty: string | null): Price =>
    priceOf(fee, specialty !== null && exempt.has(specialty.toLowerCase()) ? null : config.gstRate);

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
      return issued(invoiceOf(row, shown), 'invoice');
    },

    async receipt(actor: Actor, transaction_id: string): Promise<PaymentPaper> {
      const { row, shown } = await readable(actor, transaction_id);
      return issued(receiptOf(row, shown), 'receipt');
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
    priceFor,

    /** BILL-8: of each of these bills what is owed, and what paying it takes: of a consultation the tax too. */
    async duesOf(bills: readonly BillingRow[]): Promise<ReadonlyMap<string, Dues>> {
      const owedOf = await ledger.owedOf(bills.map(({ id }) => id));
      const specialties = new Map<string, Promise<{ readonly specialty: string } | null>>();
      const found = await Promise.all(
        bills.map(async ({ id, kind, doctor_id }) => {
          const owed = toCents(owedOf.get(id) ?? '0') > 0n ? owedOf.get(id)! : fromCents(0n);
          if (kind !== 'consultation' || toCents(owed) === 0n) return [id, { owed, due: owed }] as const;
          if (doctor_id !== null && !specialties.has(doctor_id))
            specialties.set(doctor_id, deps.doctors.find(doctor_id));
          const doctor = doctor_id === null ? null : await specialties.get(doctor_id);
          return [id, { owed, due: priceFor(owed, doctor?.specialty ?? null).total_fee }] as const;
        }),
      );
      return new Map(found);
    },

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

    /** Whether somebody paid, asked for a refund, or decided on one. */
    knowsUser: (user_id: string): Promise<boolean> => ledger.knowsUser(user_id),

    /** Whether the ledger names this patient, who may be gone. */
    knowsPatient: (patient_id: string): Promise<boolean> => ledger.knowsPatient(patient_id),

    /** Whether an appointment of this id was ever paid, billed or called off. */
    isKnown: (appointment_id: string): Promise<boolean> => payments.hasAccount(appointment_id),

    /** For the reconciliation: what the books say of these bookings; one that was never paid is not in it. */
    async moneyOf(appointment_ids: readonly string[]): Promise<BookingMoney[]> {
      const found = await books.read(await payments.newestOf(appointment_ids));
      const closed = new Set(await payments.closedOf(appointment_ids));
      return found.map(({ row, shown, entries }) => ({
        appointment_id: row.account_id,
        patient_id: row.patient_id,
        doctor_id: row.doctor_id ?? '',
        mark: toMark(row, entries),
        is_live: isLive(shown),
        is_closed: closed.has(row.account_id),
        changed_at: entries.at(-1)?.posted_at ?? row.created_at,
      }));
    },

    /** The first `limit` bookings after this one that were ever paid, in the order of their ids' bytes (as MongoDB sorts). */
    listPaid: (after: string, limit: number): Promise<string[]> => payments.listPaid(after, limit),
  };
}

export type PaymentsService = ReturnType<typeof createPaymentsService>;
