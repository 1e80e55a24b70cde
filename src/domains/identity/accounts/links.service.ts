import type { AccountNotice, Announce, HandOvers } from '../../../contracts/hand-overs.js';
import type { Clock } from '../../../lib/clock.js';
import { Problem } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AccountLinkRepository, UserRepository } from './accounts.repository.js';
import type { AccountLink, LinkPurpose, User } from './accounts.types.js';
import type { Signer } from './signer.js';

export interface LinksDeps {
  readonly links: AccountLinkRepository;
  readonly users: UserRepository;
  readonly signer: Signer;
  /** The way to the one who sends emails. */
  readonly mailOutbox: Pick<Announce<MongoTransaction>, 'add'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly publicUrl: string;
}

/** What a link is bound to. */
type Addressed = Pick<User, 'user_id' | 'email_key'>;

/** `url`: the link, or where something can be done about what was done. */
interface Letter {
  readonly to: string;
  readonly about: LinkPurpose | AccountNotice;
  readonly url: string;
}

const hourMs = 3_600_000;
const pages: { readonly [P in LinkPurpose]: { readonly path: string; readonly lifeMs: number } } = {
  invitation: { path: '/invitation', lifeMs: 72 * hourMs },
  confirmation: { path: '/confirm-email', lifeMs: 7 * 24 * hourMs },
  reset: { path: '/reset', lifeMs: hourMs / 2 },
};

/** Between two emails with a link, so that nobody fills the mailbox of somebody else. */
const againMs = 60_000;

/** AUTH-13: one-time links to accounts, sent to their addresses. */
export function createLinks({ links, users, signer, mailOutbox, clock, newId, publicUrl }: LinksDeps) {
  /** What a link opens; null when it is used, too old, or to another address than the account has now. */
  async function opened(
    link_id: string | null,
    purpose: LinkPurpose | undefined,
    tx?: MongoTransaction,
  ): Promise<{ link: AccountLink; user: User } | null> {
    const link = link_id === null ? null : await links.find(link_id, tx);
    if (!link || (purpose && link.purpose !== purpose) || link.expires_at <= clock.now()) return null;
    const user = await users.find(link.user_id, tx);
    return user?.active && user.email_key === link.email_key ? { link, user } : null;
  }

  /** Makes a link in the place of the one before, and has it sent; within a minute of that, milliseconds to wait. */
  async function make(
    { user_id, email_key }: Addressed,
    purpose: LinkPurpose,
    tx: MongoTransaction,
  ): Promise<{ expires_at: Date } | { wait: number }> {
    const now = clock.now();
    const before = await links.findFor(user_id, purpose, tx);
    const wait = before ? before.created_at.getTime() + againMs - now.getTime() : 0;
    if (wait > 0) return { wait };
    const expires_at = new Date(now.getTime() + pages[purpose].lifeMs);
    const link_id = newId('L');
    await links.replace({ link_id, user_id, purpose, email_key, created_at: now, expires_at }, tx);
    await mailOutbox.add('account.email', { link_id }, tx);
    return { expires_at };
  }

  return {
    /** Throws `too_many_requests` within a minute of the link before. */
    async give(user: Addressed, purpose: LinkPurpose, tx: MongoTransaction): Promise<{ expires_at: Date }> {
      const made = await make(user, purpose, tx);
      if ('expires_at' in made) return made;
      const retryAfter = Math.ceil(made.wait / 1000);
      throw new Problem('too_many_requests', 'An email was sent a moment ago.', { retryAfter });
    },

    /** As `give`, for who may not hear whether there is such an account: within a minute nothing is sent. */
    async giveQuietly(user: Addressed, purpose: LinkPurpose, tx: MongoTransaction): Promise<void> {
      await make(user, purpose, tx);
    },

    /** Tells the owner what was done to the account. */
    tell: (user_id: string, notice: AccountNotice, tx: MongoTransaction): Promise<void> =>
      mailOutbox.add('account.email', { user_id, notice }, tx),

    /** Whose link it is. Throws `link_not_valid`, the same for whatever reason. */
    async look(token: string, purpose: LinkPurpose): Promise<User> {
      const found = await opened(signer.read('link', token), purpose);
      if (!found) throw new Problem('link_not_valid');
      return found.user;
    },

    /** As `look`, and nobody uses it again. */
    async use(token: string, purpose: LinkPurpose, tx: MongoTransaction): Promise<User> {
      const found = await opened(signer.read('link', token), purpose, tx);
      if (!found || !(await links.remove(found.link.link_id, tx))) throw new Problem('link_not_valid');
      return found.user;
    },

    removeAll: (user_id: string, tx: MongoTransaction): Promise<void> => links.removeAll(user_id, tx),

    /** What is to be sent: made when it is, so that the link is in no store. Null when it is of no use any more. */
    async letterOf(asked: HandOvers['account.email']): Promise<Letter | null> {
      if ('notice' in asked) {
        const user = await users.find(asked.user_id);
        return user?.active ? { to: user.email, about: asked.notice, url: `${publicUrl}/forgot` } : null;
      }
      const found = await opened(asked.link_id, undefined);
      if (!found) return null;
      const { purpose } = found.link;
      const url = `${publicUrl}${pages[purpose].path}?token=${signer.sign('link', asked.link_id)}`;
      return { to: found.user.email, about: purpose, url };
    },
  };
}

export type Links = ReturnType<typeof createLinks>;
