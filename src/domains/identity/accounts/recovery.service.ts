import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import { auditEntry } from './accounts.audit.js';
import type { UserRepository } from './accounts.repository.js';
import type { Origin } from './accounts.types.js';
import { accountOf, type Devices } from './devices.js';
import { emailKey } from './email.js';
import type { Guesses } from './guesses.js';
import type { Links } from './links.service.js';
import { checkLength, checkPassword, type Passwords } from './passwords.js';
import type { SessionsService } from './sessions.service.js';

export interface RecoveryDeps {
  readonly users: UserRepository;
  readonly links: Links;
  readonly sessions: SessionsService;
  readonly devices: Devices;
  /** Of sign-ins. */
  readonly guesses: Guesses;
  /** Of who has forgotten: few are free, so that nobody fills the mailbox of somebody else. */
  readonly asking: Guesses;
  readonly passwords: Passwords;
  readonly audit: AuditService;
  readonly transact: Transact;
}

/** Who asks, by an address that may be nobody's. */
interface Forgotten {
  readonly email: string;
  readonly device_token?: string | undefined;
}

/** AUTH-12: the way back for who has lost the password. */
export function createRecoveryService(deps: RecoveryDeps) {
  const { users, links, sessions, devices, guesses, asking, passwords, audit, transact } = deps;

  const counterOf = ({ email, device_token }: Forgotten): string =>
    `forgot|${devices.counterOf(email, device_token)}`;

  const forActors = publicDoor({
    counterOf: (_actor: Actor | null, asked: Forgotten): string => counterOf(asked),

    /**
     * Sends a link, if there is such an account. Where there is none the same is read and written, a link that opens nothing too:
     * neither the answer nor its time tells who has an account. Throws `too_many_requests`, for both alike.
     */
    async forgot(_actor: Actor | null, asked: Forgotten, origin: Origin): Promise<void> {
      await asking.claim(counterOf(asked));
      const found = await users.findByEmailKey(emailKey(asked.email));
      const user = found?.active ? found : null;
      const nobody = accountOf(asked.email);
      await transact(async (tx) => {
        await links.giveQuietly(user ?? { user_id: `U-${nobody}`, email_key: nobody }, 'reset', tx);
        const outcome = user ? 'success' : 'failure';
        await audit.record(auditEntry('auth.reset_asked', outcome, user, origin), tx);
      });
    },

    /** For who knows the one before. All other sessions end. Throws `wrong_credentials`, `weak_password`, `too_many_requests`. */
    async change(
      actor: Actor,
      { current_password, password }: { current_password: string; password: string },
      origin: Origin,
    ): Promise<void> {
      const user = await users.find(actor.user_id);
      if (!user) throw notFound('user');
      const { user_id, email, name } = user;
      checkLength(current_password, '/body/current_password');
      await guesses.claim(`own|${user_id}`);
      if (!(await passwords.verify(current_password, user.password_hash))) {
        await transact((tx) =>
          audit.record(auditEntry('auth.password_changed', 'failure', user, origin), tx),
        );
        throw new Problem('wrong_credentials');
      }
      await guesses.forget(`own|${user_id}`);
      await checkPassword(password, { email, names: [name] });
      const password_hash = await passwords.hash(password);
      await transact(async (tx) => {
        await users.update(user_id, { password_hash }, tx);
        await sessions.endAll(user_id, 'password_changed', tx, actor.session_id);
        await links.tell(user_id, 'password_changed', tx);
        await audit.record(auditEntry('auth.password_changed', 'success', user, origin), tx);
      });
      await sessions.forgetAll();
    },

    /** Whose password a link changes, for its page. Throws `link_not_valid`. */
    async resetting(_actor: Actor | null, token: string): Promise<{ email: string }> {
      const { email } = await links.look(token, 'reset');
      return { email };
    },

    /**
     * Signs nobody in: a second factor is still to be asked for. The one who has the link has the address too: it is confirmed.
     * Throws `link_not_valid`, `weak_password`.
     */
    async reset(
      _actor: Actor | null,
      { token, password }: { token: string; password: string },
      origin: Origin,
    ): Promise<void> {
      const { email, name } = await links.look(token, 'reset');
      await checkPassword(password, { email, names: [name] });
      const password_hash = await passwords.hash(password);
      await transact(async (tx) => {
        const user = await links.use(token, 'reset', tx);
        const { user_id } = user;
        await users.update(user_id, { password_hash, email_confirmed: true }, tx);
        // An invitation, or another link, is of no use to anybody but who has read the address before.
        await links.removeAll(user_id, tx);
        await sessions.endAll(user_id, 'password_changed', tx);
        await links.tell(user_id, 'password_changed', tx);
        await audit.record(auditEntry('auth.password_changed', 'success', user, origin), tx);
      });
      await sessions.forgetAll();
      await guesses.forget(devices.counterOf(email, undefined));
    },
  });

  return { forActors };
}

export type RecoveryService = ReturnType<typeof createRecoveryService>;
