import type {
  AppointmentCancelled,
  AppointmentCompleted,
  PaymentChanged,
} from '../../../contracts/hand-overs.js';
import { Problem } from '../../../lib/errors.js';
import { onClock } from '../../../lib/time.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { Duty } from '../../network/doctors/index.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import type { Appointment, CancellationReason } from './appointments.types.js';

/** The doctor's name, and the zone of the clock that the visit goes by. */
interface Names {
  readonly doctor: string;
  readonly zone: string;
}

export const namesOf = ({ doctor, zone }: Duty): Names => ({ doctor: doctor.name, zone });

/** What others hear of an appointment, in the transaction that changes it: the people in it, and the billing store. */
export function createNews(
  deps: Pick<AppointmentsDeps, 'doctors' | 'patients' | 'hospitals' | 'outbox' | 'notify'>,
) {
  const { doctors, patients, hospitals, outbox, notify } = deps;

  /** Both may be gone by now, long after the visit. */
  async function findNames({ doctor_id, hospital_id }: Appointment, tx: MongoTransaction): Promise<Names> {
    const doctor = await doctors.find(doctor_id, tx);
    const hospital = await hospitals.find(hospital_id, tx);
    return { doctor: doctor?.name ?? doctor_id, zone: hospital?.time_zone ?? 'UTC' };
  }

  const visit = ({ date }: Pick<Appointment, 'date'>, { doctor, zone }: Names) => ({
    doctor,
    date: onClock(date, zone),
  });

  /** BILL-1. Throws `unknown_reference` when there is nobody to bill, or nothing that says how much. */
  async function completionOf(
    appointment: Appointment,
    completed_at: Date,
    tx: MongoTransaction,
  ): Promise<AppointmentCompleted> {
    const { appointment_id, patient_id, doctor_id, department_id, hospital_id, disease, disease_code } =
      appointment;
    const fee = appointment.consultation_fee ?? (await doctors.find(doctor_id, tx))?.consultation_fee;
    if (fee === undefined)
      throw new Problem('unknown_reference', `There is no doctor ${doctor_id}, so no fee to bill.`);
    if (!(await patients.find(patient_id, tx)))
      throw new Problem('unknown_reference', `There is no patient ${patient_id} to bill.`);
    return {
      ...{ appointment_id, patient_id, doctor_id, department_id, hospital_id, disease, disease_code },
      consultation_fee: fee,
      completed_at,
    };
  }

  return {
    completionOf,

    booked(
      appointment: Appointment,
      { user_id }: { user_id: string | null },
      names: Names,
      tx: MongoTransaction,
    ): Promise<void> {
      const { appointment_id } = appointment;
      const facts = visit(appointment, names);
      return notify({ kind: 'appointment.booked', to: { user_id }, appointment_id, facts }, tx);
    },

    rescheduled(appointment: Appointment, from: Date, names: Names, tx: MongoTransaction): Promise<void> {
      const { appointment_id, patient_id } = appointment;
      const facts = { ...visit(appointment, names), from: onClock(from, names.zone) };
      return notify({ kind: 'appointment.rescheduled', to: { patient_id }, appointment_id, facts }, tx);
    },

    /** BOOK-6: the billing store gives back what was paid, if anything was, or is being paid at this moment. */
    async cancelled(
      appointment: Appointment,
      {
        notifyDoctor,
        ...decision
      }: {
        reason: CancellationReason;
        refund_percent: number;
        cancelled_at: Date;
        cancelled_by: string;
        notifyDoctor: boolean;
      },
      tx: MongoTransaction,
    ): Promise<void> {
      const { appointment_id, patient_id, doctor_id } = appointment;
      const payload: AppointmentCancelled = { appointment_id, patient_id, doctor_id, ...decision };
      await outbox.add('appointment.cancelled', payload, tx);
      const facts = visit(appointment, await findNames(appointment, tx));
      const message = { kind: 'appointment.cancelled', appointment_id, facts } as const;
      await notify({ ...message, to: { patient_id } }, tx);
      if (notifyDoctor) await notify({ ...message, to: { doctor_id } }, tx);
    },

    /** Anyone who does not come has given no notice: what was paid stays with the hospital, and nothing can be paid any more. */
    async missed(appointment: Appointment, now: Date, tx: MongoTransaction): Promise<void> {
      const { appointment_id, patient_id, doctor_id } = appointment;
      const decision = { reason: null, refund_percent: 0, cancelled_at: now };
      const payload: AppointmentCancelled = { appointment_id, patient_id, doctor_id, ...decision };
      await outbox.add('appointment.cancelled', payload, tx);
    },

    /** Throws as `completionOf`. */
    async completed(appointment: Appointment, completed_at: Date, tx: MongoTransaction): Promise<void> {
      const payload = await completionOf(appointment, completed_at, tx);
      await outbox.add('appointment.completed', payload, tx);
    },

    async paid(
      appointment: Appointment,
      { change, amount, currency }: PaymentChanged,
      tx: MongoTransaction,
    ): Promise<void> {
      const { appointment_id, patient_id } = appointment;
      const names = await findNames(appointment, tx);
      const facts = { ...visit(appointment, names), amount: `${currency} ${amount}` };
      await notify({ kind: `payment.${change}`, to: { patient_id }, appointment_id, facts }, tx);
    },
  };
}

export type News = ReturnType<typeof createNews>;
