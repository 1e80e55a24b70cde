import type { MongoTransaction } from '../../../lib/transaction.js';
import { refundPercent } from './appointments.cancellation.js';
import type { AppointmentsDeps } from './appointments.deps.js';
import type { News } from './appointments.news.js';
import type { KeepRecent } from './appointments.summaries.js';
import type { Appointment } from './appointments.types.js';
import type { HoldsService } from './holds.service.js';

type DeathsDeps = Pick<AppointmentsDeps, 'appointments' | 'refundPolicy' | 'reach' | 'clock'> & {
  readonly holds: HoldsService;
  readonly news: News;
  readonly keepRecent: KeepRecent;
  giveBack(appointment: Appointment, now: Date, tx: MongoTransaction): Promise<void>;
};

const reason = 'pat-dec' as const;
const dayMs = 86_400_000;

/** PAT-9: what follows for the calendar from the death of a patient. */
export function createDeathsService(deps: DeathsDeps) {
  const { appointments, holds, news, keepRecent, reach, clock } = deps;

  return {
    /**
     * Cancels what the patient was still to come to, and gives the holds back, in the transaction that records the death.
     * `died`: the day, as midnight UTC. Of the day itself nobody knows the hour: what has begun by now stays as it is.
     */
    async callOff(
      patient_id: string,
      { died, by }: { readonly died: Date; readonly by: string },
      tx: MongoTransaction,
    ): Promise<void> {
      const now = clock.now();
      // Two days on it is over in all zones.
      const over = new Date(Math.min(now.getTime(), died.getTime() + 2 * dayMs));
      for (const visit of await appointments.listScheduled(patient_id, over, tx)) {
        const changes = {
          status: 'cancelled' as const,
          cancellation_reason: reason,
          history: [...visit.history, { status: 'cancelled' as const, at: now, by }],
          updated_at: now,
        };
        const changed = (await appointments.update(visit.appointment_id, changes, tx))!;
        // The reason is not one of the patient's: all of it, whatever notice was given.
        const refund_percent = refundPercent(deps.refundPolicy, reason, 0);
        const decision = {
          reason,
          refund_percent,
          cancelled_at: now,
          cancelled_by: by,
          notifyDoctor: true,
        } as const;
        await news.cancelled(changed, decision, tx);
        await deps.giveBack(changed, now, tx);
        reach('appointment.cancelled', 'deciding');
      }
      await holds.releaseAll(patient_id, tx);
      await keepRecent(patient_id, tx);
    },
  };
}
