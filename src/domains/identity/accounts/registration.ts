import type { Role } from '../../../lib/actor.js';
import { Problem, type FieldError } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { registerBody } from './accounts.schema.js';
import type { CustomerDetails, VendorDetails } from './accounts.types.js';

export type RegisterBody = Infer<typeof registerBody>;

/** Roles that anybody may take; the others are given by an admin. */
export const selfServiceRoles: readonly Role[] = ['patient', 'customer', 'vendor'];

/** The fields that only one role has; those of `needed` it can't do without. */
const ownFields = {
  patient: { fields: ['date_of_birth', 'age', 'sex'], needed: [] },
  vendor: {
    fields: ['business_name', 'business_registration', 'service_areas'],
    needed: ['business_name', 'business_registration', 'service_areas'],
  },
  customer: { fields: ['type'], needed: ['type'] },
  doctor: { fields: ['doctor_id'], needed: [] },
  receptionist: { fields: ['hospital_id'], needed: ['hospital_id'] },
} as const satisfies Partial<
  Record<Role, { fields: readonly (keyof RegisterBody)[]; needed: readonly (keyof RegisterBody)[] }>
>;

interface Registration {
  readonly name: string;
  readonly vendor: VendorDetails | null;
  readonly customer: CustomerDetails | null;
}

function nameErrors({ name, first_name, last_name }: RegisterBody): FieldError[] {
  if (name !== undefined && first_name === undefined && last_name === undefined) return [];
  if (name === undefined && first_name !== undefined && last_name !== undefined) return [];
  return [{ pointer: '/body/name', message: 'is needed, or first_name and last_name instead of it' }];
}

function roleErrors(body: RegisterBody): FieldError[] {
  const errors: FieldError[] = [];
  for (const [role, { fields, needed }] of Object.entries(ownFields)) {
    for (const field of role === body.role ? needed : []) {
      if (body[field] === undefined)
        errors.push({ pointer: `/body/${field}`, message: `is needed for a ${role}` });
    }
    for (const field of role === body.role ? [] : fields) {
      if (body[field] !== undefined)
        errors.push({ pointer: `/body/${field}`, message: `is a field of a ${role}` });
    }
  }
  if (body.date_of_birth !== undefined && body.age !== undefined) {
    errors.push({ pointer: '/body/age', message: 'goes without date_of_birth' });
  }
  return errors;
}

/** What the flat body means for its role. Throws `invalid_request` that names every field that is missing or not its own. */
export function readRegistration(body: RegisterBody): Registration {
  const errors = [...nameErrors(body), ...roleErrors(body)];
  if (errors.length > 0) {
    const detail = errors.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new Problem('invalid_request', detail, { errors });
  }
  const { role, business_name, business_registration, service_areas, type } = body;
  return {
    name: body.name ?? `${body.first_name} ${body.last_name}`,
    vendor:
      role === 'vendor'
        ? {
            business_name: business_name!,
            business_registration: business_registration!,
            service_areas: service_areas!,
          }
        : null,
    customer: role === 'customer' ? { type: type! } : null,
  };
}
