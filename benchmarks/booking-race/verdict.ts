import type { Answer } from './clients.js';

/** An appointment as it is stored. */
export interface Booked {
  readonly _id: string;
  readonly date: Date;
}

/** What came of the clients of one round. */
export interface Verdict {
  /** 201 */
  readonly booked: number;
  /** 409 `slot_taken` */
  readonly taken: number;
  /** Any other answer, or none, by what it was: `503 unavailable` → 2. */
  readonly other: Readonly<Record<string, number>>;
  readonly stored: number;
  /** Each slot has one appointment, the one that its winner was told of, and all others heard that it is taken. */
  readonly exact: boolean;
}

const whatOf = ({ status, code }: Answer): string => (code === null ? String(status) : `${status} ${code}`);

/** Compares what the clients were told with what is stored at the slots they wanted. */
export function judge(
  slots: readonly Date[],
  answers: readonly Answer[],
  stored: readonly Booked[],
): Verdict {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[whatOf(answer)] = (counts[whatOf(answer)] ?? 0) + 1;
  const { 201: booked = 0, '409 slot_taken': taken = 0, ...other } = counts;
  const won = new Set(
    answers.filter(({ status }) => status === 201).map(({ appointment_id }) => appointment_id),
  );
  const given = new Set(stored.map(({ date }) => date.getTime()));
  const exact =
    booked === slots.length &&
    taken === answers.length - slots.length &&
    won.size === booked &&
    stored.length === slots.length &&
    slots.every((slot) => given.has(slot.getTime())) &&
    stored.every(({ _id }) => won.has(_id));
  return { booked, taken, other, stored: stored.length, exact };
}

/** What clients were told first, and what when they asked the same again, for those to whom it was not the same. */
export function changesOf(answers: readonly Answer[], again: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [index, first] of answers.entries()) {
    const then = again[index]!;
    if (whatOf(first) === whatOf(then) && first.appointment_id === then.appointment_id) continue;
    const change = [first, then]
      .map((answer) => [whatOf(answer), answer.appointment_id].join(' ').trim())
      .join(', then ');
    counts[change] = (counts[change] ?? 0) + 1;
  }
  return counts;
}
