import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import { auditEntry } from './accounts.audit.js';
import type { Origin, User } from './accounts.types.js';
import type { UserView } from './accounts.view.js';
import type { Devices } from './devices.js';
import type { Links } from './links.service.js';
import type { Grant, SessionsService, TokenPair } from './sessions.service.js';

/** What is answered to somebody who has proved to be the owner: the pair, who they are, and the token of a known device. */
export type SignedIn = TokenPair & { user: UserView; device_token: string };

interface SignInDeps {
  readonly sessions: Pick<SessionsService, 'pair' | 'open' | 'isNewOrigin'>;
  readonly devices: Devices;
  readonly links: Pick<Links, 'tell'>;
  readonly audit: AuditService;
}

interface Shown {
  readonly origin: Origin;
  readonly device_token?: string | undefined;
  /** When a code of the second factor was shown for it. */
  readonly code_given_at?: Date;
}

/** What every way to sign in ends with. */
export const createSignIn = ({ sessions, devices, links, audit }: SignInDeps) => ({
  /** Opens the session, audited; the owner is told of a device that the account has not been used from. */
  async open(user: User, grant: Grant, shown: Shown, tx: MongoTransaction): Promise<void> {
    const { user_id, email } = user;
    const { origin, device_token, code_given_at = null } = shown;
    const isNew =
      devices.known(email, device_token) === null && (await sessions.isNewOrigin(user_id, origin, tx));
    await sessions.open(user_id, grant, origin, tx, code_given_at);
    if (isNew) await links.tell(user_id, 'new_device', tx);
    await audit.record(auditEntry('auth.login', 'success', user, origin), tx);
  },

  /** `former`: the device token that came with the request. */
  answer: (user: UserView, { session_id, refresh_token }: Grant, former?: string): SignedIn => ({
    ...sessions.pair({ user_id: user.id, role: user.role, session_id }, refresh_token),
    user,
    device_token: devices.issue(user.email, former),
  }),
});

export type SignIn = ReturnType<typeof createSignIn>;
