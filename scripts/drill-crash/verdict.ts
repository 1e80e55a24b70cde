import type { Parts } from '../../src/composition.js';
import type { Knex } from '../../src/databases/postgres/postgres.js';
import type { Appointment } from '../../src/domains/clinical/appointments/index.js';
import type { System } from '../../src/system.js';
import { cashOf, type Scenario } from './scenarios.js';

/** What both stores hold of one visit. */
export interface Held {
  readonly visit: Pick<Appointment, 'status' | 'history' | 'payment'> | null;
  /** What each bill of the consultation comes to. */
  readonly bills: readonly string[];
  /** What each payment came to. */
  readonly payments: readonly string[];
  /** What each refund that was given came to. */
  readonly refunds: readonly string[];
  /** What the till has of it, by the ledger. */
  readonly cash: string;
  /** What the patient was told, by kind. */
  readonly told: readonly string[];
}

export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** What is there once and says something else. */
  readonly wrong: readonly string[];
}

const steps = { complete: 'completed', cancel: 'cancelled' } as const;

/** What the patient is told of it, once. */
const news: Readonly<Record<Scenario['act'], readonly string[]>> = {
  complete: ['payment.paid'],
  cancel: ['payment.paid', 'payment.refunded', 'appointment.cancelled'],
  pay: ['payment.paid'],
  refund: ['payment.paid', 'payment.refunded'],
};

/** Compares what one visit must come to with what is held of it. Pure. */
export function judge(scenario: Scenario, held: Held): Verdict {
  const { act, appointment_id, paid, billed } = scenario;
  const [lost, doubled, wrong]: string[][] = [[], [], []];
  const expect = (what: string, wanted: readonly string[], got: readonly string[]): void => {
    const say = `${appointment_id} ${what}`;
    if (got.length < wanted.length) lost!.push(say);
    else if (got.length > wanted.length) doubled!.push(say);
    else if (String(got) !== String(wanted)) wrong!.push(`${say}: ${String(got)}, not ${String(wanted)}`);
  };
  const step = act === 'complete' || act === 'cancel' ? steps[act] : undefined;
  const taken = (held.visit?.history ?? []).map(({ status }) => status).filter((status) => status === step);
  expect('visit', ['there'], held.visit ? ['there'] : []);
  if (step) expect(`step ${step}`, [step], taken);
  expect('bill', billed ? [billed] : [], held.bills);
  expect('payment', paid ? [paid.total_fee] : [], held.payments);
  expect('refund', paid && Number(paid.refunded) > 0 ? [paid.refunded] : [], held.refunds);
  const mark = held.visit?.payment;
  expect('mark', paid ? [`${paid.total_fee} ${paid.refunded}`] : [], mark ? [`${mark.total_fee} ${mark.refunded}`] : []); // prettier-ignore
  expect('cash', [cashOf(scenario)], [held.cash]);
  for (const kind of news[act])
    expect(
      `notification ${kind}`,
      [kind],
      held.told.filter((told) => told === kind),
    );
  return { lost: lost!, doubled: doubled!, wrong: wrong! };
}

/** Reads what both stores hold of a visit, past the services. */
export async function readHeld({ parts, around }: System, appointment_id: string): Promise<Held> {
  const { connection, knex } = around.stores;
  const of = <R extends object>(table: string) => knex<R>(table).where({ appointment_id } as never);
  const refunds = await knex('refunds')
    .join('transactions', 'transactions.transaction_id', 'refunds.transaction_id')
    .where({ appointment_id })
    .whereNotNull('credit_note_number')
    .pluck<string[]>('amount');
  const cash = await of('ledger_entries')
    .where({ account: 'cash' })
    .first<{ sum: string }>(knex.raw('coalesce(sum(amount), 0.00)::text as sum'));
  const told = await connection.collection('notifications').find({ appointment_id }).toArray();
  return {
    visit: await parts.appointments.find(appointment_id),
    bills: await of('billing').pluck<string[]>('total_cost'),
    payments: await of('transactions').pluck<string[]>('total_fee'),
    refunds,
    cash: cash.sum,
    told: told.map((message) => message['kind'] as string),
  };
}

/** What must not be in the books as a whole: the sum that is not zero, a gap in the numbers. */
export async function readFaults(parts: Parts, knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { sum: string }[] }>(
    'select coalesce(sum(amount), 0.00)::text as sum from ledger_entries',
  );
  const faults = (await parts.payments.faults()).map(({ check, found }) => `${found} ${check}`);
  return rows[0]!.sum === '0.00' ? faults : [`the ledger comes to ${rows[0]!.sum}`, ...faults];
}
