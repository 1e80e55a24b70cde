import type { Actor } from '../../../lib/actor.js';
import type { Doctor } from './doctors.types.js';

/** What doctors say of themselves; the rest is the admin's. */
const ownFields: readonly string[] = [
  'availability',
  'slot_minutes',
  'slot_capacity',
  'leave_days',
  'accepting',
] satisfies (keyof Doctor)[];

const isSelf = (actor: Actor, { doctor_id }: Pick<Doctor, 'doctor_id'>): boolean =>
  actor.role === 'doctor' && actor.doctor_id === doctor_id;

/** The whole record, with the registration and the leave days. */
export const canReadRecord = (actor: Actor, doctor: Pick<Doctor, 'doctor_id'>): boolean =>
  actor.role === 'admin' || isSelf(actor, doctor);

export const canUpdate = canReadRecord;

/** Given that the actor may update the doctor at all: this field of it? */
export const canSet = (actor: Actor, field: string): boolean =>
  actor.role === 'admin' || ownFields.includes(field);
