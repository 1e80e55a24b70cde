import {
  dayOrInstant,
  id,
  instant,
  money,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
} from '../../../lib/fields.js';
import { eventKinds, eventTypes } from './timeline.types.js';

export const timelineParams = shape({ patient_id: id() });

export const timelineQuery = shape({
  ...paging,
  since: optional(dayOrInstant().description('Inclusive.')),
  until: optional(dayOrInstant().description('Exclusive.')),
  type: optional(oneOf(...eventTypes).description('Only what is about these.')),
});

const kinds = Object.values(eventKinds).flat();

export const timelineEvent = shape({
  event_id: text(200).example('bill.charged B1001'),
  at: instant(),
  kind: oneOf(...kinds).description(
    '`appointment.*`: a step of a visit. `bill.charged`: a charge. `payment.paid`, `payment.failed`: of a payment that was asked for. ' +
      '`refund.posted`: money went back. `emergency_access.opened`: a doctor opened the record by `Break-Glass`.',
  ),
  record_id: id().description('The visit, prescription, bill, payment, refund or emergency access.'),
  appointment_id: nullable(id()),
  doctor_id: nullable(id()),
  hospital_id: nullable(id()),
  date: nullable(instant()).description('Of a visit: when it takes place, after this step.'),
  drug: nullable(name(500)),
  amount: nullable(money()),
});

export const timelinePage = pageOf(timelineEvent);
