import { notificationKinds } from '../../../contracts/notifications.js';
import {
  calendarDate,
  flag,
  id,
  listOf,
  name,
  nullable,
  oneOf,
  optional,
  phone,
  secret,
  shape,
  text,
} from '../../../lib/fields.js';
import { user } from './accounts.schema.js';

const address = {
  label: name(60).example('Home'),
  recipient: name().example('Asha Rao'),
  line1: name().example('12 Harbour Street'),
  line2: optional(nullable(name())),
  city: name(100).example('Springfield'),
  region: optional(nullable(name(100))),
  postal_code: name(20).example('62704'),
  country: text(2)
    .pattern(/^[A-Z]{2}$/, 'a country of ISO 3166-1')
    .example('US'),
  is_default: flag(),
} as const;

export const addressShape = shape({ address_id: optional(id()), ...address });

const certification = shape({
  name: name().example('Good distribution practice'),
  number: name(100).example('GDP-1044'),
  expires_on: calendarDate(),
});

/** As `GET /notifications/preferences` has it. */
const preferences = shape({
  email: flag().description('Whether notifications are emailed as well; the app keeps all of them.'),
  muted_kinds: listOf(oneOf(...notificationKinds), notificationKinds.length).description(
    'What is kept in the app only, whatever `email` says.',
  ),
});

export const profileBody = shape({
  name: optional(name()),
  phone: optional(nullable(phone())),
  addresses: optional(
    listOf(addressShape, 20).description(
      'All of them, in the place of those before. Exactly one is the default, where there is any.',
    ),
  ),
  notifications: optional(preferences),
  vendor: optional(
    shape({
      business_name: optional(name()),
      business_registration: optional(name(100)),
      service_areas: optional(listOf(name(100), 50).min(1)),
      certifications: optional(listOf(certification, 50)),
    })
      .min(1)
      .description('Of a vendor. Another name or registration waits for an admin’s approval again.'),
  ),
}).min(1);

export const profileResponse = shape({
  ...user,
  addresses: listOf(shape({ address_id: id(), ...address }), 20),
  notifications: preferences,
});

export const passwordBody = shape({ current_password: secret(1000), password: secret(1000) });
