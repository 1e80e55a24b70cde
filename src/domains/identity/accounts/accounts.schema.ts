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
  secret,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { sexes } from '../../../lib/sex.js';
import { customerTypes, vendorStatuses } from './accounts.types.js';

/** Flat, as AUTH-1 has it; which fields a role needs and may have is read by `registration.ts`. */
export const registerBody = shape({
  name: optional(name()),
  first_name: optional(name(100)),
  last_name: optional(name(100)),
  email: email(),
  password: optional(secret(1000)),
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
  hospital_id: optional(id()),
});

export const loginBody = shape({
  email: email(),
  password: secret(1000),
  device_token: optional(secret(300)),
});

export const linkBody = shape({ token: secret(300) });

export const acceptBody = shape({ token: secret(300), password: secret(1000) });

export const forgotBody = shape({ email: email(), device_token: optional(secret(300)) });

export const vendorStatusBody = shape({ status: oneOf(...vendorStatuses) });

export const userParams = shape({ user_id: id() });

export const userSessionParams = shape({ user_id: id(), session_id: id() });

export const refreshBody = shape({ refresh_token: secret(2000) });

export const sessionParams = shape({ session_id: id() });

export const sessionQuery = shape({ ...paging });

export const userQuery = shape({
  ...paging,
  q: optional(name(254).description('Beginnings of words of the name, or the whole email.')),
  role: optional(oneOf(...roles)),
  active: optional(flag()),
});

export const user = {
  id: id(),
  email: email(),
  name: name(),
  phone: nullable(phone()),
  role: oneOf(...roles),
  is_admin: flag(),
  patient_id: nullable(id()),
  doctor_id: nullable(id()),
  hospital_id: nullable(id()),
  vendor: nullable(
    shape({
      business_name: name(),
      business_registration: name(100),
      service_areas: listOf(name(100), 50),
      certifications: listOf(shape({ name: name(), number: name(100), expires_on: calendarDate() }), 50),
    }),
  ),
  vendor_status: nullable(oneOf(...vendorStatuses)),
  email_confirmed: flag(),
  second_factor: flag().description('A sign-in asks for a code.'),
  customer: nullable(shape({ type: oneOf(...customerTypes) })),
  created_at: instant(),
  updated_at: instant(),
  version: integer(1, Number.MAX_SAFE_INTEGER),
} as const;

export const userResponse = shape(user);

/** What an admin sees of an account. */
export const adminUser = { ...user, active: flag().description('May sign in.') } as const;

export const userPage = pageOf(shape(adminUser));

const pair = {
  access_token: secret(2000),
  token_type: oneOf('Bearer'),
  expires_in: integer(1, 86_400),
  refresh_token: secret(2000),
} as const;

export const pairResponse = shape(pair);

export const signedInResponse = shape({ ...pair, user: userResponse, device_token: text(300) });

export const linkSentResponse = shape({ expires_at: instant() });

/** The pair of one's own account; of somebody else's, until when the invitation is good. */
export const registeredResponse = shape({
  ...{ access_token: optional(pair.access_token), token_type: optional(pair.token_type) },
  ...{ expires_in: optional(pair.expires_in), refresh_token: optional(pair.refresh_token) },
  device_token: optional(secret(300)),
  user: userResponse,
  invitation: optional(linkSentResponse),
});

export const endedResponse = shape({ ended: integer(0, 100_000) });

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
