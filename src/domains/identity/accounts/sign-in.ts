import type { UserView } from './accounts.view.js';
import type { Devices } from './devices.js';
import type { Grant, SessionsService, TokenPair } from './sessions.service.js';

/** What is answered to somebody who has proved to be the owner: the pair, who they are, and the token of a known device. */
export type SignedIn = TokenPair & { user: UserView; device_token: string };

/** `former`: the device token that came with the request. */
export type SignIn = (user: UserView, grant: Grant, former?: string) => SignedIn;

export const createSignIn =
  (sessions: Pick<SessionsService, 'pair'>, devices: Devices): SignIn =>
  (user, { session_id, refresh_token }, former) => ({
    ...sessions.pair({ user_id: user.id, role: user.role, session_id }, refresh_token),
    user,
    device_token: devices.issue(user.email, former),
  });
