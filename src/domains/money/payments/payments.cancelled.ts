import type { AppointmentCancelled } from '../../../contracts/hand-overs.js';
import { fromCents, toCents, type Money } from '../../../lib/money.js';
import { cancellationReasons } from '../../clinical/appointments/index.js';
import { percentOf } from './payments.amounts.js';
import type { RefundRow } from './payments.model.js';

/** BOOK-6: the percentage of the payment, less what has gone back already; null: nothing is to go back. */
export function policyRefund(
  { total_fee, refunded }: { readonly total_fee: Money; readonly refunded: Money },
  { reason, refund_percent, cancelled_by = null }: AppointmentCancelled,
): Pick<RefundRow, 'amount' | 'reason' | 'requested_by' | 'cause'> | null {
  const due = toCents(percentOf(total_fee, refund_percent)) - toCents(refunded);
  if (due <= 0n || reason === null) return null;
  const { party, title } = cancellationReasons[reason];
  const text = `Cancelled by the ${party} (${title}): ${refund_percent} %`;
  return { amount: fromCents(due), reason: text, requested_by: cancelled_by, cause: 'cancellation' };
}
