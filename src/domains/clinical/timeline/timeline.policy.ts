import type { Actor } from '../../../lib/actor.js';
import { eventTypes, moneyTypes, type EventType } from './timeline.types.js';

/** PAT-3: care is a doctor's to know; money, and who opened the record in an emergency, the patient's and an admin's. */
export function typesFor(actor: Actor, asked: readonly EventType[] | undefined): EventType[] {
  const isHidden = (type: EventType): boolean =>
    actor.role === 'doctor' && (moneyTypes.includes(type) || type === 'emergency_accesses');
  return (asked ?? eventTypes).filter((type) => !isHidden(type));
}
