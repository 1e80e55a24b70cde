import type { User, VendorDetails } from './accounts.types.js';

export type UserView = Omit<
  User,
  'user_id' | 'email_key' | 'active' | 'password_hash' | 'second_factor_at' | 'addresses' | 'vendor'
> & {
  id: string;
  is_admin: boolean;
  second_factor: boolean;
  vendor: Required<VendorDetails> | null;
};

/** A user as the wire has it. */
export function viewOf(user: User): UserView {
  const { user_id: id, email_key: _key, active: _active, password_hash: _hash, ...others } = user;
  const { second_factor_at, addresses: _addresses, ...rest } = others;
  const vendor = user.vendor && { certifications: [], ...user.vendor };
  const vendor_status = user.role === 'vendor' ? (user.vendor_status ?? 'pending') : null;
  const second_factor = second_factor_at !== null;
  return { id, is_admin: user.role === 'admin', second_factor, ...rest, vendor, vendor_status };
}

/** What an admin sees of an account. */
export type AdminView = UserView & { active: boolean };

export const adminViewOf = (user: User): AdminView => ({ ...viewOf(user), active: user.active });
