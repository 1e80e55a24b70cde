import type { Clock } from '../../../lib/clock.js';
import type {
  AppointmentsService,
  BookedSlot,
  VisitSet,
  VisitState,
} from '../../clinical/appointments/index.js';
import { comparing, type DriftCheck, type Source } from './reconciliation.check.js';

export interface ClaimsDeps {
  readonly appointments: Pick<
    AppointmentsService,
    'listStates' | 'findStates' | 'listBooked' | 'findBooked' | 'claimMissing' | 'releaseClaims'
  >;
  readonly clock: Clock;
}

/** BOOK-4: a visit that is to come has its slot, and a slot that is booked has its visit. */
export function claimsDrift({ appointments, clock }: ClaimsDeps): readonly DriftCheck[] {
  const visits = (set: VisitSet): Source<VisitState> => ({
    list: (after, limit) => appointments.listStates(set, after, limit),
    find: appointments.findStates,
  });
  const slots: Source<BookedSlot> = { list: appointments.listBooked, find: appointments.findBooked };

  return [
    {
      kind: 'appointment_without_claim',
      title: 'visits to come without a slot: from elsewhere, or from before slots were claimed',
      advice: 'The log says why no slot can be claimed: a doctor that is gone.',
      ...comparing({
        left: visits('to_come'),
        right: slots,
        keep: 'left',
        differs: ({ left: visit, right: slot }) =>
          visit?.status === 'scheduled' && visit.date > clock.now() && !slot
            ? `scheduled for ${visit.date.toISOString()}, without a slot`
            : undefined,
      }),
      async repair(id) {
        await appointments.claimMissing(id);
      },
    },
    {
      kind: 'claim_without_appointment',
      title: 'slots that are booked for a visit that is gone or cancelled',
      advice: 'It changes while it is read: run this again.',
      ...comparing({
        left: slots,
        right: visits('all'),
        keep: 'left',
        differs: ({ left: slot, right: visit }) =>
          slot && (!visit || visit.status === 'cancelled')
            ? `the slot of ${slot.date.toISOString()} is taken, and the visit is ${visit?.status ?? 'not there'}`
            : undefined,
      }),
      repair: appointments.releaseClaims,
    },
  ];
}
