import type { Actor } from '../../../lib/actor.js';
import { given } from '../../../lib/changes.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import { checkVersion } from '../../../lib/records.js';
import type { Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import type { IdentityPorts, NoticePreferences } from '../ports.js';
import { auditEntry } from './accounts.audit.js';
import type { UserRepository } from './accounts.repository.js';
import type { Origin, ShippingAddress, User, VendorDetails } from './accounts.types.js';
import { viewOf, type UserView } from './accounts.view.js';
import type { profileBody } from './profile.schema.js';

export interface ProfileDeps {
  readonly users: UserRepository;
  readonly messages: IdentityPorts['messages'];
  readonly audit: AuditService;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

export type Profile = UserView & { addresses: ShippingAddress[]; notifications: NoticePreferences };

type Changes = Infer<typeof profileBody>;

/** AUTH-9: what people say of themselves. */
export function createProfileService({ users, messages, audit, transact, clock, newId }: ProfileDeps) {
  function addressesOf(asked: NonNullable<Changes['addresses']>): ShippingAddress[] {
    const defaults = asked.filter(({ is_default }) => is_default).length;
    if (asked.length > 0 && defaults !== 1)
      throw invalidField('/body/addresses', `needs exactly one default; ${defaults} are`);
    const kept = asked.flatMap(({ address_id }) => address_id ?? []);
    if (new Set(kept).size !== kept.length)
      throw invalidField('/body/addresses', 'names an address_id twice');
    return asked.map(({ address_id = newId('AD'), line2 = null, region = null, ...address }) => ({
      ...{ address_id, ...address, line2, region },
    }));
  }

  /** Who was approved under another name, or registration, waits anew. */
  function vendorOf(user: User, asked: Changes['vendor']): Partial<Pick<User, 'vendor' | 'vendor_status'>> {
    if (asked === undefined) return {};
    if (user.role !== 'vendor' || user.vendor === null)
      throw invalidField('/body/vendor', 'is of vendors only');
    const vendor: VendorDetails = { ...user.vendor, ...given(asked) };
    const isOther = (['business_name', 'business_registration'] as const).some(
      (field) => vendor[field] !== user.vendor![field],
    );
    return { vendor, ...(isOther ? { vendor_status: 'pending' as const } : {}) };
  }

  const shown = async (user: User): Promise<Profile> => ({
    ...viewOf(user),
    addresses: user.addresses,
    notifications: await messages.preferencesOf(user.user_id),
  });

  const forActors = publicDoor({
    async get(actor: Actor): Promise<Profile> {
      const user = await users.find(actor.user_id);
      if (!user) throw notFound('user');
      return shown(user);
    },

    /** Throws `stale_version`, and `invalid_request` for what does not go with the account. */
    async update(
      actor: Actor,
      { addresses, notifications, vendor, name, phone }: Changes,
      ifMatch: number | undefined,
      origin: Origin,
    ): Promise<Profile> {
      const changed = await transact(async (tx) => {
        const user = await users.find(actor.user_id, tx);
        if (!user) throw notFound('user');
        checkVersion(user, ifMatch);
        const set = {
          ...given({ name, phone, addresses: addresses && addressesOf(addresses) }),
          ...vendorOf(user, vendor),
          updated_at: clock.now(),
        };
        if (notifications) await messages.setPreferences(actor.user_id, notifications, tx);
        await audit.record(auditEntry('account.profile_changed', 'success', user, origin), tx);
        return (await users.update(actor.user_id, set, tx)) ?? user;
      });
      return shown(changed);
    },
  });

  return { forActors };
}

export type ProfileService = ReturnType<typeof createProfileService>;
