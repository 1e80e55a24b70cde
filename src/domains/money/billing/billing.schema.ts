import {
  dayOrInstant,
  id,
  instant,
  integer,
  money,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  term,
  text,
} from '../../../lib/fields.js';
import { billingKinds } from './billing.types.js';

export const billingParams = shape({ id: id() });

export const billingQuery = shape({
  ...paging,
  patient_id: optional(id()),
  appointment_id: optional(id()),
  kind: optional(oneOf(...billingKinds)),
  disease: optional(term(500).description('Not for managers.')),
  hospital_id: optional(id()),
  region: optional(term(100)),
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
  disease: nullable(text(500).description('null for managers, who see no person’s disease.')),
  disease_code: nullable(text(64)),
  total_cost: money(),
  owed: money().description('Of the charge, what is not paid.'),
  due: money().description('What paying it takes: what is owed, and of a consultation the tax on it.'),
  created_at: instant(),
});

export const billingPage = pageOf(billingResponse);

export const balanceQuery = shape({ patient_id: optional(id()) });

export const balanceResponse = shape({
  patient_id: id(),
  currency: text(3).example('USD'),
  bills: integer(0, 1_000_000).description('How many charges something is owed of.'),
  owed: money({ max: 1e13 }),
  due: money({ max: 1e13 }),
});
