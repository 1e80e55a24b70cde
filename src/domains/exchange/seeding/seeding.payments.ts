import type { AppointmentCancelled } from '../../../contracts/hand-overs.js';
import { toCents, type Money } from '../../../lib/money.js';
import type { ImportedAppointment } from '../../clinical/appointments/appointments.types.js';
import type { BillingRow } from '../../money/billing/billing.types.js';
import type { PastPayment, PastRefund, PastTry } from '../../money/payments/payments.past.types.js';
import type { SeededPatient } from './seeding.patients.js';
import type { SeedPlan } from './seeding.plan.js';
import { createRandom, type Random } from './seeding.random.js';
import type { Visit } from './seeding.visits.js';

/* How patients paid: whoever books online often pays then, most others at the desk, some weeks later, a few never. */

const dayMs = 86_400_000;
const minuteMs = 60_000;
const atOnce = { early: 0.22, desk: 0.6 } as const;
const laterDays = 60;
const never = 0.12;
const declined = 0.03;
/** Of those who still owe something, how many are at it just now. */
const pending = 0.04;

/** Medicine that costs more than this is often sent back, and soon. */
const expensive = 100_000n;
const refundRates = { usual: 0.012, expensive: 0.85, expensiveWithinDays: 60 } as const;
const decisionDays = { from: 30, to: 60 } as const;
const refundReasons = {
  consultation: ['The clinic ran more than an hour late', 'Charged for a longer visit', 'Goodwill'],
  prescription: ['The medicine was returned unopened', 'The medicine was out of stock', 'Charged twice'],
} as const;

interface Paying {
  readonly plan: SeedPlan;
  readonly visit: Visit;
  readonly patient_name: string;
  readonly random: Random;
}

/** Begins the ids of what was paid. */
type Id = string;

const cardTry = (id: Id, paid_by: string, at: number): PastTry => ({
  ...{ transaction_id: `${id}-T`, payment_method: 'card', provider: 'demo', paid_by },
  ...{ created_at: new Date(at), paid_at: new Date(at + 2 * minuteMs), failed_at: null, failure: null },
});

const atDesk = (id: Id, { random, visit }: Paying, at: number): PastTry => ({
  ...{ transaction_id: `${id}-T`, payment_method: random.chance(0.8) ? 'cash' : 'bank_transfer' },
  ...{ provider: null, paid_by: `${visit.appointment.hospital_id}-DESK` },
  ...{ created_at: new Date(at), paid_at: new Date(at), failed_at: null, failure: null },
});

/** A card now and then is declined first. */
function withDeclined(one: PastTry, random: Random): PastTry[] {
  if (one.payment_method !== 'card' || !random.chance(declined)) return [one];
  const created_at = new Date(one.created_at.getTime() - 10 * minuteMs);
  const failed_at = new Date(created_at.getTime() + minuteMs);
  const first = { ...one, transaction_id: `${one.transaction_id}0`, created_at, paid_at: null };
  return [{ ...first, failed_at, failure: 'declined' }, one];
}

/** When the visit was booked, ahead of it; nothing when it was called off before. */
function paidEarly(paying: Paying): PastTry[] {
  const { visit, random, plan } = paying;
  const { appointment_id, patient_id, created_at, history, status } = visit.appointment;
  if (!random.chance(atOnce.early)) return [];
  const at = created_at.getTime() + random.between(1, 20) * minuteMs;
  const end = status === 'scheduled' ? plan.options.until : history.at(-1)!.at;
  const one = cardTry(appointment_id, patient_id, at);
  return one.paid_at! < end ? withDeclined(one, random) : [];
}

/** When it was billed, or later; nothing while it is owed. */
function paidLater(paying: Paying, id: Id, billed_at: Date): PastTry[] {
  const { random, plan, visit } = paying;
  const until = plan.options.until.getTime();
  const { patient_id } = visit.appointment;
  if (random.chance(atOnce.desk)) {
    const at = billed_at.getTime() + random.between(2, 15) * minuteMs;
    return at < until ? [atDesk(id, paying, at)] : [];
  }
  if (random.chance(never)) return [];
  const at = billed_at.getTime() + random.between(1, laterDays * 1440) * minuteMs;
  if (at + 2 * minuteMs < until) return withDeclined(cardTry(id, patient_id, at), random);
  if (!random.chance(pending)) return [];
  const begun = until - random.between(1, 20) * minuteMs;
  return [{ ...cardTry(id, patient_id, begun), paid_at: null }];
}

/** Somebody asks for money back: for all of a medicine, or for a part of a consultation. */
function refundsOf(
  { random, plan }: Paying,
  { kind, total_cost }: Pick<BillingRow, 'kind' | 'total_cost'>,
  tries: readonly PastTry[],
): PastRefund[] {
  const paid = tries.at(-1);
  if (!paid?.paid_at) return [];
  const { prefix, options } = plan;
  const until = options.until.getTime();
  const isRecent = until - paid.paid_at.getTime() < refundRates.expensiveWithinDays * dayMs;
  const isExpensive = toCents(total_cost) > expensive;
  if (!random.chance(isExpensive && isRecent ? refundRates.expensive : refundRates.usual)) return [];
  const at = paid.paid_at.getTime() + random.between(60, 5 * 1440) * minuteMs;
  const decided = at + random.between(decisionDays.from, decisionDays.to) * dayMs;
  if (at >= until) return [];
  const decision = { by: `${prefix}-ADMIN2`, at: new Date(decided), isApproved: random.chance(0.85) };
  return [
    {
      refund_id: `${paid.transaction_id}-RF`,
      percent: kind === 'prescription' ? 100 : random.pick([25, 50, 100]),
      reason: random.pick(refundReasons[kind]),
      requested_by: `${prefix}-ADMIN1`,
      requested_at: new Date(at),
      decision: decided < until ? decision : null,
    },
  ];
}

function paymentOf(
  { visit, patient_name }: Paying,
  what: { bill_id: string | null; fee: Money; visit_date: Date },
  happened: Pick<PastPayment, 'tries' | 'refunds' | 'cancelled'>,
): PastPayment[] {
  if (happened.tries.length === 0) return [];
  const { appointment_id, patient_id, doctor_id, department_id, hospital_id } = visit.appointment;
  const { doctor, hospital, specialty } = visit.doctor;
  const { bill_id, fee, visit_date } = what;
  const names = { patient_name, doctor_name: doctor.name, department_name: specialty.name };
  const place = { hospital_name: hospital.name, hospital_address: hospital.address };
  return [
    {
      ...{ bill_id, fee, specialty: specialty.name, ...happened },
      snapshot: {
        ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id },
        ...{ ...names, ...place, visit_date, time_zone: hospital.time_zone },
      },
    },
  ];
}

/** What was paid for the booking: early, or when it was billed; what was paid for a visit that was called off. */
function ofBooking(
  paying: Paying,
  newsOfAbsence: (visit: ImportedAppointment) => AppointmentCancelled,
): PastPayment[] {
  const { appointment, billing, doctor } = paying.visit;
  const { appointment_id, status, date } = appointment;
  const bill = billing.find(({ kind }) => kind === 'consultation');
  const early = paidEarly(paying);
  const tries = early.length > 0 || !bill ? early : paidLater(paying, appointment_id, bill.created_at);
  const isOff = status === 'cancelled' || status === 'no_show';
  return paymentOf(
    paying,
    { bill_id: null, fee: bill?.total_cost ?? doctor.doctor.consultation_fee, visit_date: date },
    {
      tries,
      refunds: bill ? refundsOf(paying, bill, tries) : [],
      cancelled: isOff ? newsOfAbsence(appointment) : null,
    },
  );
}

function ofMedicine(paying: Paying, bill: BillingRow): PastPayment[] {
  const { id, total_cost, created_at } = bill;
  const tries = paidLater(paying, id, created_at);
  const refunds = refundsOf(paying, bill, tries);
  const what = { bill_id: id, fee: total_cost, visit_date: created_at };
  return paymentOf(paying, what, { tries, refunds, cancelled: null });
}

/**
 * The payments of a patient: a stream of chance of their own, so that the records are the same with and without them.
 * `newsOfAbsence` is the rule for visits that did not take place.
 */
export function generatePayments(
  plan: SeedPlan,
  { patient, visits }: Pick<SeededPatient, 'patient' | 'visits'>,
  newsOfAbsence: (visit: ImportedAppointment) => AppointmentCancelled,
): PastPayment[] {
  const random = createRandom(`${plan.options.seed} payments ${patient.patient_id}`);
  return visits.flatMap((visit) => {
    const paying = { plan, visit, patient_name: patient.name, random };
    const medicines = visit.billing.filter(({ kind }) => kind === 'prescription');
    return [...ofBooking(paying, newsOfAbsence), ...medicines.flatMap((bill) => ofMedicine(paying, bill))];
  });
}
