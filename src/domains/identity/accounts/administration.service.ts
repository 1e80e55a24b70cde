import type { Actor, Role } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import { checkVersion } from '../../../lib/records.js';
import { requireFreshCode } from '../../../lib/step-up.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import type { IdentityPorts } from '../ports.js';
import { auditEntry, byActor } from './accounts.audit.js';
import { canManageUsers } from './accounts.policy.js';
import type { UserRepository } from './accounts.repository.js';
import type { Origin, User } from './accounts.types.js';
import { adminViewOf, type AdminView } from './accounts.view.js';
import type { bulkBody, changeUserBody } from './administration.schema.js';
import type { LoginIdentityRepository } from './login-identities.repository.js';
import type { Links } from './links.service.js';
import type { SecondFactorRepository } from './second-factor.repository.js';
import type { SessionsService } from './sessions.service.js';

export interface AdministrationDeps extends IdentityPorts {
  readonly users: UserRepository;
  readonly sessions: SessionsService;
  readonly links: Links;
  readonly factors: Pick<SecondFactorRepository, 'remove'>;
  readonly identities: Pick<LoginIdentityRepository, 'removeAll'>;
  readonly locks: { share(name: string, key: string, tx: MongoTransaction): Promise<void> };
  readonly audit: AuditService;
  readonly transact: Transact;
  readonly clock: Clock;
}

type Changes = Infer<typeof changeUserBody>;

interface BulkResult {
  user_id: string;
  user: AdminView | null;
  problem: { code: string; detail: string } | null;
}

/** What a role cannot be without, and the account has not. */
const missing: { readonly [R in Role]?: (user: User) => string | null } = {
  patient: ({ patient_id }) =>
    patient_id === null ? 'needs a patient record, which registering makes' : null,
  doctor: ({ doctor_id }) => (doctor_id === null ? 'needs the doctor_id of a record' : null),
  receptionist: ({ hospital_id }) => (hospital_id === null ? 'needs the hospital_id of the desk' : null),
  vendor: ({ vendor }) => (vendor === null ? 'needs business details, which registering takes' : null),
  customer: ({ customer }) => (customer === null ? 'needs a type, which registering takes' : null),
};

/** AUTH-10: what admins do with accounts. */
export function createAdministrationService(deps: AdministrationDeps) {
  const { users, sessions, links, audit, transact } = deps;

  function check(actor: Actor): void {
    if (!canManageUsers(actor)) throw new Problem('forbidden');
    requireFreshCode(actor, deps.clock.now());
  }

  /**
   * Of two transactions that take away an admin each, the store refuses one: they write the same lock, and the second counts again.
   * Who is invited and has no password yet is none that could let the others in. Throws `last_admin`.
   */
  async function keepAnAdmin(user: User, tx: MongoTransaction): Promise<void> {
    if (user.role !== 'admin' || !user.active) return;
    await deps.locks.share('admins', 'all', tx);
    if ((await users.countAdminsBut(user.user_id, tx)) === 0) throw new Problem('last_admin');
  }

  const record = (
    action: 'account.activated' | 'account.deactivated' | 'account.role_changed' | 'account.erased',
    user: User,
    actor: Actor,
    origin: Origin,
    tx: MongoTransaction,
  ): Promise<void> => audit.record(byActor(auditEntry(action, 'success', user, origin), actor), tx);

  async function changeRole(user: User, changes: Changes, tx: MongoTransaction): Promise<User> {
    const { role, doctor_id, hospital_id } = changes;
    if (role === undefined) return user;
    if (doctor_id !== undefined && role === 'doctor')
      await deps.doctors.linkUser(doctor_id, user.user_id, tx);
    const changed: User = {
      ...user,
      role,
      ...(doctor_id !== undefined && role === 'doctor' ? { doctor_id } : {}),
      ...(hospital_id !== undefined && role === 'receptionist' ? { hospital_id } : {}),
    };
    const fault = missing[role]?.(changed);
    if (fault) throw invalidField('/body/role', fault);
    return changed;
  }

  async function change(
    actor: Actor,
    user_id: string,
    changes: Changes,
    ifMatch: number | undefined,
    origin: Origin,
  ): Promise<AdminView> {
    return transact(async (tx) => {
      const user = await users.find(user_id, tx);
      if (!user) throw notFound('user');
      checkVersion(user, ifMatch);
      const changed = { ...(await changeRole(user, changes, tx)), active: changes.active ?? user.active };
      const isOtherRole = changed.role !== user.role;
      const isClosed = user.active && !changed.active;
      if (isOtherRole || isClosed) await keepAnAdmin(user, tx);
      const { role, active, doctor_id, hospital_id } = changed;
      const role_since = isOtherRole ? deps.clock.now() : user.role_since;
      const set = { role, role_since, active, doctor_id, hospital_id };
      const written = await users.update(user_id, { ...set, updated_at: deps.clock.now() }, tx);
      if (!written) throw notFound('user');
      if (isOtherRole) {
        await record('account.role_changed', written, actor, origin, tx);
        await links.tell(user_id, 'role_changed', tx);
      }
      if (active !== user.active)
        await record(active ? 'account.activated' : 'account.deactivated', written, actor, origin, tx);
      // A session was opened for what the account was.
      if (isOtherRole || isClosed)
        await sessions.endAll(user_id, isClosed ? 'account_closed' : 'role_changed', tx);
      return adminViewOf(written);
    });
  }

  const forActors = publicDoor({
    /** Throws `forbidden`, `not_found`. */
    async get(actor: Actor, user_id: string): Promise<AdminView> {
      if (!canManageUsers(actor)) throw new Problem('forbidden');
      const user = await users.find(user_id);
      if (!user) throw notFound('user');
      return adminViewOf(user);
    },

    /**
     * Throws `forbidden`, `second_factor_required`, `not_found`, `stale_version`, `last_admin`, and `invalid_request` for a role that
     * needs what the account has not.
     */
    async change(
      actor: Actor,
      user_id: string,
      changes: Changes,
      ifMatch: number | undefined,
      origin: Origin,
    ): Promise<AdminView> {
      check(actor);
      const changed = await change(actor, user_id, changes, ifMatch, origin);
      await sessions.forgetAll();
      return changed;
    },

    /** Each for itself, in their order: what is refused of one changes nothing of the others. */
    async changeMany(
      actor: Actor,
      { items }: Infer<typeof bulkBody>,
      origin: Origin,
    ): Promise<{ items: BulkResult[] }> {
      check(actor);
      const results: BulkResult[] = [];
      for (const { user_id, ...changes } of items) {
        try {
          const user = await change(actor, user_id, changes, undefined, origin);
          results.push({ user_id, user, problem: null });
        } catch (error) {
          if (!(error instanceof Problem) || error.status >= 500) throw error;
          results.push({ user_id, user: null, problem: { code: error.code, detail: error.message } });
        }
      }
      await sessions.forgetAll();
      return { items: results };
    },

    /**
     * Erases an account that nothing names, else deactivates it: what it did stays somebody's. It is closed first, so that nothing
     * new can name it while that is looked at. Throws `forbidden`, `second_factor_required`, `not_found`, `last_admin`.
     */
    async remove(
      actor: Actor,
      user_id: string,
      origin: Origin,
    ): Promise<{ outcome: 'erased' | 'deactivated' }> {
      check(actor);
      await change(actor, user_id, { active: false }, undefined, origin);
      await sessions.forgetAll();
      const isNamedInBooks = await deps.money.knowsUser(user_id);
      const isErased = await transact(async (tx) => {
        const user = await users.find(user_id, tx);
        if (!user || user.active || isNamedInBooks) return false;
        const { patient_id, doctor_id } = user;
        if (patient_id !== null || doctor_id !== null || (await users.isNamed(user_id, tx))) return false;
        await links.removeAll(user_id, tx);
        await deps.factors.remove(user_id, tx);
        await deps.identities.removeAll(user_id, tx);
        await sessions.erase(user_id, tx);
        await users.remove(user_id, tx);
        await record('account.erased', user, actor, origin, tx);
        return true;
      });
      return { outcome: isErased ? 'erased' : 'deactivated' };
    },
  });

  return { forActors };
}

export type AdministrationService = ReturnType<typeof createAdministrationService>;
