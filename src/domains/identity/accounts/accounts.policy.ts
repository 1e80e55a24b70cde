import type { Actor } from '../../../lib/actor.js';

/** Invites, approves vendors, and ends the sessions of others. */
export const canManageUsers = ({ role }: Pick<Actor, 'role'>): boolean => role === 'admin';
