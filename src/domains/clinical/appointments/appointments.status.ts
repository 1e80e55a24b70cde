import { DateTime } from 'luxon';
import { Problem } from '../../../lib/errors.js';
import { appointmentStatuses, type Appointment, type AppointmentStatus } from './appointments.types.js';

/** BOOK-3: the steps that there are. A status without any is final. */
const steps: Readonly<Record<AppointmentStatus, readonly AppointmentStatus[]>> = {
  scheduled: ['checked_in', 'cancelled', 'no_show'],
  checked_in: ['completed'],
  completed: [],
  cancelled: [],
  no_show: [],
};

export const canStep = (from: AppointmentStatus, to: AppointmentStatus): boolean => steps[from].includes(to);

export const isFinal = (status: AppointmentStatus): boolean => steps[status].length === 0;

/** Still to come, or begun: a visit that is checked in will be billed, however late it is completed. The store's own: `countOpen`. */
export const isOpen = ({ status, date }: Pick<Appointment, 'status' | 'date'>, now: Date): boolean =>
  (status === 'scheduled' && date >= now) || status === 'checked_in';

/** Throws `step_not_allowed` for a step that is not drawn above, such as cancelling twice. */
export function checkStep(from: AppointmentStatus, to: AppointmentStatus): void {
  if (canStep(from, to)) return;
  throw new Problem('step_not_allowed', `An appointment that is ${from} cannot become ${to}.`, {
    more: { from, to, allowed: steps[from] },
  });
}

const dayOf = (at: Date, zone: string): string => DateTime.fromJSDate(at, { zone }).toFormat('yyyy-MM-dd');

/**
 * BOOK-10: a visit is checked in on its day, on the clock of its hospital, and neither over nor missed before it begins.
 * `late`: whether a visit whose day is over may still be checked in, for what nobody wrote down then. Throws `step_not_allowed`.
 */
export function checkStepTime(
  { date, slot_end }: Pick<Appointment, 'date' | 'slot_end'>,
  to: AppointmentStatus,
  { now, zone, late }: { readonly now: Date; readonly zone: string; readonly late: boolean },
): void {
  const refuse = (detail: string): never => {
    throw new Problem('step_not_allowed', detail, { more: { date: date.toISOString(), time_zone: zone } });
  };
  if ((to === 'completed' || to === 'no_show') && now < date)
    refuse(`A visit cannot be ${to} before it begins.`);
  if (to !== 'checked_in') return;
  const today = dayOf(now, zone);
  if (today < dayOf(date, zone)) refuse('A visit is checked in on its day, not before.');
  if (!late && today > dayOf(slot_end ?? date, zone))
    refuse('The day of the visit is over: an admin may still check it in.');
}

/** Other words for the same, FHIR's and the American spelling among them. */
const synonyms: Readonly<Record<string, AppointmentStatus>> = {
  booked: 'scheduled',
  canceled: 'cancelled',
  noshow: 'no_show',
};

export const statusForms = `must be one of ${appointmentStatuses.join(', ')}, in any case; \`Booked\` is \`scheduled\``;

/** `Cancelled`, `No-show`, `Checked in`, `Booked`. Throws an Error that shows the words. */
export function readStatus(text: string): AppointmentStatus {
  const word = text
    .trim()
    .toLowerCase()
    .replaceAll(/[-\s]+/g, '_');
  const status = Object.hasOwn(synonyms, word)
    ? synonyms[word]
    : appointmentStatuses.find((known) => known === word);
  if (!status) throw new Error(statusForms);
  return status;
}
