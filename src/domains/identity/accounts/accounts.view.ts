import type { User } from './accounts.types.js';

export type UserView = Omit<User, 'user_id' | 'email_key' | 'active' | 'password_hash'> & {
  id: string;
  is_admin: boolean;
};

/** A user as the wire has it. */
export function viewOf(user: User): UserView {
  const { user_id: id, email_key: _key, active: _active, password_hash: _hash, ...rest } = user;
  const vendor_status = user.role === 'vendor' ? (user.vendor_status ?? 'pending') : null;
  return { id, is_admin: user.role === 'admin', ...rest, vendor_status };
}
