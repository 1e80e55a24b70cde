import { Problem } from '../../../lib/errors.js';
import { appointmentStatuses, type AppointmentStatus } from './appointments.types.js';

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

/** Throws `step_not_allowed` for a step that is not drawn above, such as cancelling twice. */
export function checkStep(from: AppointmentStatus, to: AppointmentStatus): void {
  if (canStep(from, to)) return;
  throw new Problem('step_not_allowed', `An appointment that is ${from} cannot become ${to}.`, {
    more: { from, to, allowed: steps[from] },
  });
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
