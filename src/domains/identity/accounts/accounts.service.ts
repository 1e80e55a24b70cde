import type { Actor, Role } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, notFound, Problem, UniqueViolation } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page } from '../../../lib/page.js';
import { refuseTaken } from '../../../lib/records.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import type { IdentityPorts } from '../ports.js';
import { auditEntry, byActor } from './accounts.audit.js';
import type { UserRepository } from './accounts.repository.js';
import type { userQuery } from './accounts.schema.js';
import type { CustomerDetails, Origin, User, VendorDetails } from './accounts.types.js';
import { adminViewOf, viewOf, type AdminView, type UserView } from './accounts.view.js';
import type { Challenges } from './challenges.js';
import type { Devices } from './devices.js';
import { emailKey } from './email.js';
import type { Guesses } from './guesses.js';
import type { LoginIdentityRepository } from './login-identities.repository.js';
import type { Links } from './links.service.js';
import { checkLength, checkPassword, type Passwords } from './passwords.js';
import { readRegistration, selfServiceRoles, type RegisterBody } from './registration.js';
import type { SecondFactorRepository } from './second-factor.repository.js';
import type { SessionsService } from './sessions.service.js';
import type { SignedIn, SignIn } from './sign-in.js';

export interface AccountsDeps extends IdentityPorts {
  readonly users: UserRepository;
  readonly sessions: SessionsService;
  readonly links: Links;
  readonly devices: Devices;
  readonly guesses: Guesses;
  readonly challenges: Challenges;
  readonly identities: Pick<LoginIdentityRepository, 'removeAll'>;
  readonly factors: Pick<SecondFactorRepository, 'remove'>;
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly audit: AuditService;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** An account made by the system itself: the first admin, the demo's, a test's. */
export interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly role: Role;
  /** Records that exist already, to be linked. */
  readonly patient_id?: string | undefined;
  readonly doctor_id?: string | undefined;
  readonly hospital_id?: string | undefined;
  readonly vendor?: VendorDetails | undefined;
  readonly customer?: CustomerDetails | undefined;
}

/** Somebody who may be written to. */
export type Addressee = Pick<User, 'user_id' | 'role' | 'email_confirmed'>;

export interface Invited {
  user: UserView;
  /** The link goes to the address of the account, and to nobody else. */
  invitation: { expires_at: Date };
}

interface Credentials {
  email: string;
  password: string;
  /** Of an earlier sign-in on the same device. */
  device_token?: string | undefined;
}

/** What a second person is judged by. */
export interface Standing {
  readonly role_since: Date;
  readonly made_by: string | null;
}

/** Who registers, logs in and is made; their sessions are `sessions.service.ts`. */
export function createAccountsService(deps: AccountsDeps) {
  const { users, sessions, links, devices, guesses, signIn } = deps;
  const { passwords, audit, patients, doctors, transact, clock, newId } = deps;

  const newUser = (
    account: Pick<User, 'email' | 'name' | 'role' | 'password_hash' | 'email_confirmed'> & Partial<User>,
  ): User => {
    const now = clock.now();
    return {
      user_id: newId('U'),
      email_key: emailKey(account.email),
      phone: null,
      active: true,
      patient_id: null,
      doctor_id: null,
      hospital_id: null,
      made_by: null,
      role_since: now,
      second_factor_at: null,
      vendor: null,
      vendor_status: account.role === 'vendor' ? 'pending' : null,
      customer: null,
      addresses: [],
      version: 1,
      created_at: now,
      updated_at: now,
      ...account,
    };
  };

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
    const {
      password,
      patient_id = null,
      doctor_id = null,
      hospital_id = null,
      vendor = null,
      customer = null,
      ...rest
    } = account;
    checkLength(password);
    const key = emailKey(account.email);
    const there = await users.findByEmailKey(key);
    if (there) return there.user_id;
    const password_hash = await passwords.hash(password);
    const made = { ...rest, password_hash, email_confirmed: true };
    const user = newUser({ ...made, patient_id, doctor_id, hospital_id, vendor, customer });
    try {
      await transact(async (tx) => {
        await users.insert(user, tx);
        if (patient_id !== null) await patients.linkUser(patient_id, user.user_id, tx);
        if (doctor_id !== null) await doctors.linkUser(doctor_id, user.user_id, tx);
        const done = auditEntry('account.created', 'success', user, null);
        await audit.record({ ...done, actor_user_id: null }, tx);
      });
    } catch (error) {
      // Another process was first.
      const winner = error instanceof UniqueViolation ? await users.findByEmailKey(key) : null;
      if (!winner) throw error;
      return winner.user_id;
    }
    return user.user_id;
  }

  async function signUp(actor: Actor | null, body: RegisterBody, origin: Origin): Promise<SignedIn> {
    const { email, password, phone = null, role } = body;
    if (!selfServiceRoles.includes(role))
      throw new Problem('forbidden', `An account of a ${role} is made by an admin.`);
    if (password === undefined) throw invalidField('/body/password', 'is required');
    const read = readRegistration(body);
    await checkPassword(password, { email, names: [read.name, read.vendor?.business_name ?? ''] });
    const password_hash = await passwords.hash(password);
    const fresh = newUser({ email, phone, role, ...read, password_hash, email_confirmed: false });
    const grant = sessions.newGrant();
    const user = await transact(async (tx) => {
      const linked = await link(fresh, body, tx);
      await refuseTaken('user', () => users.insert(linked, tx), 'email_taken');
      await links.give(linked, 'confirmation', tx);
      await sessions.open(linked.user_id, grant, origin, tx);
      await audit.record(byActor(auditEntry('auth.register', 'success', linked, origin), actor), tx);
      // The result of a transaction is stored for a retry: no hash and no token in it.
      return viewOf(linked);
    });
    return signIn.answer(user, grant);
  }

  async function invite(actor: Actor, body: RegisterBody, origin: Origin): Promise<Invited> {
    const { email, phone = null, role, hospital_id = null } = body;
    const read = readRegistration(body);
    const fresh = newUser({
      ...{ email, phone, role, hospital_id, made_by: actor.user_id, ...read },
      ...{ password_hash: null, email_confirmed: false },
    });
    return transact(async (tx) => {
      const linked = await link(fresh, body, tx);
      await refuseTaken('user', () => users.insert(linked, tx), 'email_taken');
      const invitation = await links.give(linked, 'invitation', tx);
      await audit.record(byActor(auditEntry('account.invited', 'success', linked, origin), actor), tx);
      return { user: viewOf(linked), invitation };
    });
  }

  const forActors = publicDoor({
    /**
     * AUTH-1, AUTH-13. What an admin asks for is an account of somebody else: it is invited, and nobody gets its tokens but its
     * owner. Throws `forbidden`, `email_taken`, `weak_password`.
     */
    register: (actor: Actor | null, body: RegisterBody, origin: Origin): Promise<SignedIn | Invited> =>
      actor?.role === 'admin' ? invite(actor, body, origin) : signUp(actor, body, origin),

    /** For oneself. */
    signUp,

    /**
     * AUTH-2. An unknown email, a wrong password and a closed account are refused alike, after the same work: one
     * look-up, one hash, one audit entry. Throws `code_required` with a challenge where there is a second factor.
     */
    async login(
      _actor: Actor | null,
      { email, password, device_token }: Credentials,
      origin: Origin,
    ): Promise<SignedIn> {
      checkLength(password);
      const counter = devices.counterOf(email, device_token);
      await guesses.claim(counter);
      const user = await users.findByEmailKey(emailKey(email));
      const matches = await passwords.verify(password, user?.password_hash ?? null);
      if (!user || !matches || !user.active) {
        await transact((tx) => audit.record(auditEntry('auth.login', 'failure', user, origin), tx));
        throw new Problem('wrong_credentials');
      }
      await guesses.forget(counter);
      if (user.second_factor_at !== null) {
        await transact((tx) =>
          audit.record(auditEntry('auth.password_accepted', 'success', user, origin), tx),
        );
        throw new Problem('code_required', undefined, { more: { ...deps.challenges.issue(user) } });
      }
      const grant = sessions.newGrant();
      await transact((tx) => signIn.open(user, grant, { origin, device_token }, tx));
      return signIn.answer(viewOf(user), grant, device_token);
    },

    /** What sign-ins count by, beside the address: the account, or the device that it knows. */
    counterOf: (_actor: Actor | null, { email, device_token }: Omit<Credentials, 'password'>): string =>
      devices.counterOf(email, device_token),

    /** AUTH-10. Throws `forbidden`. */
    async list(
      actor: Actor,
      { limit, cursor, ...filter }: Infer<typeof userQuery>,
    ): Promise<Page<AdminView>> {
      if (actor.role !== 'admin') throw new Problem('forbidden');
      const { items, next_cursor } = await users.listPage(filter, { limit, cursor });
      return { items: items.map(adminViewOf), next_cursor };
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
        await checkPassword(password, { email });
        await createAccount({ email, password, name: 'Administrator', role: 'admin' });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        throw new Error(`ADMIN_PASSWORD is refused: ${error.message}`, { cause: error });
      }
    },

    /**
     * Closes the account of a record that is being removed: the one who gets that id next must not be read by the old
     * account. Nothing of its owner is kept but the id, which the audit log names. After the commit `closed` ends its tokens.
     */
    async close(user_id: string, tx: MongoTransaction): Promise<void> {
      const email = `${user_id.toLowerCase()}@removed.invalid`;
      const nothing = {
        ...{ phone: null, password_hash: null, second_factor_at: null },
        ...{ vendor: null, customer: null, addresses: [] },
      };
      await users.update(
        user_id,
        { ...nothing, active: false, name: 'Removed', email, email_key: email, updated_at: clock.now() },
        tx,
      );
      await links.removeAll(user_id, tx);
      await deps.factors.remove(user_id, tx);
      await deps.identities.removeAll(user_id, tx);
      await sessions.erase(user_id, tx);
      const erased = { ...auditEntry('account.erased', 'success', null, null), subject: user_id };
      await audit.record(erased, tx);
    },

    closed: sessions.forgetAll,

    /** Whether an account stands open to who knows this password. */
    async isOpenTo(email: string, password: string): Promise<boolean> {
      const user = await users.findByEmailKey(emailKey(email));
      return user?.active === true && (await passwords.verify(password, user.password_hash));
    },

    /** Where the user is written to; null when there is none, or the account is closed. */
    async emailOf(user_id: string): Promise<string | null> {
      const user = await users.find(user_id);
      return user?.active ? user.email : null;
    },

    /** The open account of each address, in their order; null where there is none. */
    accountsOf: (emails: readonly string[]): Promise<(Addressee | null)[]> =>
      Promise.all(
        emails.map(async (email) => {
          const user = await users.findByEmailKey(emailKey(email));
          if (!user?.active) return null;
          const { user_id, role, email_confirmed } = user;
          return { user_id, role, email_confirmed };
        }),
      ),

    /** The addresses of these accounts by their ids; those that are closed are left out. */
    async emailsOf(user_ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const found = user_ids.length === 0 ? [] : await users.findMany(user_ids);
      return new Map(found.filter(({ active }) => active).map(({ user_id, email }) => [user_id, email]));
    },

    /** The user's name; of one who is gone, the id. */
    nameOf: async (user_id: string): Promise<string> => (await users.find(user_id))?.name ?? user_id,
    /** BILL-7: since when the user has this role, and who made the account; null when there is none. */
    async standingOf(user_id: string): Promise<Standing | null> {
      const user = await users.find(user_id);
      return user && { role_since: user.role_since ?? user.created_at, made_by: user.made_by };
    },

    /** Who the user would ask as just now; null when there is none, or the account is closed. */
    async askerOf(user_id: string): Promise<Pick<Actor, 'user_id' | 'role' | 'doctor_id'> | null> {
      const user = await users.find(user_id);
      return user?.active ? { user_id, role: user.role, doctor_id: user.doctor_id } : null;
    },
  };
}

export type AccountsService = ReturnType<typeof createAccountsService>;
