import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import {
  createRefreshTokenRepository,
  createSessionRepository,
  createUserRepository,
} from './accounts.repository.js';
import { accountRoutes } from './accounts.routes.js';
import { createAccountsService, type AccountsDeps, type AccountsService } from './accounts.service.js';
import { createSessionsService, type SessionsDeps, type SessionsService } from './sessions.service.js';

export { emailKey } from './email.js';
export type { AccountsService } from './accounts.service.js';
export type { SessionsService } from './sessions.service.js';
export { createPasswords } from './passwords.js';
export { createTokens, type Tokens } from './tokens.js';

type Deps = Omit<AccountsDeps & SessionsDeps, 'users' | 'sessions' | 'refreshTokens'> & {
  connection: Connection;
};

/** `sessions.actorOf` is what mount.ts asks who is behind a token. */
export function createAccounts(deps: Deps): {
  service: AccountsService;
  sessions: SessionsService;
  routes: readonly AnyRoute[];
} {
  const users = createUserRepository(deps.connection);
  const sessions = createSessionsService({
    ...deps,
    users,
    sessions: createSessionRepository(deps.connection),
    refreshTokens: createRefreshTokenRepository(deps.connection),
  });
  const service = createAccountsService({ ...deps, users, sessions });
  return { service, sessions, routes: accountRoutes(service.forActors, sessions.forActors) };
}
