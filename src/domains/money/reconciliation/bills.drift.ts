import type { Clock } from '../../../lib/clock.js';
import type { NewId } from '../../../lib/ids.js';
import type { AppointmentsService, VisitState } from '../../clinical/appointments/index.js';
import type { BillingService } from '../billing/index.js';
import { comparing, entryOf, type DriftCheck, type Source, type State } from './reconciliation.check.js';

export interface BillsDeps {
  readonly appointments: Pick<AppointmentsService, 'listStates' | 'findStates' | 'completionOf'>;
  readonly billing: Pick<BillingService, 'listConsultations' | 'billedOf' | 'consumeCompleted'>;
  readonly newId: NewId;
  readonly clock: Clock;
}

/** BILL-1: a visit that was completed here has its bill, and a bill has its completed visit. */
export function billsDrift(deps: BillsDeps): readonly DriftCheck[] {
  const { appointments, billing } = deps;
  const visits = (set: 'completed' | 'completed_here'): Source<VisitState> => ({
    list: (after, limit) => appointments.listStates(set, after, limit),
    find: appointments.findStates,
  });
  const bills: Source<State> = {
    list: async (after, limit) =>
      (await billing.listConsultations(after, limit)).map((row) => ({ appointment_id: row.appointment_id! })),
    find: async (ids) => [...(await billing.billedOf(ids))].map((appointment_id) => ({ appointment_id })),
  };

  return [
    {
      kind: 'completed_without_bill',
      title: 'visits that were completed here and are not billed',
      advice: 'The log says why the visit cannot be billed: a doctor or patient that is gone.',
      ...comparing({
        left: visits('completed_here'),
        right: bills,
        keep: 'left',
        differs: ({ left: visit, right: bill }) =>
          visit?.status === 'completed' && visit.made_here && !bill
            ? `completed, last changed ${visit.changed_at.toISOString()}, and not billed`
            : undefined,
      }),
      async repair(id) {
        const completion = await appointments.completionOf(id);
        await billing.consumeCompleted(entryOf(deps, 'appointment.completed', completion));
      },
    },
    {
      kind: 'bill_without_visit',
      title: 'bills of consultations whose visit is gone or not completed',
      advice:
        'A bill stays as it is. Find out by its appointment_id whether the visit took place: complete the appointment, or ' +
        'refund what was paid.',
      ...comparing({
        left: bills,
        right: visits('completed'),
        keep: 'left',
        differs: ({ left: bill, right: visit }) =>
          bill && visit?.status !== 'completed'
            ? `billed, and the visit is ${visit?.status ?? 'not there'}`
            : undefined,
      }),
    },
  ];
}
