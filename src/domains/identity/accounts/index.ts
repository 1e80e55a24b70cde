import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import {
  createAccountLinkRepository,
  createRefreshTokenRepository,
  createSessionRepository,
  createUserRepository,
} from './accounts.repository.js';
import { accountRoutes } from './accounts.routes.js';
import { userRoutes } from './users.routes.js';
import { createAccountsService, type AccountsDeps, type AccountsService } from './accounts.service.js';
import { createDevices } from './devices.js';
import { createGuesses } from './guesses.js';
import { createInvitationsService, type InvitationsService } from './invitations.service.js';
import { createLinks, type LinksDeps } from './links.service.js';
import { createSessionsService, type SessionsDeps, type SessionsService } from './sessions.service.js';
import { createSignIn } from './sign-in.js';

export { emailKey } from './email.js';
export type { AccountsService, Addressee } from './accounts.service.js';
export type { InvitationsService } from './invitations.service.js';
export { knownDeviceDays } from './devices.js';
export { createSigner, type Signer } from './signer.js';
export type { LinkPurpose } from './accounts.types.js';
export type { SessionsService } from './sessions.service.js';
export { createPasswords } from './passwords.js';
export { createTokens, type Tokens } from './tokens.js';

type Made = 'users' | 'sessions' | 'refreshTokens' | 'links' | 'devices' | 'guesses' | 'signIn';

type Deps = Omit<AccountsDeps & SessionsDeps & LinksDeps, Made> & {
  connection: Connection;
  /** How many attempts of an account come without a pause. */
  freeAttempts: number;
};

/** `sessions.actorOf` is what mount.ts asks who is behind a token. */
export function createAccounts(deps: Deps): {
  service: AccountsService;
  sessions: SessionsService;
  invitations: InvitationsService;
  routes: readonly AnyRoute[];
} {
  const users = createUserRepository(deps.connection);
  const sessions = createSessionsService({
    ...deps,
    users,
    sessions: createSessionRepository(deps.connection),
    refreshTokens: createRefreshTokenRepository(deps.connection),
  });
  const links = createLinks({ ...deps, users, links: createAccountLinkRepository(deps.connection) });
  const devices = createDevices(deps);
  const guesses = createGuesses(deps.connection, deps.freeAttempts);
  const signIn = createSignIn(sessions, devices);
  const service = createAccountsService({ ...deps, users, sessions, links, devices, guesses, signIn });
  const invitations = createInvitationsService({ ...deps, users, sessions, links, signIn });
  const routes = [
    ...accountRoutes(service.forActors, sessions.forActors, invitations.forActors),
    ...userRoutes(service.forActors, sessions.forActors, invitations.forActors),
  ];
  return { service, sessions, invitations, routes };
}
