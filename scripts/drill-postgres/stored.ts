import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { Knex } from '../../src/databases/postgres/postgres.js';
import { money, sumMoney } from '../../src/lib/money.js';
import type { Answered } from './clients.js';
import type { StoredBooks } from './verdict.js';

const relayMs = 60_000;

export async function readBooks(knex: Knex): Promise<StoredBooks> {
  return {
    transactions: await knex('transactions').select(
      ...['transaction_id', 'appointment_id', 'invoice_number', 'receipt_number'],
    ),
    refunds: await knex('refunds').select('refund_id', 'transaction_id', 'credit_note_number'),
    entries: await knex('ledger_entries').select('journal_id', 'kind', 'account', 'amount', 'transaction_id'),
  };
}

interface MarkedAppointment {
  readonly _id: string;
  readonly payment: { readonly transaction_id: string; readonly refunded: { toString(): string } } | null;
}

/** Once the outbox of Postgres is empty: the appointments whose mark is not what clients were told. */
export async function readUnmarked(mongodbUri: string, knex: Knex, told: Answered): Promise<string[]> {
  for (const deadline = performance.now() + relayMs; performance.now() < deadline; await sleep(200)) {
    const waiting = await knex('outbox').whereNull('applied_at').limit(1);
    if (waiting.length === 0) break;
  }
  const client = new MongoClient(mongodbUri);
  try {
    const appointments = client.db().collection<MarkedAppointment>('appointments');
    const marked = await appointments.find({ payment: { $ne: null } }).toArray();
    const marks = new Map(marked.map(({ _id, payment }) => [_id, payment!]));
    return told.payments
      .filter(({ appointment_id, transaction_id }) => {
        const own = told.refunds.filter((refund) => refund.transaction_id === transaction_id);
        const mark = marks.get(appointment_id);
        return (
          mark?.transaction_id !== transaction_id ||
          money(mark.refunded.toString()) !== sumMoney(own.map(({ amount }) => String(amount)))
        );
      })
      .map(({ appointment_id }) => appointment_id);
  } finally {
    await client.close();
  }
}
