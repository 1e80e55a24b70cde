import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { Transact } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import { auditEntry, byActor } from './accounts.audit.js';
import { canManageUsers } from './accounts.policy.js';
import type { UserRepository } from './accounts.repository.js';
import type { Origin, User, VendorStatus } from './accounts.types.js';
import { viewOf, type UserView } from './accounts.view.js';
import type { Links } from './links.service.js';
import { checkPassword, type Passwords } from './passwords.js';
import type { SignedIn, SignIn } from './sign-in.js';
import type { SessionsService } from './sessions.service.js';

export interface InvitationsDeps {
  readonly users: UserRepository;
  readonly links: Links;
  readonly sessions: SessionsService;
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly audit: AuditService;
  readonly transact: Transact;
}

/** AUTH-13: what an account waits for: its owner's own password, a confirmed address, an approval. */
export function createInvitationsService(deps: InvitationsDeps) {
  const { users, links, sessions, signIn, passwords, audit, transact } = deps;

  function checkMayManage(actor: Actor): void {
    if (!canManageUsers(actor)) throw new Problem('forbidden');
  }

  const forActors = publicDoor({
    /** Whom an invitation is for, for its page. Throws `link_not_valid`. */
    async invited(_actor: Actor | null, token: string): Promise<UserView> {
      return viewOf(await links.look(token, 'invitation'));
    },

    /** Throws `link_not_valid`, `weak_password`. The one who has the link has the address too: it is confirmed. */
    async accept(
      _actor: Actor | null,
      { token, password }: { token: string; password: string },
      origin: Origin,
    ): Promise<SignedIn> {
      const { email, name } = await links.look(token, 'invitation');
      await checkPassword(password, { email, names: [name] });
      const password_hash = await passwords.hash(password);
      const grant = sessions.newGrant();
      const user = await transact(async (tx) => {
        const { user_id } = await links.use(token, 'invitation', tx);
        const accepted = await users.update(user_id, { password_hash, email_confirmed: true }, tx);
        if (!accepted) throw new Problem('link_not_valid');
        await sessions.open(user_id, grant, origin, tx);
        await audit.record(auditEntry('account.invitation_accepted', 'success', accepted, origin), tx);
        return viewOf(accepted);
      });
      return signIn.answer(user, grant);
    },

    /** Sends an invitation again; the link before it is good no more. Throws `forbidden`, `not_found`, `step_done`. */
    async inviteAgain(actor: Actor, user_id: string, origin: Origin): Promise<{ expires_at: Date }> {
      checkMayManage(actor);
      return transact(async (tx) => {
        const user = await users.find(user_id, tx);
        if (!user?.active) throw notFound('user');
        if (user.password_hash !== null) throw new Problem('step_done', 'The invitation is accepted.');
        const invited = auditEntry('account.invited', 'success', user, origin);
        await audit.record(byActor(invited, actor), tx);
        return links.give(user, 'invitation', tx);
      });
    },

    /** Throws `link_not_valid`. */
    async confirm(_actor: Actor | null, token: string, origin: Origin): Promise<void> {
      await transact(async (tx) => {
        const user = await links.use(token, 'confirmation', tx);
        await users.update(user.user_id, { email_confirmed: true }, tx);
        await audit.record(auditEntry('account.email_confirmed', 'success', user, origin), tx);
      });
      await sessions.forgetAll();
    },

    /** Sends the link of one's own address again. Throws `step_done`, `too_many_requests`. */
    sendConfirmation: (actor: Actor): Promise<{ expires_at: Date }> =>
      transact(async (tx) => {
        const user = await users.find(actor.user_id, tx);
        if (!user) throw notFound('user');
        if (user.email_confirmed) throw new Problem('step_done', 'The address is confirmed.');
        return links.give(user, 'confirmation', tx);
      }),

    /** Lets a vendor sell, or not. Throws `forbidden`, and `not_found` for what is no vendor. */
    async decideVendor(
      actor: Actor,
      user_id: string,
      vendor_status: VendorStatus,
      origin: Origin,
    ): Promise<UserView> {
      checkMayManage(actor);
      return transact(async (tx) => {
        const user = await users.find(user_id, tx);
        if (user?.role !== 'vendor' || !user.active) throw notFound('vendor');
        const decided = (await users.update(user_id, { vendor_status }, tx)) as User;
        const done = auditEntry('account.vendor_decided', 'success', decided, origin);
        await audit.record(byActor(done, actor), tx);
        return viewOf(decided);
      });
    },
  });

  return { forActors, letterOf: links.letterOf };
}

export type InvitationsService = ReturnType<typeof createInvitationsService>;
