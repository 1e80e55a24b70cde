import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import type { ReachPoint } from '../../../contracts/crash-points.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Once } from '../../../lib/idempotency.js';
import type { NewId } from '../../../lib/ids.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { AuditService } from '../../identity/audit/index.js';
import type { BillingRow, BillingService } from '../billing/index.js';
import type { LedgerRepository } from './ledger.repository.js';
import { live, type Books, type Payment } from './payments.books.js';
import type { AccountRow, TransactionRow } from './payments.model.js';
import { canPay, canRead, isDesk } from './payments.policy.js';
import type { PaymentProvider } from './payments.provider.js';
import type { PaymentRepository } from './payments.repository.js';
import type { payBody } from './payments.schema.js';
import type { PaymentFailure, PaymentMethod, Price, Transaction } from './payments.types.js';
import { toTransaction } from './payments.views.js';
import type { Snapshot, Visit } from './payments.visits.js';

/** How long a card's payment keeps another one from beginning. */
const cardMs = 30 * 60_000;

export interface ChargingDeps {
  readonly payments: PaymentRepository;
  readonly audit: Pick<AuditService, 'doneInSql'>;
  readonly ledger: LedgerRepository;
  readonly books: Books;
  readonly visitOf: (actor: Actor, appointment_id: string) => Promise<Visit>;
  readonly snapshotOf: (bill: BillingRow) => Promise<Snapshot>;
  readonly billing: Pick<BillingService, 'consultationOf' | 'find'>;
  readonly outbox: { drain(): Promise<void> };
  readonly transactSql: TransactSql;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reach: ReachPoint;
  readonly currency: string;
  readonly provider: PaymentProvider | null;
  priceFor(fee: Money, specialty: string | null): Price;
}

/** What is to be paid, and on whose account. */
interface Charge {
  readonly account_id: string;
  readonly bill_id: string | null;
  readonly snapshot: Snapshot;
  readonly price: Price;
}

const notPayable = (detail: string): Problem => new Problem('booking_not_payable', detail);

/** Throws what stands against a payment of this booking now. */
function checkPayable(
  { appointment, deceased }: Visit,
  account: AccountRow,
  newest: Payment | null,
  bill: BillingRow | null,
): void {
  const { status, consultation_fee } = appointment;
  if (status === 'cancelled' || status === 'no_show') throw notPayable(`The appointment is ${status}.`);
  if (account.closed_at !== null) throw notPayable('The booking is cancelled.');
  if (live(newest)) throw new Problem('already_paid');
  // What is owed for a visit that took place is paid by who is left.
  if (deceased && status === 'scheduled') throw new Problem('patient_deceased');
  if (status === 'completed' && !bill && consultation_fee === null)
    throw notPayable('The visit was over before it came here, and was not billed.');
}

/**
 * BILL-7: the payer attests nothing. The desk says of cash and transfers that they came, a card's provider of its payment;
 * without a word the desk takes cash and a payer a card. Throws `pay_at_desk`.
 */
function methodOf(
  actor: Actor,
  snapshot: Pick<Snapshot, 'hospital_id'>,
  asked: PaymentMethod | undefined,
): PaymentMethod {
  const atDesk = isDesk(actor, snapshot);
  const method = asked ?? (atDesk ? 'cash' : 'card');
  if (method !== 'card' && !atDesk) throw new Problem('pay_at_desk');
  return method;
}

/** How payments begin: at the desk they are paid at once, by card when the provider has confirmed them. */
export function createChargingService(deps: ChargingDeps) {
  const { payments, ledger, books, billing, clock } = deps;

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

  const fail = (transaction_id: string, failure: PaymentFailure, tx: SqlTransaction): Promise<void> =>
    payments.decide(transaction_id, { failed_at: clock.now(), failure }, tx);

  /** A card that waits gives way to the desk, and to another card when it has waited too long. Throws `payment_pending`. */
  async function clearPending(account_id: string, method: PaymentMethod, tx: SqlTransaction): Promise<void> {
    const card = await payments.pendingOf(account_id, tx);
    if (!card) return;
    const { transaction_id, created_at } = card;
    const isLate = clock.now().getTime() - created_at.getTime() >= cardMs;
    if (method === 'card' && !isLate)
      throw new Problem('payment_pending', 'Go on with it, or wait until it is given up.', {
        more: { transaction_id },
      });
    await fail(transaction_id, isLate ? 'expired' : 'not_needed', tx);
  }

  async function charge(
    actor: Actor,
    { account_id, bill_id, snapshot, price }: Charge,
    asked: PaymentMethod | undefined,
    tx: SqlTransaction,
  ): Promise<Transaction> {
    const payment_method = methodOf(actor, snapshot, asked);
    const provider = payment_method === 'card' ? deps.provider : null;
    if (payment_method === 'card' && !provider) throw new Problem('no_card_payments');
    await clearPending(account_id, payment_method, tx);
    const undecided = { attempt: null, invoice_number: null, receipt_number: null };
    const row: TransactionRow = {
      ...{ transaction_id: deps.newId('T'), account_id, bill_id, ...snapshot, ...price, ...undecided },
      ...{ currency: deps.currency, payment_method, provider: provider?.name ?? null },
      ...{ paid_by: actor.user_id, created_at: clock.now(), paid_at: null, failed_at: null, failure: null },
    };
    if (!provider) return (await books.receive(row, false, tx)).shown;
    if (!(await payments.insert(row, tx))) throw new Problem('already_paid');
    return toTransaction(row, [], []);
  }

  async function chargeVisit(
    actor: Actor,
    appointment_id: string,
    asked: PaymentMethod | undefined,
    tx: SqlTransaction,
  ): Promise<Transaction> {
    const visit = await deps.visitOf(actor, appointment_id);
    const { snapshot } = visit;
    if (!canPay(actor, snapshot)) throw new Problem('forbidden');
    // From here on the lock of the account decides: who cancels, bills, pays or refunds the same booking waits, and
    // what is read below is what they have left. A cancellation that MongoDB has and this has not comes after it, and
    // gives the money back.
    const account = await payments.lockAccount(appointment_id, snapshot.patient_id, tx);
    const newest = await books.newest(appointment_id, tx);
    const bill = await billing.consultationOf(appointment_id, tx);
    checkPayable(visit, account, newest, bill);
    const price = deps.priceFor(await feeOf(visit, newest, bill, tx), visit.specialty);
    return charge(actor, { account_id: appointment_id, bill_id: null, snapshot, price }, asked, tx);
  }

  async function chargeBill(
    actor: Actor,
    bill: BillingRow,
    asked: PaymentMethod | undefined,
    tx: SqlTransaction,
  ): Promise<Transaction> {
    await payments.lockAccount(bill.id, bill.patient_id, tx);
    const newest = await books.newest(bill.id, tx);
    if (live(newest)) throw new Problem('already_paid');
    const fee = (await ledger.owedOf([bill.id], tx)).get(bill.id)!;
    if (toCents(fee) <= 0n)
      throw new Problem(newest ? 'already_refunded' : 'already_paid', 'Nothing is owed of the bill.');
    // The tax is on consultations.
    const price = { fee, gst_rate: null, gst: fromCents(0n), total_fee: fee };
    const snapshot = await deps.snapshotOf(bill);
    return charge(actor, { account_id: bill.id, bill_id: bill.id, snapshot, price }, asked, tx);
  }

  async function decided<T>(done: Promise<T>): Promise<T> {
    const result = await done;
    deps.reach('payment.changed', 'decided');
    await deps.outbox.drain();
    return result;
  }

  const charged = (
    actor: Actor,
    work: (tx: SqlTransaction) => Promise<Transaction>,
    once?: Once,
  ): Promise<Transaction> =>
    decided(
      deps.transactSql(async (tx) => {
        const transaction = await work(tx);
        await deps.audit.doneInSql(actor, [transaction.patient_id], tx);
        deps.reach('payment.changed', 'deciding');
        return transaction;
      }, once),
    );

  const forActors = publicDoor({
    /**
     * BILL-2, BILL-7. Throws `not_found`, `forbidden`, `pay_at_desk`, `no_card_payments`, `booking_not_payable`, `already_paid`,
     * `already_refunded`, `payment_pending`, `patient_deceased`. All of it is inside the transaction, reading too: a request that comes again is
     * answered as before, whatever the booking has become.
     */
    pay: (
      actor: Actor,
      appointment_id: string,
      { payment_method }: Infer<typeof payBody>,
      once?: Once,
    ): Promise<Transaction> =>
      charged(actor, (tx) => chargeVisit(actor, appointment_id, payment_method, tx), once),

    /** BILL-8: pays one bill; the bill of a visit is paid as the visit is. Throws as `pay`. */
    payBill: (
      actor: Actor,
      bill_id: string,
      { payment_method }: Infer<typeof payBody>,
      once?: Once,
    ): Promise<Transaction> =>
      charged(
        actor,
        async (tx) => {
          const bill = await billing.find(bill_id);
          if (!bill || !canRead(actor, bill)) throw notFound('billing row');
          if (!canPay(actor, bill)) throw new Problem('forbidden');
          return bill.kind === 'consultation'
            ? chargeVisit(actor, bill.appointment_id!, payment_method, tx)
            : chargeBill(actor, bill, payment_method, tx);
        },
        once,
      ),
  });

  return { forActors, decided };
}

export type ChargingService = ReturnType<typeof createChargingService>;
