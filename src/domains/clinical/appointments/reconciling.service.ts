import type { AppointmentCancelled, AppointmentCompleted } from '../../../contracts/hand-overs.js';
import { Problem } from '../../../lib/errors.js';
import { noticeHours, refundPercent } from './appointments.cancellation.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import type { News } from './appointments.news.js';
import {
  notBooked,
  type Appointment,
  type ImportedAppointment,
  type PaymentMark,
} from './appointments.types.js';
import type { VisitSet, VisitState } from './visit-states.repository.js';

type ReconcilingDeps = Pick<
  AppointmentsDeps,
  'appointments' | 'claims' | 'states' | 'transact' | 'clock' | 'refundPolicy'
> & { readonly news: News };

/** BILL-5: what the reconciliation reads of appointments, and sets right in them. */
export function createReconcilingService(deps: ReconcilingDeps) {
  const { appointments, claims, states, news, transact, clock } = deps;

  /** The appointment while it has this status. Throws `step_not_allowed` when it has not any more. */
  function inStatus(found: Appointment | null, status: Appointment['status']): Appointment {
    if (found?.status === status) return found;
    throw new Problem('step_not_allowed', `The appointment is not ${status} any more.`);
  }

  /** The news that a visit does not take place as it was decided: by the policy, and the hours that were left then. */
  function newsOfAbsence(visit: ImportedAppointment): AppointmentCancelled {
    const { appointment_id, patient_id, doctor_id } = visit;
    const { at: cancelled_at, by: cancelled_by } = visit.history.at(-1)!;
    const who = { appointment_id, patient_id, doctor_id };
    // As `news.missed`.
    if (visit.status === 'no_show') return { ...who, reason: null, refund_percent: 0, cancelled_at };
    // Of a time when no reason was asked for: nobody loses money by what was not asked.
    const reason = visit.cancellation_reason ?? 'other';
    const notice = noticeHours({ ...notBooked, ...visit }, cancelled_at);
    const refund_percent = refundPercent(deps.refundPolicy, reason, notice);
    return { ...who, reason, refund_percent, cancelled_at, cancelled_by };
  }

  return {
    /** The first `limit` of a set after this id, by ascending id. */
    listStates: (set: VisitSet, after: string, limit: number): Promise<VisitState[]> =>
      states.list(set, after, limit, clock.now()),
    findStates: states.find,
    listBooked: states.listBooked,
    findBooked: states.findBooked,

    /** The news of a completion, to be told again. Throws `step_not_allowed`, `unknown_reference`. */
    completionOf(appointment_id: string): Promise<AppointmentCompleted> {
      return transact(async (tx) => {
        const visit = inStatus(await appointments.find(appointment_id, tx), 'completed');
        return news.completionOf(visit, visit.ended_at ?? visit.date, tx);
      });
    },

    newsOfAbsence,

    /** Throws `step_not_allowed`. */
    async cancellationOf(appointment_id: string): Promise<AppointmentCancelled> {
      return newsOfAbsence(inStatus(await appointments.find(appointment_id), 'cancelled'));
    },

    raiseMarks: states.raiseMarks,

    /** Sets the mark to what the ledger says, unless it has changed since it was `seen`. */
    setMark: (appointment_id: string, seen: PaymentMark | null, mark: PaymentMark | null): Promise<void> =>
      transact((tx) => states.replaceMark(appointment_id, seen, mark, clock.now(), tx)),

    /** Gives back the slot of a visit that is gone or cancelled. Throws `step_not_allowed` for any other. */
    releaseClaims(appointment_id: string): Promise<void> {
      return transact(async (tx) => {
        const visit = await appointments.find(appointment_id, tx);
        if (visit) inStatus(visit, 'cancelled');
        await claims.release(appointment_id, tx);
      });
    },
  };
}
