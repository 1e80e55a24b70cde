import Joi from 'joi';
import {
  flag,
  id,
  instant,
  integer,
  lines,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { findings } from './emergency-access.types.js';

export const emergencyAccessParams = shape({ emergency_access_id: id() });

export const emergencyAccessQuery = shape({
  ...paging,
  user_id: optional(id()),
  patient_id: optional(id()),
  reviewed: optional(flag().description('`false`: those that wait to be reviewed.')),
});

export const reviewBody = shape({
  finding: oneOf(...findings).description('Whether the reason was good enough to open the record.'),
  note: withDefault(nullable(lines(1_000)), null),
});

export const emergencyAccessResponse = shape({
  emergency_access_id: id(),
  user_id: id().description('Whose account opened the record.'),
  doctor_id: nullable(id()),
  patient_id: id().description('Whose record it is.'),
  reason: text(500).example('Unconscious in the emergency room; allergies unknown.'),
  opened_at: instant(),
  expires_at: instant().description('From then on the record is closed again.'),
  review: nullable(
    shape({ finding: oneOf(...findings), note: nullable(Joi.string()), at: instant(), by: id() }),
  ).description('null: it waits to be reviewed.'),
  version: integer(1, Number.MAX_SAFE_INTEGER),
});

export const emergencyAccessPage = pageOf(emergencyAccessResponse);
