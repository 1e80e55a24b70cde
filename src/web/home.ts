import type { Role } from '../lib/actor.js';
import type { Features } from '../lib/features.js';
import { mayUse } from '../lib/permissions.js';

/** Where somebody begins: the page of their role, where it is turned on. */
export function homeOf(role: Role | undefined, { report_pages, booking_pages }: Features): string {
  if (role === undefined) return booking_pages ? '/book' : '/sign-in';
  if (mayUse(role, 'reports:read')) {
    if (!report_pages) return '/my/notices';
    // A doctor's figures are their own.
    return role === 'doctor' ? '/reports' : '/overview';
  }
  if (role === 'patient') return booking_pages ? '/book' : '/my/notices';
  return '/home';
}

/** Where somebody goes on who has just signed in. */
export const entryOf = (role: Role, features: Features): string =>
  role === 'patient' && features.booking_pages ? '/my/appointments' : homeOf(role, features);
