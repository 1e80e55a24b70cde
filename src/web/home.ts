import type { Role } from '../lib/actor.js';
import { mayUse } from '../lib/permissions.js';

/** Where somebody begins. */
export function homeOf(role: Role | undefined): string {
  return role !== undefined && mayUse(role, 'reports:read') ? '/reports' : '/book';
}

/** Where somebody goes on who has just signed in. */
export const entryOf = (role: Role): string => (role === 'patient' ? '/my/appointments' : homeOf(role));
