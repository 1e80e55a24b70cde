import type { AppointmentCancelled } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import type { NewId } from '../../../lib/ids.js';
import type {
  AppointmentsService,
  PaymentMark,
  VisitSet,
  VisitState,
} from '../../clinical/appointments/index.js';
import type { BookingMoney, PaymentsService } from '../payments/index.js';
import { comparing, entryOf, type DriftCheck, type Source } from './reconciliation.check.js';

export interface PaymentsDriftDeps {
  readonly appointments: Pick<
    AppointmentsService,
    'listStates' | 'findStates' | 'cancellationOf' | 'setMark'
  >;
  readonly payments: Pick<PaymentsService, 'listPaid' | 'moneyOf' | 'consumeCancelled'>;
  readonly clock: Clock;
  readonly newId: NewId;
}

const said = (mark: PaymentMark | null): string =>
  mark
    ? `${mark.transaction_id} ${mark.status}, ${mark.refunded} of ${mark.total_fee} refunded`
    : 'no payment';

const isSame = (a: PaymentMark | null, b: PaymentMark | null): boolean =>
  said(a) === said(b) && a?.as_of === b?.as_of;

/** BILL-2, BOOK-6: a visit says of its payment what the ledger says, and one that does not take place is settled. */
export function paymentsDrift(deps: PaymentsDriftDeps): readonly DriftCheck[] {
  const { appointments, payments, clock } = deps;
  const visits = (set: VisitSet): Source<VisitState> => ({
    list: (after, limit) => appointments.listStates(set, after, limit),
    find: appointments.findStates,
  });
  const money: Source<BookingMoney> = {
    list: async (after, limit) => payments.moneyOf(await payments.listPaid(after, limit)),
    find: payments.moneyOf,
  };
  const settle = (payload: AppointmentCancelled): Promise<void> =>
    payments.consumeCancelled(entryOf(deps, 'appointment.cancelled', payload));

  return [
    {
      kind: 'cancelled_not_settled',
      title: 'paid visits that were cancelled here, and whose money is not settled',
      advice:
        'The log says why the cancellation cannot be applied; then refund by hand what the policy gives.',
      ...comparing({
        left: money,
        right: visits('cancelled_here'),
        keep: 'left',
        differs: ({ left: paid, right: visit }) =>
          paid?.is_live && !paid.is_closed && visit?.status === 'cancelled' && visit.made_here
            ? `cancelled, and ${said(paid.mark)}`
            : undefined,
      }),
      repair: async (id) => settle(await appointments.cancellationOf(id)),
    },
    {
      kind: 'paid_without_visit',
      title: 'payments whose visit is gone, and that were not given back',
      advice: 'Refund what is left of the payment: its booking was closed before the visit went.',
      ...comparing({
        left: money,
        right: visits('all'),
        keep: 'left',
        differs: ({ left: paid, right: visit }) =>
          paid?.is_live && !visit ? `${said(paid.mark)}, and the visit is not there` : undefined,
      }),
      async repair(id) {
        const [paid] = await payments.moneyOf([id]);
        if (!paid) return;
        const { appointment_id, patient_id, doctor_id } = paid;
        // Nobody can say who gave the visit up: it was not the patient, so all of it goes back.
        const why = { reason: 'oth-err', refund_percent: 100, cancelled_at: clock.now() } as const;
        await settle({ appointment_id, patient_id, doctor_id, ...why });
      },
    },
    {
      kind: 'payment_mark_wrong',
      title: 'visits that do not say of their payment what the ledger says',
      advice: 'It changes while it is read: run this again.',
      ...comparing({
        left: visits('with_payment'),
        right: money,
        keep: 'all',
        differs: ({ left: visit, right: paid }) =>
          isSame(visit?.payment ?? null, paid?.mark ?? null)
            ? undefined
            : `the visit says ${said(visit?.payment ?? null)}, the ledger ${said(paid?.mark ?? null)}`,
      }),
      async repair(id) {
        const [visit] = await appointments.findStates([id]);
        const [paid] = await payments.moneyOf([id]);
        if (visit) await appointments.setMark(id, visit.payment, paid?.mark ?? null);
      },
    },
  ];
}
