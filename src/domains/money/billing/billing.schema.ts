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
import { billingKinds } from './billing.types.js';

export const billingParams = shape({ id: id() });

export const billingQuery = shape({
  ...paging,
  patient_id: optional(id()),
  appointment_id: optional(id()),
  kind: optional(oneOf(...billingKinds)),
  disease: optional(text(500)),
  hospital_id: optional(id()),
  region: optional(name(100)),
  from: optional(dayOrInstant()),
  to: optional(dayOrInstant()),
});

export const billingResponse = shape({
  id: id(),
  patient_id: id(),
  appointment_id: nullable(id()),
  prescription_id: nullable(id()),
  doctor_id: nullable(id()),
  department_id: nullable(id()),
  hospital_id: nullable(id()),
  kind: oneOf(...billingKinds),
  disease: nullable(text(500)),
  disease_code: nullable(text(64)),
  total_cost: money(),
  created_at: instant(),
});

export const billingPage = pageOf(billingResponse);
