import type { Deed } from './audited.js';

/** Who is asking: the roles of the network and the signed-in principal. */
export const roles = [
  'patient',
  'doctor',
  'receptionist',
  'manager',
  'admin',
  'vendor',
  'customer',
  'pharmacist',
] as const;
export type Role = (typeof roles)[number];

/** A signed-in user. `patient_id` and `doctor_id` name the record that the user is, where there is one. */
export interface Actor {
  readonly user_id: string;
  readonly role: Role;
  readonly session_id: string;
  readonly patient_id: string | null;
  readonly doctor_id: string | null;
  /** The address of the account is not confirmed yet. */
  readonly unconfirmed?: true;
  /** Of an account with a second factor: when this session last showed a code of it, in milliseconds. */
  readonly code_given_at?: number;
  /** The role demands a second factor that the account has not yet: it can only be set up. */
  readonly factor_due?: true;
  /** Of a receptionist: the hospital whose desk it is. */
  readonly hospital_id?: string | null;
  /** By a request that touches a patient's record: what the trail keeps of it. */
  readonly deed?: Deed;
}

/** PAT-8: managers see figures, never the disease of a person. */
export const maySeeDisease = ({ role }: Pick<Actor, 'role'>): boolean => role !== 'manager';
