import { Problem } from '../../../lib/errors.js';
import type { AppointmentStatus } from './appointments.types.js';

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
