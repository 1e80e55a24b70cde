import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import { toCents } from '../../../lib/money.js';
import { isSignedBy, signCallback } from '../../../lib/signed-callback.js';
import type { SqlTransaction, TransactSql } from '../../../lib/transaction.js';
import type { BillingService } from '../billing/index.js';
import type { ChargingService } from './charging.service.js';
import type { LedgerRepository } from './ledger.repository.js';
import { live, type Books } from './payments.books.js';
import type { AccountRow, TransactionRow } from './payments.model.js';
import { canPay } from './payments.policy.js';
import type { PaymentProvider } from './payments.provider.js';
import type { PaymentRepository } from './payments.repository.js';
import type { callbackBody } from './payments.schema.js';
import type { TransactionStatus } from './payments.types.js';

export interface ConfirmingDeps {
  readonly payments: PaymentRepository;
  readonly ledger: LedgerRepository;
  readonly books: Books;
  readonly billing: Pick<BillingService, 'consultationOf'>;
  readonly inbox: { take(entry_id: string, tx: SqlTransaction): Promise<boolean> };
  readonly decided: ChargingService['decided'];
  readonly transactSql: TransactSql;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly provider: PaymentProvider | null;
}

type Event = Infer<typeof callbackBody>;

/** A callback as it came: the bytes that were signed, and the header that signs them. */
export interface Signed {
  readonly raw_body: string;
  readonly signature: string | null;
}

export interface Confirmed {
  readonly event_id: string;
  readonly transaction_id: string;
  /** `failed`: the provider is not to capture what it has authorised. */
  readonly status: TransactionStatus;
}

/** BILL-7: what becomes of a card's payment by its provider's signed word. The ledger posts only here. */
export function createConfirmingService(deps: ConfirmingDeps) {
  const { payments, ledger, books, billing, clock } = deps;

  /** Whether the money is still wanted: the account is open, nothing else has paid it, and something is owed. */
  async function isWanted(row: TransactionRow, account: AccountRow, tx: SqlTransaction): Promise<boolean> {
    if (account.closed_at !== null || live(await books.newest(row.account_id, tx))) return false;
    const bill = row.bill_id ?? (await billing.consultationOf(row.account_id, tx))?.id;
    return bill === undefined || toCents((await ledger.owedOf([bill], tx)).get(bill) ?? '0') > 0n;
  }

  async function apply(name: string, event: Event, tx: SqlTransaction): Promise<TransactionStatus> {
    const row = await payments.find(event.transaction_id, tx);
    if (row?.provider !== name) throw notFound('transaction');
    if (event.currency !== row.currency || event.amount !== row.total_fee)
      throw new Problem('callback_mismatch', `It was asked for ${row.currency} ${row.total_fee}.`);
    const { payment, account } = await books.lock(row.transaction_id, tx);
    const isNew = await deps.inbox.take(`callback ${name} ${event.event_id}`, tx);
    if (!isNew || payment.shown.status !== 'pending') return payment.shown.status;
    const failure =
      event.type === 'payment.declined'
        ? 'declined'
        : (await isWanted(payment.row, account, tx))
          ? null
          : 'not_needed';
    if (failure === null) return (await books.receive(payment.row, true, tx)).shown.status;
    await payments.decide(row.transaction_id, { failed_at: clock.now(), failure }, tx);
    return 'failed';
  }

  const forActors = publicDoor({
    /**
     * The provider's callback: at least once, in any order. One that has been applied, or comes after the decision, changes
     * nothing. Throws `callback_refused`, `not_found`, `callback_mismatch`.
     */
    async confirm(
      _actor: Actor | null,
      name: string,
      event: Event,
      { raw_body, signature }: Signed,
    ): Promise<Confirmed> {
      const { provider } = deps;
      if (provider?.name !== name) throw notFound('payment provider');
      if (!isSignedBy(provider.secret, raw_body, signature, clock.now()))
        throw new Problem('callback_refused');
      const status = await deps.decided(deps.transactSql((tx) => apply(name, event, tx)));
      return { event_id: event.event_id, transaction_id: event.transaction_id, status };
    },

    /** What the demo provider's own page does: sends the callback. Throws `not_found`, and as `confirm`. */
    async decideDemo(actor: Actor, transaction_id: string, type: Event['type']): Promise<Confirmed> {
      const row = await payments.find(transaction_id);
      const { provider } = deps;
      if (!provider?.is_demo || row?.provider !== provider.name || !canPay(actor, row))
        throw notFound('transaction');
      const { total_fee: amount, currency } = row;
      const event = { event_id: deps.newId('E'), type, transaction_id, amount, currency };
      const raw_body = JSON.stringify(event);
      const signature = signCallback(provider.secret, raw_body, clock.now());
      return forActors.confirm(null, provider.name, event, { raw_body, signature });
    },
  });

  return { forActors };
}

export type ConfirmingService = ReturnType<typeof createConfirmingService>;
