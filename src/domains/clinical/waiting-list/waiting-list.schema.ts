import {
  calendarDate,
  id,
  instant,
  integer,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
} from '../../../lib/fields.js';
import { waitingStatuses } from './waiting-list.types.js';

export const waitingParams = shape({ waiting_id: id() });

export const waitingQuery = shape({
  ...paging,
  doctor_id: optional(id()),
  day: optional(calendarDate()),
});

export const joinBody = shape({
  doctor_id: id(),
  day: calendarDate().description('On the calendar of the hospital.'),
  patient_id: optional(id().description('An admin names the patient; a patient waits for oneself.')),
});

export const waitingResponse = shape({
  waiting_id: id(),
  doctor_id: id(),
  hospital_id: id(),
  patient_id: id(),
  day: calendarDate(),
  status: oneOf(...waitingStatuses),
  offer: nullable(
    shape({ hold_id: id(), date: instant(), slot_end: instant(), expires_at: instant() }),
  ).description(
    'The slot that is, or was, held for the patient. While `offered`, it is booked with its hold_id.',
  ),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const waitingPage = pageOf(waitingResponse);
