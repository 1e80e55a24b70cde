import type { Role } from '../../../lib/actor.js';

export interface VendorDetails {
  business_name: string;
  business_registration: string;
  service_areas: string[];
  /** None where it is not said. */
  certifications?: { name: string; number: string; expires_on: Date }[];
}

/** Where things are sent. Of those of a user exactly one is the default. */
export interface ShippingAddress {
  address_id: string;
  label: string;
  recipient: string;
  line1: string;
  line2: string | null;
  city: string;
  region: string | null;
  postal_code: string;
  /** ISO 3166-1, two letters. */
  country: string;
  is_default: boolean;
}

/** A vendor sells nothing until an admin approves. */
export const vendorStatuses = ['pending', 'approved', 'refused'] as const;
export type VendorStatus = (typeof vendorStatuses)[number];

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
  /** bcrypt; null: invited and not yet accepted, or erased. */
  password_hash: string | null;
  /** Whether the owner has shown to read what is sent to the address. Accounts from before it was asked count as confirmed. */
  email_confirmed: boolean;
  patient_id: string | null;
  doctor_id: string | null;
  /** Of a receptionist: whose desk. */
  hospital_id: string | null;
  /** Who made or invited it; null: the person oneself, or the system. */
  made_by: string | null;
  /** Since when it has its role; null: since it was made. */
  role_since: Date | null;
  /** Since when a sign-in asks for a code; null: it does not. */
  second_factor_at: Date | null;
  vendor: VendorDetails | null;
  /** Of a vendor; null counts as `pending`. */
  vendor_status: VendorStatus | null;
  customer: CustomerDetails | null;
  addresses: ShippingAddress[];
  version: number;
  created_at: Date;
  updated_at: Date;
}

export const endReasons = [
  'logout',
  'ended_by_user',
  'ended_by_admin',
  'replaced',
  'too_many',
  'token_reuse',
  'password_changed',
  'factor_changed',
  'role_changed',
  'account_closed',
  'account_erased',
] as const;

/** One sign-in and all tokens that came of it: a refresh token family (RFC 9700, section 4.14). */
export interface Session {
  session_id: string;
  user_id: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  end_reason: (typeof endReasons)[number] | null;
  user_agent: string | null;
  address: string | null;
  /** When it last showed a code of the second factor. */
  code_given_at: Date | null;
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

export const linkPurposes = ['invitation', 'confirmation', 'reset'] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

/** A one-time link to an account. The link is the id and our signature of it, so that no store holds one. */
export interface AccountLink {
  link_id: string;
  user_id: string;
  purpose: LinkPurpose;
  /** The address that it was sent to; it is good for no other. */
  email_key: string;
  created_at: Date;
  expires_at: Date;
}

/** Where a request came from: what sessions and the audit log keep of it. */
export interface Origin {
  readonly id: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
}
