import { roles } from '../../../lib/actor.js';
import { flag, id, listOf, nullable, oneOf, optional, shape, text } from '../../../lib/fields.js';
import { adminUser } from './accounts.schema.js';

const changes = {
  role: optional(oneOf(...roles)),
  active: optional(flag().description('May sign in.')),
  doctor_id: optional(id().description('Of the record that becomes theirs, with the role `doctor`.')),
  hospital_id: optional(id().description('Of the desk, with the role `receptionist`.')),
} as const;

export const changeUserBody = shape(changes).min(1);

export const bulkBody = shape({ items: listOf(shape({ user_id: id(), ...changes }), 100).min(1) });

export const adminUserResponse = shape(adminUser);

export const bulkResponse = shape({
  items: listOf(
    shape({
      user_id: id(),
      user: nullable(shape(adminUser)),
      problem: nullable(shape({ code: text(100), detail: text(2000) })),
    }),
  ),
});

export const removedResponse = shape({ outcome: oneOf('erased', 'deactivated') });
