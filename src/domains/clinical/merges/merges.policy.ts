/** What is asked of each of the two. */
interface Person {
  readonly deceased_date: Date | null;
}

/** What the books and the calendar say of the two. */
export interface Standing {
  /** A slot is held for one of them. */
  readonly isBooking: boolean;
  /** Bills and prepayments of each that are not settled. */
  readonly unsettled: { readonly into: number; readonly from: number };
}

/** PAT-7: why the two cannot be merged now, as a sentence; null: they can. */
export function mergeFault(into: Person, from: Person, { isBooking, unsettled }: Standing): string | null {
  if (isBooking) return 'Somebody is booking for one of them: try again in some minutes.';
  if (unsettled.into > 0 && unsettled.from > 0)
    return `Both owe something (${unsettled.into} and ${unsettled.from} bills): settle those of one of them first.`;
  if ((into.deceased_date === null) !== (from.deceased_date === null))
    return 'One of them has died, and the other has not: say of both what is true first.';
  return null;
}
