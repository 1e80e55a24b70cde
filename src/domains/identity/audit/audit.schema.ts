import { roles } from '../../../lib/actor.js';
import { purposes, type Purpose } from '../../../lib/audited.js';
import {
  dayOrInstant,
  flag,
  id,
  instant,
  listOf,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
} from '../../../lib/fields.js';
import { auditActions, auditOutcomes } from './audit.types.js';

const purpose = () =>
  nullable(
    oneOf(...(Object.keys(purposes) as Purpose[])).description(
      'Why, as HL7 v3 PurposeOfUse; null: not stated.',
    ),
  );

export const auditQuery = shape({
  ...paging,
  user: optional(id().description('Who did it.')),
  patient: optional(id().description('Whose record.')),
  action: optional(oneOf(...auditActions)),
  outcome: optional(oneOf(...auditOutcomes)),
  from: optional(dayOrInstant()),
  to: optional(dayOrInstant()),
});

export const auditEventResponse = shape({
  event_id: id(),
  at: instant(),
  action: oneOf(...auditActions),
  outcome: oneOf(...auditOutcomes),
  problem: nullable(text(100).description('What it was refused with.').example('not_found')),
  actor_user_id: nullable(id()),
  role: nullable(oneOf(...roles)),
  subject: nullable(text(200).description('The id of what it was done to.')),
  patient_ids: listOf(id(), 1_000).description('Whose records were shown, changed, or asked for by name.'),
  purpose: purpose(),
  address: nullable(text(100).description('Where the request came from.')),
  request_id: nullable(text(100)),
  sealed: flag().description('Whether it stands in the chain, which a later change would break.'),
});

export const auditPage = pageOf(auditEventResponse);

export const accessParams = shape({ patient_id: id() });

export const accessQuery = shape({ ...paging });

export const accessPage = pageOf(
  shape({
    event_id: id(),
    at: instant(),
    who: nullable(text(200).description('The name of the user; null: a payment provider.')),
    role: nullable(oneOf(...roles)),
    is_own: flag().description('Whether the patient did it.'),
    action: oneOf(...auditActions),
    outcome: oneOf(...auditOutcomes).description('`failure`: nothing was shown or changed.'),
    purpose: purpose(),
  }),
);
