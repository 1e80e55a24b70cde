import { cancellationReasons, type Appointment, type CancellationReason } from './appointments.types.js';

/** The most hours before the start first; what a patient gets back who cancels no later than that. */
export type RefundPolicy = readonly { readonly hours: number; readonly percent: number }[];

const hourMs = 3_600_000;

/**
 * BOOK-6: how much of what was paid goes back, in percent. When it was not the patient who gave the visit up, all of it; a
 * patient gets what the policy says of the time that was left, and nothing when that is less than it names.
 */
export function refundPercent(policy: RefundPolicy, reason: CancellationReason, notice: number): number {
  if (cancellationReasons[reason].party !== 'patient') return 100;
  return policy.find(({ hours }) => notice >= hours)?.percent ?? 0;
}

/**
 * The hours of notice that a patient gives who cancels at `now`; below zero after the start. A patient who moved the visit
 * first gave the first slot up then: the shortest notice counts, or a late cancellation would only take two steps.
 */
export const noticeHours = (
  { date, reschedules }: Pick<Appointment, 'date' | 'reschedules'>,
  now: Date,
): number =>
  Math.min(
    date.getTime() - now.getTime(),
    ...reschedules
      .filter(({ party }) => party === 'patient')
      .map(({ from, at }) => from.getTime() - at.getTime()),
  ) / hourMs;
