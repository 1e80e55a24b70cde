import type { Actor, Role } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem, UniqueViolation } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import { refuseTaken } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditRecord, AuditService } from '../audit/index.js';
import type { IdentityPorts } from '../ports.js';
import type { UserRepository } from './accounts.repository.js';
import type { CustomerDetails, Origin, User, VendorDetails } from './accounts.types.js';
import { emailKey } from './email.js';
import { checkLength, checkPassword, type Passwords } from './passwords.js';
import { readRegistration, selfServiceRoles, type RegisterBody } from './registration.js';
import type { Grant, SessionsService, TokenPair } from './sessions.service.js';

export interface AccountsDeps extends IdentityPorts {
  readonly users: UserRepository;
  readonly sessions: SessionsService;
  readonly passwords: Passwords;
  readonly audit: AuditService;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** An account made by the system itself: the first admin, the demo's, a test's. */
interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly role: Role;
  /** Records that exist already, to be linked. */
  readonly patient_id?: string | undefined;
  readonly doctor_id?: string | undefined;
  readonly vendor?: VendorDetails | undefined;
  readonly customer?: CustomerDetails | undefined;
}

type UserView = Omit<User, 'user_id' | 'email_key' | 'active' | 'password_hash'> & {
  id: string;
  is_admin: boolean;
};

/** A user as the wire has it. */
function viewOf(user: User): UserView {
  const { user_id: id, email_key: _key, active: _active, password_hash: _hash, ...rest } = user;
  return { id, is_admin: user.role === 'admin', ...rest };
}

type SignedIn = TokenPair & { user: UserView };

/** Who registers, logs in and is made; their sessions are `sessions.service.ts`. */
export function createAccountsService(deps: AccountsDeps) {
  const { users, sessions, passwords, audit, patients, doctors, transact, clock, newId } = deps;

  const holderOf = ({ user_id, role }: User, { session_id }: Grant) => ({ user_id, role, session_id });

  const entry = (
    action: AuditRecord['action'],
    outcome: AuditRecord['outcome'],
    user: User | null,
    origin: Origin | null,
  ): AuditRecord => ({
    action,
    outcome,
    actor_user_id: user?.user_id ?? null,
    role: user?.role ?? null,
    subject: user?.user_id ?? null,
    patient_id: user?.patient_id ?? null,
    address: origin?.address ?? null,
    request_id: origin?.id ?? null,
  });

  /** Checks and hashes the password, which takes long: before any transaction. */
  async function newUser(
    account: Pick<User, 'email' | 'name' | 'role'> & { password: string } & Partial<User>,
  ): Promise<User> {
    const { password, ...given } = account;
    await checkPassword(password, given.email);
    const now = clock.now();
    return {
      user_id: newId('U'),
      email_key: emailKey(given.email),
      phone: null,
      active: true,
      password_hash: await passwords.hash(password),
      patient_id: null,
      doctor_id: null,
      vendor: null,
      customer: null,
      version: 1,
      created_at: now,
      updated_at: now,
      ...given,
    };
  }

  /** Makes or links the records that a new user stands for; gives the user with their ids. */
  async function link(user: User, body: RegisterBody, tx: MongoTransaction): Promise<User> {
    if (body.doctor_id !== undefined) {
      await doctors.linkUser(body.doctor_id, user.user_id, tx);
      return { ...user, doctor_id: body.doctor_id };
    }
    if (body.role !== 'patient') return user;
    const { user_id, name, email, phone } = user;
    const { date_of_birth, age, sex } = body;
    const patient = await patients.createForUser(
      { user_id, name, email, phone, date_of_birth, age, sex },
      tx,
    );
    return { ...user, patient_id: patient.patient_id };
  }

  async function createAccount(account: NewAccount): Promise<string> {
    const { patient_id = null, doctor_id = null, vendor = null, customer = null, ...rest } = account;
    const key = emailKey(account.email);
    const there = await users.findByEmailKey(key);
    if (there) return there.user_id;
    const user = await newUser({ ...rest, patient_id, doctor_id, vendor, customer });
    try {
      await transact(async (tx) => {
        await users.insert(user, tx);
        if (patient_id !== null) await patients.linkUser(patient_id, user.user_id, tx);
        if (doctor_id !== null) await doctors.linkUser(doctor_id, user.user_id, tx);
        await audit.record({ ...entry('account.created', 'success', user, null), actor_user_id: null }, tx);
      });
    } catch (error) {
      // Another process was first.
      const winner = error instanceof UniqueViolation ? await users.findByEmailKey(key) : null;
      if (!winner) throw error;
      return winner.user_id;
    }
    return user.user_id;
  }

  const forActors = publicDoor({
    /** AUTH-1. `actor` may give any role when an admin. Throws `forbidden`, `email_taken`, `weak_password`. */
    async register(actor: Actor | null, body: RegisterBody, origin: Origin): Promise<SignedIn> {
      const { email, password, phone = null, role } = body;
      if (!selfServiceRoles.includes(role) && actor?.role !== 'admin') {
        throw new Problem('forbidden', `An account of a ${role} is made by an admin.`);
      }
      const fresh = await newUser({ email, password, phone, role, ...readRegistration(body) });
      const grant = sessions.newGrant();
      const user = await transact(async (tx) => {
        const linked = await link(fresh, body, tx);
        await refuseTaken('user', () => users.insert(linked, tx), 'email_taken');
        await sessions.open(linked.user_id, grant, origin, tx);
        const done = entry('auth.register', 'success', linked, origin);
        await audit.record(actor ? { ...done, actor_user_id: actor.user_id, role: actor.role } : done, tx);
        // The result of a transaction is stored for a retry: no hash and no token in it.
        return viewOf(linked);
      });
      return { ...sessions.pair(holderOf(fresh, grant), grant.refresh_token), user };
    },

    /**
     * AUTH-2. An unknown email, a wrong password and a closed account are refused alike, after the same work: one
     * look-up, one hash, one audit entry.
     */
    async login(
      _actor: Actor | null,
      { email, password }: { email: string; password: string },
      origin: Origin,
    ): Promise<SignedIn> {
      checkLength(password);
      const user = await users.findByEmailKey(emailKey(email));
      const matches = await passwords.verify(password, user?.password_hash ?? null);
      if (!user || !matches || !user.active) {
        await transact((tx) => audit.record(entry('auth.login', 'failure', user, origin), tx));
        throw new Problem('wrong_credentials');
      }
      const grant = sessions.newGrant();
      await transact(async (tx) => {
        await sessions.open(user.user_id, grant, origin, tx);
        await audit.record(entry('auth.login', 'success', user, origin), tx);
      });
      return { ...sessions.pair(holderOf(user, grant), grant.refresh_token), user: viewOf(user) };
    },

    async me(actor: Actor): Promise<UserView> {
      const user = await users.find(actor.user_id);
      if (!user) throw notFound('user');
      return viewOf(user);
    },
  });

  return {
    forActors,

    /** Gives the id of the account with this email, made as described when there was none. Nothing of an old one changes. */
    createAccount,

    /** The first admin, from the configuration. Throws a plain Error that a person who starts the server can read. */
    async ensureAdmin({ email, password }: { email: string; password: string }): Promise<void> {
      try {
        await createAccount({ email, password, name: 'Administrator', role: 'admin' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        throw new Error(`ADMIN_PASSWORD is refused: ${error.message}`, { cause: error });
      }
    },

    /**
     * Closes the account of a record that is being removed: the one who gets that id next must not be read by the old
     * account. After the commit `closed` ends its tokens.
     */
    async close(user_id: string, tx: MongoTransaction): Promise<void> {
      await users.update(user_id, { active: false, updated_at: clock.now() }, tx);
    },

    closed: sessions.forgetAll,

    /** Where the user is written to; null when there is none, or the account is closed. */
    async emailOf(user_id: string): Promise<string | null> {
      const user = await users.find(user_id);
      return user?.active ? user.email : null;
    },

    /** Who the user would ask as just now; null when there is none, or the account is closed. */
    async askerOf(user_id: string): Promise<Pick<Actor, 'user_id' | 'role' | 'doctor_id'> | null> {
      const user = await users.find(user_id);
      return user?.active ? { user_id, role: user.role, doctor_id: user.doctor_id } : null;
    },
  };
}

export type AccountsService = ReturnType<typeof createAccountsService>;
