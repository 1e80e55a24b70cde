/*
 * What the money of one booking should do, by an account of its own: whole cents in plain numbers, the rules written down
 * a second time and as simply as they can be. The histories compare the system with it, step by step. Pure.
 */
export interface Fees {
  readonly fee: number;
  readonly gst: number;
  readonly total: number;
}

export type Account =
  'cash' | 'receivable' | 'gst_payable' | 'revenue' | 'refunds_given' | 'cancellation_fees';

interface ModelRefund {
  readonly amount: number;
  readonly by: number | null;
  status: 'pending' | 'posted' | 'rejected';
  /** Its booking's cancellation asked for it. */
  readonly ofCancellation?: boolean;
}

export interface ModelPayment {
  readonly refunds: ModelRefund[];
  /** Of the refunds before the bill: what of it was fee. */
  feeBack: number;
  voided: boolean;
}

export interface Booking extends Fees {
  /** What a patient who cancels now gets back, in percent. */
  percent: number;
  visit: 'scheduled' | 'completed' | 'cancelled';
  readonly payments: ModelPayment[];
  readonly books: Record<Account, number>;
}

/** What somebody does to a booking. `payment` and `refund` count from 0, and are those there were when it was decided on. */
export type Act =
  | { readonly do: 'pay'; readonly by: 'patient' | 'admin' }
  | { readonly do: 'refund'; readonly payment: number; readonly amount: number | null; readonly by: number }
  | {
      readonly do: 'decide';
      readonly payment: number;
      readonly refund: number;
      readonly approve: boolean;
      readonly by: number;
    }
  | { readonly do: 'void'; readonly payment: number }
  | { readonly do: 'cancel'; readonly whose: 'pat' | 'prov' }
  | { readonly do: 'reschedule'; readonly percent: number }
  | { readonly do: 'complete' };

/** `ok`, or the code of the refusal. */
export type Outcome = string;

export const newBooking = (fees: Fees, percent: number): Booking => ({
  ...fees,
  percent,
  visit: 'scheduled',
  payments: [],
  books: { cash: 0, receivable: 0, gst_payable: 0, revenue: 0, refunds_given: 0, cancellation_fees: 0 },
});

export const refundedOf = ({ refunds }: ModelPayment): number =>
  refunds.filter(({ status }) => status === 'posted').reduce((sum, { amount }) => sum + amount, 0);

const usedOf = ({ refunds }: ModelPayment): number =>
  refunds.filter(({ status }) => status !== 'rejected').reduce((sum, { amount }) => sum + amount, 0);

const isLive = (payment: ModelPayment | undefined, { total }: Fees): payment is ModelPayment =>
  payment !== undefined && !payment.voided && refundedOf(payment) < total;

/** Of so much that went back, what is tax: half a cent is rounded up. */
export const gstOf = ({ gst, total }: Fees, refunded: number): number =>
  Math.floor((2 * gst * refunded + total) / (2 * total));

/** `isHeld`: a cancelled booking has kept its fee apart for this refund. */
function give(booking: Booking, payment: ModelPayment, amount: number, isHeld = false): void {
  const before = refundedOf(payment);
  const gst = gstOf(booking, before + amount) - gstOf(booking, before);
  booking.books.cash -= amount;
  booking.books.gst_payable += gst;
  if (booking.visit === 'scheduled' || isHeld) {
    booking.books.receivable += amount - gst;
    payment.feeBack += amount - gst;
  } else booking.books.refunds_given += amount - gst;
}

function pay(booking: Booking): Outcome {
  const { fee, gst, total, payments, books, visit } = booking;
  if (visit === 'cancelled') return 'booking_not_payable';
  if (isLive(payments.at(-1), booking)) return 'already_paid';
  if (visit === 'completed' && books.receivable <= 0) return 'already_refunded';
  payments.push({ refunds: [], feeBack: 0, voided: false });
  books.cash += total;
  books.receivable -= fee;
  books.gst_payable -= gst;
  return 'ok';
}

function refund(booking: Booking, act: Act & { do: 'refund' }, limit: number): Outcome {
  const payment = booking.payments[act.payment]!;
  if (payment.voided) return 'transaction_voided';
  if (payment.refunds.some(({ status, ofCancellation }) => status === 'pending' && ofCancellation))
    return 'refund_waits';
  if (refundedOf(payment) === booking.total) return 'already_refunded';
  const left = booking.total - usedOf(payment);
  const amount = act.amount ?? left;
  if (amount > left || left === 0) return 'refund_exceeds_payment';
  const waits = refundedOf(payment) + amount > limit;
  if (!waits) give(booking, payment, amount);
  payment.refunds.push({ amount, by: act.by, status: waits ? 'pending' : 'posted' });
  return 'ok';
}

function decide(booking: Booking, act: Act & { do: 'decide' }): Outcome {
  const payment = booking.payments[act.payment]!;
  const asked = payment.refunds[act.refund]!;
  if (asked.status !== 'pending') return 'refund_decided';
  if (asked.by === act.by) return 'same_person';
  if (act.approve) give(booking, payment, asked.amount, asked.ofCancellation);
  else if (asked.ofCancellation) keepRest(booking, 0);
  asked.status = act.approve ? 'posted' : 'rejected';
  return 'ok';
}

function voidPayment(booking: Booking, act: Act & { do: 'void' }, limit: number): Outcome {
  const payment = booking.payments[act.payment]!;
  const { fee, gst, total, books } = booking;
  if (payment.voided) return 'transaction_voided';
  if (usedOf(payment) > 0) return 'transaction_refunded';
  if (total > limit) return 'approval_needed';
  payment.voided = true;
  books.cash -= total;
  books.gst_payable += gst;
  books[booking.visit === 'cancelled' ? 'refunds_given' : 'receivable'] += fee;
  return 'ok';
}

/** What is left of the fee stays, but for what a refund waits for. */
function keepRest({ books }: Booking, waiting: number): void {
  books.cancellation_fees += books.receivable + waiting;
  books.receivable = -waiting;
}

function cancel(booking: Booking, { whose }: Act & { do: 'cancel' }, limit: number): Outcome {
  if (booking.visit !== 'scheduled') return 'step_not_allowed';
  const payment = booking.payments.at(-1);
  let waiting = 0;
  if (isLive(payment, booking)) {
    for (const asked of payment.refunds) if (asked.status === 'pending') asked.status = 'rejected';
    const percent = whose === 'prov' ? 100 : booking.percent;
    const before = refundedOf(payment);
    const amount = Math.floor((2 * booking.total * percent + 100) / 200) - before;
    if (amount > 0) {
      const waits = before + amount > limit;
      if (waits) waiting = amount - gstOf(booking, before + amount) + gstOf(booking, before);
      else give(booking, payment, amount);
      const status = waits ? ('pending' as const) : ('posted' as const);
      payment.refunds.push({ amount, by: 0, status, ofCancellation: true });
    }
  }
  booking.visit = 'cancelled';
  keepRest(booking, waiting);
  return 'ok';
}

function complete(booking: Booking): Outcome {
  if (booking.visit !== 'scheduled') return 'step_not_allowed';
  const { fee, payments, books } = booking;
  booking.visit = 'completed';
  books.revenue -= fee;
  books.receivable += fee;
  const payment = payments.at(-1);
  if (isLive(payment, booking)) {
    books.refunds_given += payment.feeBack;
    books.receivable -= payment.feeBack;
  }
  return 'ok';
}

/** Does it to the booking, if the rules allow it. `limit`: above it a refund waits for a second admin. */
export function apply(booking: Booking, act: Act, limit: number): Outcome {
  switch (act.do) {
    case 'pay':
      return pay(booking);
    case 'refund':
      return refund(booking, act, limit);
    case 'decide':
      return decide(booking, act);
    case 'void':
      return voidPayment(booking, act, limit);
    case 'cancel':
      return cancel(booking, act, limit);
    case 'complete':
      return complete(booking);
    case 'reschedule':
      if (booking.visit !== 'scheduled') return 'step_not_allowed';
      booking.percent = act.percent;
      return 'ok';
  }
}
