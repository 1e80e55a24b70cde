import { roles } from '../../../lib/actor.js';
import {
  calendarDate,
  email,
  flag,
  id,
  instant,
  integer,
  listOf,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  phone,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { sexes } from '../../../lib/sex.js';
import { customerTypes } from './accounts.types.js';

/** Flat, as AUTH-1 has it; which fields a role needs and may have is read by `registration.ts`. */
export const registerBody = shape({
  name: optional(name()),
  first_name: optional(name(100)),
  last_name: optional(name(100)),
  email: email(),
  password: text(1000),
  phone: optional(phone()),
  role: withDefault(oneOf(...roles), 'patient'),
  date_of_birth: optional(calendarDate()),
  age: optional(integer(0, 150)),
  sex: optional(oneOf(...sexes)),
  business_name: optional(name()),
  business_registration: optional(name(100)),
  service_areas: optional(listOf(name(100), 50).min(1)),
  type: optional(oneOf(...customerTypes)),
  doctor_id: optional(id()),
});

export const loginBody = shape({ email: email(), password: text(1000) });

export const refreshBody = shape({ refresh_token: text(2000) });

export const sessionParams = shape({ session_id: id() });

export const sessionQuery = shape({ ...paging });

export const userResponse = shape({
  id: id(),
  email: email(),
  name: name(),
  phone: nullable(phone()),
  role: oneOf(...roles),
  is_admin: flag(),
  patient_id: nullable(id()),
  doctor_id: nullable(id()),
  vendor: nullable(
    shape({ business_name: name(), business_registration: name(100), service_areas: listOf(name(100), 50) }),
  ),
  customer: nullable(shape({ type: oneOf(...customerTypes) })),
  created_at: instant(),
  updated_at: instant(),
  version: integer(1, Number.MAX_SAFE_INTEGER),
});

const pair = {
  access_token: text(2000),
  token_type: oneOf('Bearer'),
  expires_in: integer(1, 86_400),
  refresh_token: text(2000),
} as const;

export const pairResponse = shape(pair);

export const signedInResponse = shape({ ...pair, user: userResponse });

export const sessionPage = pageOf(
  shape({
    id: id(),
    created_at: instant(),
    last_used_at: instant(),
    expires_at: instant(),
    user_agent: nullable(text(300)),
    address: nullable(text(64)),
    current: flag(),
  }),
);
