import type { Role } from '../../../lib/actor.js';

export interface VendorDetails {
  business_name: string;
  business_registration: string;
  service_areas: string[];
}

export const customerTypes = ['facility', 'individual'] as const;

export interface CustomerDetails {
  type: (typeof customerTypes)[number];
}

export interface User {
  user_id: string;
  name: string;
  /** As it was typed. `email_key` (Unicode NFKC, lower case) is what must be unique. */
  email: string;
  email_key: string;
  phone: string | null;
  role: Role;
  active: boolean;
  /** bcrypt */
  password_hash: string;
  patient_id: string | null;
  doctor_id: string | null;
  vendor: VendorDetails | null;
  customer: CustomerDetails | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** One sign-in and all tokens that came of it: a refresh token family (RFC 9700, section 4.14). */
export interface Session {
  session_id: string;
  user_id: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  end_reason: 'logout' | 'ended_by_user' | 'token_reuse' | null;
  user_agent: string | null;
  address: string | null;
}

/** An opaque token as it is stored: by its SHA-256. `rotated_at` is when its successor was given. */
export interface RefreshToken {
  token_hash: string;
  session_id: string;
  user_id: string;
  issued_at: Date;
  expires_at: Date;
  rotated_at: Date | null;
}

/** Where a request came from: what sessions and the audit log keep of it. */
export interface Origin {
  readonly id: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
}
