import { toCents } from '../../src/lib/money.js';
import { gstOf, refundedOf, type Account, type Booking } from './model.js';
import { admins, type World } from './world.js';

/** A booking in the system, and in the model beside it. */
export interface Played {
  readonly appointment_id: string;
  readonly patient_id: string;
  model: Booking;
}

const cents = (text: string | null): number => Number(toCents(text ?? '0'));

/** Those of one millisecond stand in any order. */
const asText = (refunds: readonly string[]): string => refunds.toSorted().join();

/** What is not as the model says of a booking; undefined: nothing. */
export async function checkBooking(
  { system }: World,
  { appointment_id, model }: Played,
): Promise<string | undefined> {
  const { knex, connection } = system.around.stores;
  const { payments } = system.parts;
  const rows = await knex('ledger_entries')
    .where({ appointment_id })
    .groupBy('account')
    .select('account')
    .sum<{ account: Account; sum: string }[]>('amount');
  const found = new Map(rows.map(({ account, sum }) => [account, cents(sum)]));
  for (const [account, expected] of Object.entries(model.books) as [Account, number][])
    if ((found.get(account) ?? 0) !== expected)
      return `${account} is ${found.get(account) ?? 0} and not ${expected}`;

  const ids = await knex('transactions')
    .where({ appointment_id })
    .orderBy('attempt')
    .pluck<string[]>('transaction_id');
  if (ids.length !== model.payments.length) return `${ids.length} payments and not ${model.payments.length}`;
  for (const [n, transaction_id] of ids.entries()) {
    const shown = await payments.forActors.get(admins[0]!, transaction_id);
    const expected = model.payments[n]!;
    const refunded = refundedOf(expected);
    const status = expected.voided
      ? 'voided'
      : refunded === 0
        ? 'paid'
        : refunded < model.total
          ? 'partially_refunded'
          : 'refunded';
    if (shown.status !== status) return `payment ${n} is ${shown.status} and not ${status}`;
    const [fee, gst, total] = [cents(shown.fee), cents(shown.gst), cents(shown.total_fee)];
    if (fee !== model.fee || gst !== model.gst || fee + gst !== total)
      return `payment ${n} is not its fee and tax`;
    if (cents(shown.refunded) !== refunded)
      return `${shown.refunded} of payment ${n} is refunded, not ${refunded}`;
    if (cents(shown.refunded) > total) return `more of payment ${n} went back than came in`;
    const told = asText(shown.refunds.map(({ amount, status: is }) => `${cents(amount)} ${is}`));
    const wanted = asText(expected.refunds.map(({ amount, status: is }) => `${amount} ${is}`));
    if (told !== wanted) return `the refunds of payment ${n} are ${told} and not ${wanted}`;
    const back = shown.refunds.reduce((sum, refund) => sum + cents(refund.gst), 0);
    if (back !== gstOf(model, refunded))
      return `${back} of the tax of payment ${n} went back, not its part of ${refunded}`;
  }

  // The other store says the same.
  const visit = await connection
    .collection<{ _id: string; payment: unknown; status: string }>('appointments')
    .findOne({ _id: appointment_id });
  const mark = JSON.stringify(visit?.payment ?? null);
  const [money] = await payments.moneyOf([appointment_id]);
  if (mark !== JSON.stringify(money?.mark ?? null))
    return `the visit says ${mark}, the ledger ${JSON.stringify(money?.mark)}`;
  if (visit?.status !== model.visit) return `the visit is ${visit?.status} and not ${model.visit}`;
  return undefined;
}

/** The books as a whole, in one look: the sum of everything is zero, and what was billed is what was earned. */
export async function checkBooks({ system }: World): Promise<void> {
  const { rows } = await system.around.stores.knex.raw<{
    rows: Record<'sum' | 'revenue' | 'billed', string>[];
  }>(`
    select (select coalesce(sum(amount), 0)::text from ledger_entries) as sum,
      (select coalesce(-sum(amount), 0)::text from ledger_entries where account = 'revenue') as revenue,
      (select coalesce(sum(total_cost), 0)::text from billing) as billed`);
  const { sum, revenue, billed } = rows[0]!;
  if (cents(sum) !== 0) throw new Error(`the sum over all accounts is ${sum}`);
  if (cents(revenue) !== cents(billed))
    throw new Error(`${billed} was billed, and ${revenue} is in the ledger`);
}

interface CostReceipt {
  readonly billed: { readonly total: string; readonly balanced: boolean };
}

/** When all is quiet: the report of what was billed is the ledger's, and nothing is in the tables that must not be. */
export async function checkReports(world: World): Promise<void> {
  await checkBooks(world);
  const { parts } = world.system;
  const operator = { role: 'admin', doctor_id: null } as const;
  const answer = await parts.reports.run('average-prescription-cost', operator, { kind: 'all' });
  const { billed } = answer.receipt as unknown as CostReceipt;
  const { accounts } = await parts.payments.trialBalance();
  const revenue = accounts.find(({ account }) => account === 'revenue')!.credit;
  if (!billed.balanced || cents(billed.total) !== cents(revenue))
    throw new Error(`the report says ${billed.total}, the ledger ${revenue}`);
  const faults = await parts.payments.faults();
  if (faults.length > 0) throw new Error(`the books are wrong: ${JSON.stringify(faults)}`);
}
