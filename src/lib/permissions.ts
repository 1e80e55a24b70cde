import type { Role } from './actor.js';

/**
 * What each role may ask for at all: the whole role matrix of the API, in one table. Whether the actor may have
 * *this* record is the policy's question (`*.policy.ts`), asked after loading it.
 */
export const permissions = {
  'users:manage': ['admin'],
  'audit:read': ['admin'],
  'accesses:read': ['patient', 'admin'],
  'hospitals:write': ['admin'],
  'departments:write': ['admin'],
  'doctors:create': ['admin'],
  'doctors:record': ['admin', 'doctor'],
  'doctors:update': ['admin', 'doctor'],
  'doctors:delete': ['admin'],
  'patients:list': ['doctor', 'admin'],
  'patients:create': ['admin'],
  'patients:read': ['patient', 'doctor', 'admin'],
  'patients:update': ['patient', 'admin'],
  'patients:delete': ['admin'],
  'patients:merge': ['admin'],
  'emergency-accesses:review': ['admin'],
  'appointments:create': ['patient', 'admin'],
  'appointments:read': ['patient', 'doctor', 'receptionist', 'admin'],
  'appointments:update': ['patient', 'doctor', 'admin'],
  'appointments:delete': ['patient', 'admin'],
  'waiting-list:use': ['patient', 'admin'],
  'waiting-list:read': ['patient', 'doctor', 'admin'],
  'prescriptions:create': ['doctor'],
  'prescriptions:read': ['patient', 'doctor', 'admin'],
  'prescriptions:update': ['doctor', 'admin'],
  'prescriptions:delete': ['doctor', 'admin'],
  'billing:read': ['patient', 'receptionist', 'manager', 'admin'],
  'transactions:pay': ['patient', 'receptionist', 'admin'],
  'transactions:read': ['patient', 'receptionist', 'manager', 'admin'],
  'transactions:refund': ['admin'],
  'ledger:read': ['manager', 'admin'],
  'operations:read': ['admin'],
  'reports:read': ['manager', 'admin', 'doctor'],
  // A doctor's figures are their own.
  'reports:share': ['manager', 'admin'],
} as const satisfies Record<string, readonly Role[]>;

/** `public`: no token needed. `signed-in`: any role. Otherwise a row of the table above. */
export type Permission = 'public' | 'signed-in' | keyof typeof permissions;

export function mayUse(role: Role, permission: Permission): boolean {
  if (permission === 'public' || permission === 'signed-in') return true;
  return (permissions[permission] as readonly Role[]).includes(role);
}
