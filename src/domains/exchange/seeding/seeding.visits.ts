import { fromCents, type Money } from '../../../lib/money.js';
import { utcDay } from '../../../lib/period.js';
import type {
  AppointmentStep,
  CancellationReason,
  ImportedAppointment,
} from '../../clinical/appointments/appointments.types.js';
import type { BillingRow } from '../../money/billing/billing.types.js';
import type { Prescription } from '../../clinical/prescriptions/prescriptions.types.js';
import { busynessOf, often } from './seeding.clinics.js';
import type { Disease } from './seeding.diseases.js';
import type { SeededDoctor } from './seeding.network.js';
import { roleWeights, type SeedPlan } from './seeding.plan.js';
import { createRandom, type Random } from './seeding.random.js';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Of a patient, in a year. */
const meanVisits = 10;
const maxLeadDays = 30;
/** NHS England 2023-24, as medscheduler uses them: 16.5 % cancelled, 6 % missed. The longer ahead, the more are missed. */
const rates = { cancelled: 0.165, missed: 0.03, missedPerLeadDay: 0.002 } as const;
const weekdayWeights = [0, 1.2, 1.1, 1, 1, 0.8, 0] as const;
const billedPrescriptions = 0.68;

export interface Visit {
  readonly doctor: SeededDoctor;
  readonly appointment: ImportedAppointment;
  readonly disease: Disease | null;
  readonly prescriptions: readonly Prescription[];
  readonly billing: readonly BillingRow[];
}

interface Who {
  readonly patient_id: string;
  readonly number: number;
  readonly random: Random;
}

interface Booking {
  readonly doctor: SeededDoctor;
  readonly date: Date;
  readonly disease: Disease | null;
}

/** The patient's bookings in order of time, at most one a day. */
function bookingsOf(plan: SeedPlan, doctors: readonly SeededDoctor[], { number, random }: Who): Booking[] {
  const { years, busy } = plan.options;
  const count = busy ? Infinity : Math.max(1, Math.round(meanVisits * years * often(random.next())));
  const candidates = plan.lanesOf(number).flatMap(({ doctor: index, slots }, role) => {
    const doctor = doctors[index]!;
    const { diseases } = doctor.specialty;
    const isCommon = (disease: Disease): number => (busy ? 1 / (1 + diseases.indexOf(disease)) : 1);
    const treated = random.sample(diseases, role === 0 ? 2 : 1, isCommon);
    return slots.map((slot) => ({
      doctor,
      treated,
      date: plan.timeOf(slot, doctor.hospital.time_zone),
      weight: roleWeights[role]! * busynessOf(slot) * weekdayWeights[new Date(slot).getUTCDay()]!,
    }));
  });
  const chosen = random.sample(candidates, count, ({ weight }) => weight);
  const byDay = new Map(chosen.map((one) => [utcDay(one.date).getTime(), one]));
  return [...byDay.values()]
    .toSorted((a, b) => a.date.getTime() - b.date.getTime())
    .map(({ doctor, treated, date }) => ({
      doctor,
      date,
      disease: random.chance(0.9) ? random.pick(treated) : null,
    }));
}

/** What became of a booking, and when; `until` is now. */
function historyOf(date: Date, until: Date, random: Random): AppointmentStep[] {
  const lead = random.between(0, maxLeadDays);
  const booked = date.getTime() - lead * dayMs - random.between(30, 240) * minuteMs;
  const step = (status: AppointmentStep['status'], at: number): AppointmentStep => ({
    status,
    at: new Date(at),
    by: null,
  });
  const steps = [step('scheduled', Math.min(booked, until.getTime() - minuteMs))];
  const fate = random.next();
  if (date >= until) return steps;
  if (fate < rates.cancelled) {
    const left = date.getTime() - booked;
    return [...steps, step('cancelled', booked + Math.floor(left * random.next()))];
  }
  const time = date.getTime();
  // Nothing is over before its time.
  const ifPast = (one: AppointmentStep): AppointmentStep[] => (one.at > until ? [] : [one]);
  if (fate < rates.cancelled + rates.missed + rates.missedPerLeadDay * lead) {
    return [...steps, ...ifPast(step('no_show', time + 15 * minuteMs))];
  }
  const arrived = step('checked_in', time - random.between(0, 15) * minuteMs);
  return [...steps, arrived, ...ifPast(step('completed', time + random.between(8, 35) * minuteMs))];
}

/** How often visits are called off for a reason, compared with others. */
const reasonWeights: Readonly<Partial<Record<CancellationReason, number>>> = {
  ...{ pat: 30, 'pat-fb': 14, 'not-stated': 9, 'oth-fin': 6, 'pat-lt': 5, 'pat-uwo': 2 },
  ...{ prov: 14, 'prov-pers': 5, 'prov-edu': 4, 'oth-weath': 3, 'oth-room': 3, maint: 2, other: 3 },
};
const reasons = Object.keys(reasonWeights) as CancellationReason[];

const reasonOf = ({ options: { seed } }: SeedPlan, appointment_id: string): CancellationReason =>
  createRandom(`${seed} reason ${appointment_id}`).sample(reasons, 1, (reason) => reasonWeights[reason]!)[0]!;

function prescriptionsOf(appointment: ImportedAppointment, disease: Disease, random: Random): Prescription[] {
  const { appointment_id, patient_id, doctor_id, department_id, hospital_id, ended_at } = appointment;
  const throwOf = random.next();
  const count = throwOf < 0.25 ? 0 : throwOf < 0.7 ? 1 : throwOf < 0.94 ? 2 : 3;
  const start_date = utcDay(ended_at!);
  return Array.from({ length: count }, (_, index) => {
    const { drug, drug_code, value, unit, frequency, cents, days } = random.pick(disease.drugs);
    return {
      prescription_id: `${appointment_id}-R${index}`,
      patient_id,
      doctor_id,
      appointment_id,
      department_id,
      hospital_id,
      drug,
      drug_code,
      dosage: { value, unit },
      frequency,
      cost: fromCents(BigInt(Math.round(cents * (0.8 + random.next() / 2)))),
      disease: disease.disease,
      disease_code: disease.disease_code,
      start_date,
      end_date:
        disease.chronic && random.chance(0.2) ? null : new Date(start_date.getTime() + (days - 1) * dayMs),
      version: 1,
      created_at: ended_at!,
      updated_at: ended_at!,
    };
  });
}

function billingOf(
  appointment: ImportedAppointment,
  fee: Money,
  prescriptions: readonly Prescription[],
  random: Random,
): BillingRow[] {
  const { appointment_id, patient_id, doctor_id, department_id, hospital_id, disease, disease_code } =
    appointment;
  const common = { patient_id, appointment_id, doctor_id, department_id, hospital_id, disease, disease_code };
  const created_at = appointment.ended_at!;
  const charged = prescriptions.filter(() => random.chance(billedPrescriptions));
  return [
    {
      id: `${appointment_id}-C`,
      ...common,
      prescription_id: null,
      kind: 'consultation',
      total_cost: fee,
      created_at,
    },
    ...charged.map(({ prescription_id, cost }) => ({
      id: `${prescription_id}-C`,
      ...common,
      prescription_id,
      kind: 'prescription' as const,
      total_cost: cost,
      created_at,
    })),
  ];
}

/** All that happened to a patient; `doctor` is the number of the one they see most. */
export function generateVisits(
  plan: SeedPlan,
  doctors: readonly SeededDoctor[],
  who: Who,
): { doctor: number; visits: Visit[] } {
  const { patient_id, number, random } = who;
  const { prefix, options } = plan;
  const visits = bookingsOf(plan, doctors, who).map(({ doctor: seeded, date, disease }, index): Visit => {
    const { doctor } = seeded;
    const appointment_id = `${prefix}-A${number}-${index}`;
    const history = historyOf(date, options.until, random);
    const last = history.at(-1)!;
    const appointment: ImportedAppointment = {
      appointment_id,
      patient_id,
      doctor_id: doctor.doctor_id,
      department_id: doctor.department_id,
      hospital_id: doctor.hospital_id,
      date,
      ended_at: last.status === 'completed' ? last.at : null,
      status: last.status,
      disease: disease?.disease ?? null,
      disease_code: disease?.disease_code ?? null,
      reason: disease ? null : 'Check-up',
      ...(last.status === 'cancelled' && { cancellation_reason: reasonOf(plan, appointment_id) }),
      history,
      version: 1,
      created_at: history[0]!.at,
      updated_at: last.at,
    };
    const visit = { doctor: seeded, appointment, disease };
    if (last.status !== 'completed') return { ...visit, prescriptions: [], billing: [] };
    const prescriptions = disease ? prescriptionsOf(appointment, disease, random) : [];
    const billing = billingOf(appointment, doctor.consultation_fee, prescriptions, random);
    return { ...visit, prescriptions, billing };
  });
  return { doctor: plan.lanesOf(number)[0]!.doctor, visits };
}
