import { createCalendars } from './booking/calendars.js';
import { createRecords } from './records.js';
import type { WebDeps } from './web.deps.js';

/** What the pages of bookings are made with. */
export const createKit = (deps: WebDeps) => ({
  deps,
  records: createRecords(deps),
  calendars: createCalendars(deps),
});

export type Kit = ReturnType<typeof createKit>;
