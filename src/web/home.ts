import type { Role } from '../lib/actor.js';
import type { Features } from '../lib/features.js';
import { mayUse } from '../lib/permissions.js';

/** Where somebody begins. */
export function homeOf(role: Role | undefined, { report_pages, booking_pages }: Features): string {
  const readsReports = role !== undefined && mayUse(role, 'reports:read');
  if (readsReports && report_pages) return '/reports';
  if (!readsReports && booking_pages) return '/book';
  return role === undefined ? '/sign-in' : '/my/notices';
}

/** Where somebody goes on who has just signed in. */
export const entryOf = (role: Role, features: Features): string =>
  role === 'patient' && features.booking_pages ? '/my/appointments' : homeOf(role, features);
