import type { Parts } from '../../src/composition.js';
import { percentOf } from '../../src/domains/money/payments/index.js';
import type { CrashPoint, Drilled } from '../../src/contracts/crash-points.js';
import { fromCents, money, toCents, type Money } from '../../src/lib/money.js';
import type { Ask } from '../call-api.js';
import { atTime, timeOfDrill } from '../drill-clock.js';
import { drillAdmin, newDrillPatient, openDrillHospital } from '../drill-hospital.js';

/** What a client asks of one visit, and what must be true of it afterwards, once. */
export interface Scenario {
  readonly appointment_id: string;
  readonly act: 'complete' | 'cancel' | 'pay' | 'refund';
  readonly ask: Ask;
  /** What the visit's payment comes to; null: it has none. */
  readonly paid: { readonly total_fee: Money; readonly refunded: Money } | null;
  /** What is billed; null: nothing. */
  readonly billed: Money | null;
}

/** An amount whose tax (18 %) and half are not whole cents. */
const fee = money('50.07');
const totalFee = money('59.08');
const part = money('10.01');

const slotMs = 5 * 60_000;
const dayMs = 86_400_000;
/** How long ago a visit was booked that is to be completed: all the slots of a drill are over by now. */
const agoMs = 30 * dayMs;
/** From 00:00 to 23:55. */
const slotsOfDay = 287;

/** A doctor and a patient in a hospital of their own; the patient has an account, so that notifications are seen. */
export async function createPeople(parts: Parts): Promise<{ doctor_id: string; patient_id: string }> {
  const hospital = await openDrillHospital(parts);
  const doctor_id = await hospital.newDoctor({ consultation_fee: fee, slot_minutes: 5 });
  const patient_id = await newDrillPatient(parts, 'Patient');
  await parts.accounts.createAccount({
    ...{ email: 'patient@drill.example', password: 'Correct-Horse-9-Battery', name: 'Patient' },
    ...{ role: 'patient', patient_id },
  });
  return { doctor_id, patient_id };
}

/** Makes visits that wait for what a hand-over of this kind begins with. */
export function createScenarios(parts: Parts, people: { doctor_id: string; patient_id: string }) {
  let booked = 0;

  async function book(): Promise<string> {
    const firstDay = (Math.floor((timeOfDrill() ?? new Date()).getTime() / dayMs) + 1) * dayMs;
    const date = new Date(
      firstDay + Math.floor(booked / slotsOfDay) * dayMs + (booked % slotsOfDay) * slotMs,
    );
    booked += 1;
    const about = { date: date.toISOString(), disease: null, reason: null, pointer: '/body/date' };
    const visit = await parts.appointments.forActors.book(drillAdmin, { ...people, ...about });
    return visit.appointment_id;
  }

  async function bookPaid(): Promise<{ appointment_id: string; transaction_id: string }> {
    const appointment_id = await book();
    const { transaction_id } = await parts.payments.forActors.pay(drillAdmin, appointment_id, {
      payment_method: 'cash',
    });
    return { appointment_id, transaction_id };
  }

  const acts: Readonly<Record<Scenario['act'], () => Promise<Scenario>>> = {
    async complete() {
      // The API of the drill goes by the real clock: the visit has begun already.
      const { appointment_id } = await atTime(new Date(Date.now() - agoMs), bookPaid);
      await parts.appointments.forActors.update(drillAdmin, appointment_id, { status: 'checked_in' });
      return {
        ...{ appointment_id, act: 'complete' },
        ask: { method: 'PATCH', path: `/appointments/${appointment_id}`, body: { status: 'completed' } },
        paid: { total_fee: totalFee, refunded: money('0.00') },
        billed: fee,
      };
    },
    async cancel() {
      const { appointment_id } = await bookPaid();
      const body = { status: 'cancelled', cancellation_reason: 'pat' };
      return {
        ...{ appointment_id, act: 'cancel' },
        ask: { method: 'PATCH', path: `/appointments/${appointment_id}`, body },
        paid: { total_fee: totalFee, refunded: percentOf(totalFee, 50) },
        billed: null,
      };
    },
    async pay() {
      const appointment_id = await book();
      return {
        ...{ appointment_id, act: 'pay' },
        ask: { method: 'POST', path: `/transactions/${appointment_id}`, body: { payment_method: 'cash' } },
        paid: { total_fee: totalFee, refunded: money('0.00') },
        billed: null,
      };
    },
    async refund() {
      const { appointment_id, transaction_id } = await bookPaid();
      const body = { amount: Number(part), reason: 'The drill asks for it back.' };
      return {
        ...{ appointment_id, act: 'refund' },
        ask: { method: 'PATCH', path: `/transactions/${transaction_id}`, body },
        paid: { total_fee: totalFee, refunded: part },
        billed: null,
      };
    },
  };

  const actOf: Readonly<Record<Drilled, (turn: number) => Scenario['act']>> = {
    'appointment.completed': () => 'complete',
    'appointment.cancelled': () => 'cancel',
    'payment.changed': (turn) => (turn % 2 === 0 ? 'pay' : 'refund'),
  };

  /** `turn` counts the kills: payments and refunds take turns. */
  return (point: CrashPoint, turn: number): Promise<Scenario> =>
    acts[actOf[point.slice(0, point.lastIndexOf(':')) as Drilled](turn)]();
}

/** What the till has of a visit in the end. */
export const cashOf = ({ paid }: Pick<Scenario, 'paid'>): Money =>
  fromCents(paid ? toCents(paid.total_fee) - toCents(paid.refunded) : 0n);
