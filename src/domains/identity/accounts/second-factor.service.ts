import type { AccountNotice } from '../../../contracts/hand-overs.js';
import type { TextSeal } from '../../../databases/sealed-text.js';
import type { Actor } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import { qrMarkup } from '../../../lib/qr.js';
import { requireFreshCode } from '../../../lib/step-up.js';
import { toText } from '../../../lib/html.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditAction, AuditService } from '../audit/index.js';
import { auditEntry, byActor } from './accounts.audit.js';
import { canManageUsers } from './accounts.policy.js';
import type { UserRepository } from './accounts.repository.js';
import type { Origin, User } from './accounts.types.js';
import { viewOf } from './accounts.view.js';
import type { Challenges } from './challenges.js';
import type { FactorCodes } from './factor-codes.js';
import type { Guesses } from './guesses.js';
import type { Links } from './links.service.js';
import type { Passwords } from './passwords.js';
import { newRecoveryCodes, recoveryHash } from './recovery-codes.js';
import type { SecondFactorRepository } from './second-factor.repository.js';
import type { SignedIn, SignIn } from './sign-in.js';
import type { SessionsService } from './sessions.service.js';
import { newTotpSecret, totpUri } from './totp.js';

export interface SecondFactorDeps {
  readonly users: UserRepository;
  readonly factors: SecondFactorRepository;
  readonly codes: FactorCodes;
  readonly challenges: Challenges;
  readonly sessions: SessionsService;
  readonly links: Links;
  readonly signIn: SignIn;
  readonly guesses: Guesses;
  readonly passwords: Passwords;
  readonly seal: TextSeal;
  readonly audit: AuditService;
  readonly transact: Transact;
  readonly clock: Clock;
}

/** Shown once: nobody can read it again. */
export interface Enrolment {
  readonly secret: string;
  readonly otpauth_uri: string;
  readonly qr_svg: string;
}

interface CodeShown {
  readonly challenge_token: string;
  readonly code: string;
  readonly device_token?: string | undefined;
}

/** AUTH-11: a code beside the password. */
export function createSecondFactorService(deps: SecondFactorDeps) {
  const { users, factors, codes, challenges, sessions, links, passwords, audit, transact, clock } = deps;

  async function own(actor: Actor): Promise<User> {
    const user = await users.find(actor.user_id);
    if (!user) throw notFound('user');
    return user;
  }

  /** The account of who asks, who knows its password. Throws `wrong_credentials`, `too_many_requests`. */
  async function withPassword(actor: Actor, password: string): Promise<User> {
    const user = await own(actor);
    const counter = `own|${user.user_id}`;
    await deps.guesses.claim(counter);
    if (!(await passwords.verify(password, user.password_hash))) throw new Problem('wrong_credentials');
    await deps.guesses.forget(counter);
    return user;
  }

  /**
   * Takes a code of who is signed in, and does what it is for in the same transaction. What was tried in vain is audited and
   * refused after the commit.
   */
  async function withCode(
    user: User,
    code: string,
    action: AuditAction,
    origin: Origin,
    work: (tx: MongoTransaction) => Promise<void>,
  ): Promise<void> {
    await codes.claim(user, origin);
    const taken = await transact(async (tx) => {
      const kind = await codes.take(user.user_id, code, tx);
      await audit.record(auditEntry(action, kind ? 'success' : 'failure', user, origin), tx);
      if (kind) await work(tx);
      if (kind === 'recovery') await links.tell(user.user_id, 'recovery_code_used', tx);
      return kind !== null;
    });
    if (!taken) throw new Problem('wrong_code');
    await codes.forget(user, origin);
  }

  /** Ends the factor and all sessions but `except`, and tells the owner. */
  async function remove(
    user_id: string,
    notice: AccountNotice,
    tx: MongoTransaction,
    except?: string,
  ): Promise<void> {
    await factors.remove(user_id, tx);
    await users.update(user_id, { second_factor_at: null }, tx);
    await sessions.endAll(user_id, 'factor_changed', tx, except);
    await links.tell(user_id, notice, tx);
  }

  const forActors = publicDoor({
    /** What sign-ins by a code count by, beside the address. */
    counterOf: (_actor: Actor | null, { challenge_token }: CodeShown): string =>
      `code|${challenges.userOf(challenge_token) ?? 'nobody'}`,

    /** The second step of a sign-in. Throws `challenge_refused`, `wrong_code`, `too_many_requests`. */
    async signIn(_actor: Actor | null, shown: CodeShown, origin: Origin): Promise<SignedIn> {
      const { challenge_token, code, device_token } = shown;
      const user_id = challenges.userOf(challenge_token);
      const user = user_id === null ? null : await users.find(user_id);
      if (!user?.active || !challenges.isGood(challenge_token, user)) throw new Problem('challenge_refused');
      await codes.claim(user, origin, device_token);
      const grant = sessions.newGrant();
      const taken = await transact(async (tx) => {
        const kind = await codes.take(user.user_id, code, tx);
        if (kind) {
          const code_given_at = clock.now();
          await deps.signIn.open(user, grant, { origin, device_token, code_given_at }, tx);
        } else await audit.record(auditEntry('auth.login', 'failure', user, origin), tx);
        if (kind === 'recovery') await links.tell(user.user_id, 'recovery_code_used', tx);
        return kind !== null;
      });
      if (!taken) throw new Problem('wrong_code');
      await codes.forget(user, origin, device_token);
      return deps.signIn.answer(viewOf(user), grant, device_token);
    },

    async status(actor: Actor) {
      const { second_factor_at: since } = await own(actor);
      const factor = since === null ? null : await factors.find(actor.user_id);
      return {
        since,
        is_demanded: sessions.demandsFactor(actor.role),
        recovery_codes_left: factor?.recovery_hashes.length ?? 0,
      };
    },

    /** Of no use until a code of it is shown. Throws `wrong_credentials`, `step_done`. */
    async enrol(actor: Actor, password: string, origin: Origin): Promise<Enrolment> {
      const user = await withPassword(actor, password);
      const secret = newTotpSecret();
      const { user_id, email } = user;
      await transact(async (tx) => {
        if ((await users.find(user_id, tx))?.second_factor_at)
          throw new Problem('step_done', 'There is a second factor; take it away first.');
        const begun = { confirmed_at: null, last_step: null, recovery_hashes: [], created_at: clock.now() };
        await factors.replace({ user_id, sealed_secret: deps.seal.seal(secret), ...begun }, tx);
        await audit.record(auditEntry('account.factor_begun', 'success', user, origin), tx);
      });
      const otpauth_uri = totpUri(secret, email);
      return { secret, otpauth_uri, qr_svg: toText(qrMarkup(otpauth_uri)) };
    },

    /** Throws `step_not_allowed` when none is begun, `step_done`, `wrong_code`. The codes are shown once. */
    async confirm(actor: Actor, code: string, origin: Origin): Promise<{ recovery_codes: string[] }> {
      const user = await own(actor);
      const { user_id } = user;
      const recovery_codes = newRecoveryCodes();
      await codes.claim(user, origin);
      const step = await transact(async (tx) => {
        const factor = await factors.find(user_id, tx);
        if (!factor) throw new Problem('step_not_allowed', 'Begin a second factor first.');
        if (factor.confirmed_at) throw new Problem('step_done');
        const last_step = codes.stepOf(factor.sealed_secret, code);
        const outcome = last_step === null ? 'failure' : 'success';
        await audit.record(auditEntry('account.factor_confirmed', outcome, user, origin), tx);
        if (last_step === null) return null;
        const now = clock.now();
        const recovery_hashes = recovery_codes.map(recoveryHash);
        await factors.set(user_id, { confirmed_at: now, last_step, recovery_hashes }, tx);
        await users.update(user_id, { second_factor_at: now }, tx);
        await sessions.codeGiven(actor.session_id, tx);
        await sessions.endAll(user_id, 'factor_changed', tx, actor.session_id);
        await links.tell(user_id, 'factor_confirmed', tx);
        return last_step;
      });
      if (step === null) throw new Problem('wrong_code');
      await codes.forget(user, origin);
      await sessions.forgetAll();
      return { recovery_codes };
    },

    /** In the place of those that are left. Throws `wrong_code`. */
    async renewCodes(actor: Actor, code: string, origin: Origin): Promise<{ recovery_codes: string[] }> {
      const recovery_codes = newRecoveryCodes();
      await withCode(await own(actor), code, 'account.recovery_codes', origin, (tx) =>
        factors.set(actor.user_id, { recovery_hashes: recovery_codes.map(recoveryHash) }, tx),
      );
      return { recovery_codes };
    },

    /** Proves anew who sits there, for what must not be done by who finds a session open. Throws `wrong_code`. */
    async stepUp(actor: Actor, code: string, origin: Origin): Promise<void> {
      await withCode(await own(actor), code, 'auth.step_up', origin, (tx) =>
        sessions.codeGiven(actor.session_id, tx),
      );
      await sessions.forget(actor.session_id);
    },

    /** Throws `wrong_credentials`, `wrong_code`. */
    async disable(
      actor: Actor,
      { password, code }: { password: string; code: string },
      origin: Origin,
    ): Promise<void> {
      const user = await withPassword(actor, password);
      await withCode(user, code, 'account.factor_removed', origin, (tx) =>
        remove(user.user_id, 'factor_removed', tx, actor.session_id),
      );
      await sessions.forgetAll();
    },

    /** For who has lost it, by another admin. Throws `forbidden`, `same_person`, `not_found`, `second_factor_required`. */
    async resetOf(actor: Actor, user_id: string, origin: Origin): Promise<void> {
      if (!canManageUsers(actor)) throw new Problem('forbidden');
      if (actor.user_id === user_id)
        throw new Problem('same_person', 'Your own second factor is taken away by another admin.');
      requireFreshCode(actor, clock.now());
      await transact(async (tx) => {
        const user = await users.find(user_id, tx);
        if (!user?.second_factor_at) throw notFound('second factor');
        await remove(user_id, 'factor_reset', tx);
        const done = auditEntry('account.factor_removed', 'success', user, origin);
        await audit.record(byActor(done, actor), tx);
      });
      await sessions.forgetAll();
    },
  });

  return { forActors };
}

export type SecondFactorService = ReturnType<typeof createSecondFactorService>;
