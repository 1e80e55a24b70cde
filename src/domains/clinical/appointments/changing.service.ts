import type { HandOver } from '../../../contracts/hand-overs.js';
import type { Actor } from '../../../lib/actor.js';
import { invalidField, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { Once } from '../../../lib/idempotency.js';
import { checkVersion } from '../../../lib/records.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { noticeHours, refundPercent } from './appointments.cancellation.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import { namesOf, type News } from './appointments.news.js';
import { canRemove, canReschedule, canUpdate } from './appointments.policy.js';
import type { rescheduleBody, updateAppointmentBody } from './appointments.schema.js';
import { checkStep, checkStepTime, isFinal } from './appointments.status.js';
import type { KeepRecent } from './appointments.summaries.js';
import { mostReschedules, type Appointment, type AppointmentStatus } from './appointments.types.js';
import type { CalendarService } from './calendar.service.js';

type ChangingDeps = Pick<
  AppointmentsDeps,
  | 'appointments'
  | 'audit'
  | 'claims'
  | 'hospitals'
  | 'outbox'
  | 'transact'
  | 'clock'
  | 'reach'
  | 'refundPolicy'
  | 'countPrescriptions'
  | 'isPaid'
  | 'offerFreed'
  | 'patients'
> & {
  readonly calendar: CalendarService;
  readonly news: News;
  readonly keepRecent: KeepRecent;
  /** What the actor may see. Throws `not_found`. */
  readable(actor: Actor, appointment_id: string, tx: MongoTransaction): Promise<Appointment>;
};

type Change = Infer<typeof updateAppointmentBody>;

/** The steps that the billing store hears of, by the kind of their outbox entry. */
const handOverOf = (status: AppointmentStatus | undefined): HandOver | undefined =>
  status === 'completed'
    ? 'appointment.completed'
    : status === 'cancelled' || status === 'no_show'
      ? 'appointment.cancelled'
      : undefined;

/** BOOK-8: a patient need not say why. Throws `invalid_request`. */
function checkReason(actor: Actor, { status, cancellation_reason: reason }: Change): void {
  const isStated = reason !== undefined && reason !== 'not-stated';
  if (status === 'cancelled' && !isStated && actor.role !== 'patient')
    throw invalidField('/body/cancellation_reason', 'is required to cancel');
  if (status !== 'cancelled' && reason !== undefined)
    throw invalidField('/body/cancellation_reason', 'goes with the status cancelled only');
}

function checkChange(appointment: Appointment, status: AppointmentStatus | undefined): void {
  if (status !== undefined) checkStep(appointment.status, status);
  else if (isFinal(appointment.status))
    throw new Problem('step_not_allowed', `The appointment is ${appointment.status}, and stays as it is.`);
}

/** The slot of a visit that will not take place then is free, for anyone who waits for it. */
export const createGiveBack =
  ({ claims, offerFreed }: Pick<AppointmentsDeps, 'claims' | 'offerFreed'>) =>
  async (appointment: Appointment, now: Date, tx: MongoTransaction): Promise<void> => {
    const { appointment_id, doctor_id, hospital_id, date, slot_end } = appointment;
    const hadSlot = await claims.release(appointment_id, tx);
    if (hadSlot && slot_end && date > now) await offerFreed({ doctor_id, hospital_id, date, slot_end }, tx);
  };

export function createChangingService(deps: ChangingDeps) {
  const { appointments, audit, calendar, news, keepRecent, readable, outbox, transact, clock, reach } = deps;
  const giveBack = createGiveBack(deps);

  /** Right after the commit: the other store follows at once, if it can. */
  async function handOver(kind: HandOver): Promise<void> {
    reach(kind, 'decided');
    await outbox.drain();
  }

  return {
    /** BOOK-3, BOOK-5, BOOK-6, BOOK-8. Throws `invalid_request`, `not_found`, `forbidden`, `stale_version`, `step_not_allowed`. */
    async update(actor: Actor, appointment_id: string, body: Change, ifMatch?: number): Promise<Appointment> {
      checkReason(actor, body);
      const { status, cancellation_reason: reason = 'not-stated' } = body;
      const now = clock.now();
      const kind = handOverOf(status);
      const updated = await transact(async (tx) => {
        const appointment = await readable(actor, appointment_id, tx);
        if (!canUpdate(actor, appointment, body))
          throw new Problem('forbidden', 'That is for the doctor of this appointment.');
        checkVersion(appointment, ifMatch);
        checkChange(appointment, status);
        if (status !== undefined) {
          const zone = (await deps.hospitals.find(appointment.hospital_id, tx))?.time_zone ?? 'UTC';
          checkStepTime(appointment, status, { now, zone, late: actor.role === 'admin' });
        }
        const step = status && {
          history: [...appointment.history, { status, at: now, by: actor.user_id }],
          ...(status === 'completed' ? { ended_at: now } : {}),
          ...(status === 'cancelled' ? { cancellation_reason: reason } : {}),
        };
        const changed = (await appointments.update(
          appointment_id,
          { ...body, ...step, updated_at: now },
          tx,
        ))!;
        if (status === 'completed') await news.completed(changed, now, tx);
        if (status === 'no_show') await news.missed(changed, now, tx);
        if (status === 'cancelled') {
          const refund_percent = refundPercent(deps.refundPolicy, reason, noticeHours(appointment, now));
          const notifyDoctor = actor.role === 'patient';
          const by = { cancelled_at: now, cancelled_by: actor.user_id, notifyDoctor };
          await news.cancelled(changed, { reason, refund_percent, ...by }, tx);
          await giveBack(changed, now, tx);
        }
        await keepRecent(changed.patient_id, tx);
        await audit.done(actor, [changed.patient_id], tx);
        if (kind) reach(kind, 'deciding');
        return changed;
      });
      if (kind) await handOver(kind);
      return updated;
    },

    /**
     * BOOK-5, BOOK-8: the same appointment at another time; the slots change hands at once or not at all. Throws
     * `not_found`, `stale_version`, `step_not_allowed`, and the refusals of a time, with the nearest free slots.
     */
    reschedule(
      actor: Actor,
      appointment_id: string,
      body: Infer<typeof rescheduleBody>,
      { ifMatch, once }: { ifMatch?: number | undefined; once?: Once | undefined } = {},
    ): Promise<Appointment> {
      const now = clock.now();
      const move = async (tx: MongoTransaction): Promise<Appointment> => {
        const appointment = await readable(actor, appointment_id, tx);
        checkVersion(appointment, ifMatch);
        if (!canReschedule(actor, appointment, now))
          throw new Problem('step_not_allowed', 'It has begun, or somebody has acted on it.');
        const { doctor_id, patient_id, date: from, reschedules } = appointment;
        if (reschedules.length >= mostReschedules)
          throw new Problem('step_not_allowed', `It was moved ${mostReschedules} times: cancel it instead.`);
        const wish = { doctor_id, date: body.date, pointer: '/body/date' };
        await deps.patients.living(patient_id, tx);
        const { duty, slot } = await calendar.slotFor(wish, now, tx);
        if (slot.date.getTime() === from.getTime())
          throw invalidField('/body/date', 'is when the appointment is already');
        await giveBack(appointment, now, tx);
        const holder = { holder_id: appointment_id, patient_id, expires_at: null, is_visit: true as const };
        await calendar.claim(duty, slot, holder, { now }, tx);
        const party = actor.role === 'patient' ? ('patient' as const) : ('hospital' as const);
        const entry = { from, to: slot.date, at: now, by: actor.user_id, party, reason: body.reason };
        const changes = {
          ...slot,
          overbooking_reason: null,
          reschedules: [...reschedules, entry],
          updated_at: now,
        };
        const moved = (await appointments.update(appointment_id, changes, tx))!;
        await keepRecent(patient_id, tx);
        await news.rescheduled(moved, from, namesOf(duty), tx);
        await audit.done(actor, [patient_id], tx);
        return moved;
      };
      return calendar.withNearest(() => transact(move, once));
    },

    /** Throws `not_found`, `stale_version`, `still_in_use`, `step_not_allowed`, `booking_is_paid`. */
    async remove(actor: Actor, appointment_id: string, ifMatch?: number): Promise<void> {
      const now = clock.now();
      const wasOpen = await transact(async (tx) => {
        const appointment = await readable(actor, appointment_id, tx);
        checkVersion(appointment, ifMatch);
        await checkRemoval(actor, appointment, now, tx);
        await appointments.remove(appointment_id, now, tx);
        const isOpen = !isFinal(appointment.status);
        if (isOpen) {
          // A payment that arrives at this moment goes back: the visit that it was for is gone.
          const reason = actor.role === 'patient' ? 'pat' : 'oth-err';
          const notifyDoctor = actor.role === 'patient';
          await news.cancelled(
            appointment,
            { reason, refund_percent: 100, cancelled_at: now, cancelled_by: actor.user_id, notifyDoctor },
            tx,
          );
        }
        await giveBack(appointment, now, tx);
        await keepRecent(appointment.patient_id, tx);
        await audit.done(actor, [appointment.patient_id], tx);
        if (isOpen) reach('appointment.cancelled', 'deciding');
        return isOpen;
      });
      if (wasOpen) await handOver('appointment.cancelled');
    },
  };

  async function checkRemoval(
    actor: Actor,
    appointment: Appointment,
    now: Date,
    tx: MongoTransaction,
  ): Promise<void> {
    const { appointment_id, status } = appointment;
    if (status === 'completed') throw new Problem('still_in_use', 'The appointment is billed.');
    if (!canRemove(actor, appointment, now)) {
      throw new Problem(
        'step_not_allowed',
        'It has begun, or somebody has acted on it: an admin may remove it.',
      );
    }
    const prescriptions = await deps.countPrescriptions(appointment_id, tx);
    if (prescriptions > 0)
      throw new Problem('still_in_use', `${prescriptions} prescriptions were written in it.`);
    if (await deps.isPaid(appointment_id)) throw new Problem('booking_is_paid');
  }
}
