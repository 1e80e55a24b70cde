import { isDeepStrictEqual } from 'node:util';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transaction } from '../../src/domains/money/payments/index.js';
import type { Once } from '../../src/lib/idempotency.js';
import { fromCents, money } from '../../src/lib/money.js';
import { atTime } from '../drill-clock.js';
import { newDrillPatient } from '../drill-hospital.js';
import { checkBooking, checkBooks, type Played } from './checks.js';
import { apply, newBooking, type Act, type Outcome } from './model.js';
import { actOf, percentOf, type History, type Lead, type Step } from './steps.js';
import { actorOf, admins, slotIn, type World } from './world.js';

/** A move of money that succeeded, and how to make it again under its key. */
interface Kept {
  readonly answer: unknown;
  again(): Promise<unknown>;
}

/** What a history came to; counts what was tried by what became of it. */
export type Tally = Record<string, number>;

const count = (tally: Tally, what: string): void => void (tally[what] = (tally[what] ?? 0) + 1);

const newOnce = (): Once => ({ id: `history ${randomUUID()}`, request_hash: '', replayed: () => undefined });

async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    const { name, code } = error as { name?: string; code?: string };
    if (name === 'Problem' && code !== undefined) return code;
    throw error;
  }
}

/** Plays one history in the world. Throws when the system does what the model, or one of the invariants, does not allow. */
export async function playHistory(world: World, history: History): Promise<Tally> {
  const { parts } = world.system;
  const doctor = world.doctors[history.doctor % world.doctors.length]!;
  const patient_id = await newDrillPatient(parts, 'Pat History');
  const own = actorOf(`U-${patient_id}`, patient_id);
  const kept: Kept[] = [];
  const played: Played[] = [];
  const tally: Tally = {};

  const taken = new Set<string>();
  /** Not twice the same: a move to where the visit is already would be refused. */
  function newSlot(lead: Lead): string {
    let slot: string;
    do slot = slotIn(lead, Date.now(), Math.random());
    while (taken.has(slot));
    taken.add(slot);
    return slot;
  }

  async function book(lead: Lead): Promise<void> {
    const date = newSlot(lead);
    const body = { doctor_id: doctor.doctor_id, patient_id, date, disease: null, reason: null };
    const { appointment_id } = await parts.appointments.forActors.book(own, {
      ...body,
      pointer: '/body/date',
    });
    played.push({ appointment_id, patient_id, model: newBooking(doctor, percentOf[lead]) });
  }

  /** Remembers what was answered for the key. */
  async function keep(move: (once: Once) => Promise<unknown>): Promise<void> {
    const once = newOnce();
    const answer = await move(once);
    kept.push({ answer, again: () => move(once) });
  }

  const transactionsOf = async ({ appointment_id }: Played): Promise<Transaction[]> => {
    const rows = await world.system.around.stores
      .knex('transactions')
      .where({ appointment_id })
      .orderBy('attempt')
      .pluck<string[]>('transaction_id');
    return Promise.all(rows.map((id) => parts.payments.forActors.get(admins[0]!, id)));
  };

  /** Does it in the system. The payments and refunds are those that there were when it was decided on. */
  function perform(act: Act, on: Played, payments: readonly Transaction[], lead: Lead): Promise<unknown> {
    const { appointment_id } = on;
    const payment = 'payment' in act ? payments[act.payment]! : undefined;
    switch (act.do) {
      case 'pay':
        return keep((once) =>
          parts.payments.forActors.pay(admins[0]!, appointment_id, { payment_method: 'cash' }, once),
        );
      case 'refund': {
        const amount = act.amount === null ? undefined : money(fromCents(BigInt(act.amount)));
        const body = { reason: 'A history', ...(amount === undefined ? {} : { amount }) };
        return keep((once) =>
          parts.payments.forActors.refund(admins[act.by]!, payment!.transaction_id, body, once),
        );
      }
      case 'decide': {
        const asked = on.model.payments[act.payment]!.refunds[act.refund]!;
        const { refund_id } = payment!.refunds.find(
          ({ amount, status, requested_by }) =>
            status === 'pending' &&
            amount === fromCents(BigInt(asked.amount)) &&
            requested_by === admins[asked.by!]!.user_id,
        )!;
        const admin = admins[act.by]!;
        return keep((once) =>
          act.approve
            ? parts.payments.forActors.approve(admin, refund_id, once)
            : parts.payments.forActors.reject(admin, refund_id, null, once),
        );
      }
      case 'void':
        return keep((once) => parts.payments.forActors.void(admins[0]!, payment!.transaction_id, once));
      case 'cancel':
        return parts.appointments.forActors.update(admins[0]!, appointment_id, {
          ...{ status: 'cancelled', cancellation_reason: act.whose },
        });
      case 'reschedule':
        return parts.appointments.forActors.reschedule(admins[0]!, appointment_id, {
          ...{ date: newSlot(lead), reason: null },
        });
      case 'complete':
        return complete(appointment_id);
    }
  }

  /** When the visit begins: it is somewhere ahead. */
  async function complete(appointment_id: string): Promise<void> {
    const { forActors } = parts.appointments;
    const { date } = await forActors.get(admins[0]!, appointment_id);
    for (const status of ['checked_in', 'completed'] as const)
      await atTime(date, () => forActors.update(admins[0]!, appointment_id, { status }));
  }

  /** One step, or two at once: then what became of both is what one order of them would have made. */
  async function act(steps: readonly Step[], on: Played): Promise<void> {
    const acts = steps.flatMap((step) => {
      const found = actOf(step, on.model);
      return found ? [{ act: found, lead: 'lead' in step ? step.lead : 'early' }] : [];
    });
    if (acts.length === 0) return count(tally, 'nothing to do');
    const payments = await transactionsOf(on);
    const outcomes = await Promise.all(
      acts.map((one) => outcomeOf(perform(one.act, on, payments, one.lead))),
    );
    await settle(world, patient_id);
    acts.forEach((one, n) => count(tally, `${one.act.do} ${outcomes[n]}`));
    const orders = acts.length === 1 ? [[0]] : [[0, 1], [1, 0]]; // prettier-ignore
    const told: string[] = [];
    for (const order of orders) {
      const model = structuredClone(on.model);
      const expected: Outcome[] = [];
      for (const n of order) expected[n] = apply(model, acts[n]!.act, world.limit);
      const fault = isDeepStrictEqual(expected, outcomes)
        ? await checkBooking(world, { ...on, model })
        : `expected ${expected.join(' and ')}`;
      if (fault === undefined) {
        on.model = model;
        return;
      }
      told.push(fault);
    }
    const what = acts.map(({ act: { do: name } }) => name).join(' with ');
    throw new Error(`${what} gave ${outcomes.join(' and ')}: ${told.join('; or ')}`);
  }

  async function replay(nth: number): Promise<void> {
    const one = kept[nth % kept.length];
    if (!one) return count(tally, 'nothing to do');
    const same = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
    const again = await one.again();
    if (!isDeepStrictEqual(same(again), same(one.answer)))
      throw new Error(`a replay gave another answer: ${JSON.stringify([one.answer, again])}`);
    count(tally, 'replay ok');
    await settle(world, patient_id);
    const fault = await checkBooking(world, played.at(-1)!);
    if (fault !== undefined) throw new Error(`after a replay: ${fault}`);
  }

  for (const step of history.steps) {
    if (step.do === 'book') await book(step.lead);
    else if (step.do === 'replay') await replay(step.nth);
    else await act(step.do === 'both' ? step.steps : [step], played.at(-1)!);
  }
  for (const booking of played) {
    const fault = await checkBooking(world, booking);
    if (fault !== undefined) throw new Error(`at the end: ${fault}`);
  }
  await checkBooks(world);
  return tally;
}

const settledMs = 30_000;

/** Waits until all news about this patient is applied. */
async function settle({ system }: World, patient_id: string): Promise<void> {
  const { parts, around } = system;
  const { connection, knex } = around.stores;
  const deadline = Date.now() + settledMs;
  for (;;) {
    const decided = await connection
      .collection('outbox')
      .find({ 'payload.patient_id': patient_id, applied_at: null })
      .toArray();
    const paid = await knex<object>('outbox')
      .whereNull('applied_at')
      .whereRaw(`payload->>'patient_id' = ?`, [patient_id]);
    const waiting = [...decided, ...paid];
    if (waiting.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`news is not applied after ${settledMs / 1000} s: ${JSON.stringify(waiting)}`);
    await Promise.all([parts.outboxes.mongodb.drain(), parts.outboxes.postgres.drain()]);
    await sleep(2);
  }
}
