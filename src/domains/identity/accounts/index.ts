import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import {
  createAccountLinkRepository,
  createRefreshTokenRepository,
  createSessionRepository,
  createUserRepository,
} from './accounts.repository.js';
import { accountRoutes } from './accounts.routes.js';
import { administrationRoutes } from './administration.routes.js';
import {
  createAdministrationService,
  type AdministrationDeps,
  type AdministrationService,
} from './administration.service.js';
import { createLoginIdentityRepository } from './login-identities.repository.js';
import {
  createProviderLoginService,
  type ProviderLoginDeps,
  type ProviderLoginService,
} from './provider-login.service.js';
import { createProvider, type ProviderSettings } from './providers.js';
import { profileRoutes } from './profile.routes.js';
import { createProfileService, type ProfileService } from './profile.service.js';
import { userRoutes } from './users.routes.js';
import { createAccountsService, type AccountsDeps, type AccountsService } from './accounts.service.js';
import { createTextSeal } from '../../../databases/sealed-text.js';
import { createChallenges } from './challenges.js';
import { createDevices } from './devices.js';
import { createFactorCodes } from './factor-codes.js';
import { createGuesses } from './guesses.js';
import { createInvitationsService, type InvitationsService } from './invitations.service.js';
import { createLinks, type LinksDeps } from './links.service.js';
import { recoveryRoutes } from './recovery.routes.js';
import { createRecoveryService, type RecoveryService } from './recovery.service.js';
import { createSecondFactorRepository } from './second-factor.repository.js';
import { secondFactorRoutes } from './second-factor.routes.js';
import { createSecondFactorService, type SecondFactorService } from './second-factor.service.js';
import { createSessionsService, type SessionsDeps, type SessionsService } from './sessions.service.js';
import { createSignIn } from './sign-in.js';

export { emailKey } from './email.js';
export type { AccountsService, Addressee } from './accounts.service.js';
export { flowSeconds, type ProviderLoginService } from './provider-login.service.js';
export type { ProfileService } from './profile.service.js';
export type { AdministrationService } from './administration.service.js';
export type { SecondFactorService } from './second-factor.service.js';
export type { RecoveryService } from './recovery.service.js';
export type { InvitationsService } from './invitations.service.js';
export { knownDeviceDays } from './devices.js';
export { createSigner, type Signer } from './signer.js';
export type { LinkPurpose } from './accounts.types.js';
export type { SessionsService } from './sessions.service.js';
export { createPasswords } from './passwords.js';
export { createTokens, type Tokens } from './tokens.js';

/** How many links a day an address is sent without a pause. */
const freeResets = 5;
/** How many codes a day an address tries without a pause, and all addresses together (NIST SP 800-63B: at most 100). */
const freeCodes = 5;
const freeCodesOfAll = 100;

type Made =
  | 'users'
  | 'sessions'
  | 'refreshTokens'
  | 'links'
  | 'devices'
  | 'guesses'
  | 'signIn'
  | 'challenges'
  | 'factors'
  | 'identities';

type Deps = Omit<AccountsDeps & AdministrationDeps & SessionsDeps & LinksDeps, Made> & {
  connection: Connection;
  /** How many attempts of an account come without a pause. */
  freeAttempts: number;
  /** Those that verify tokens: the first seals the secrets of second factors too, the others still open them. */
  signingSecrets: readonly string[];
  logger: ProviderLoginDeps['logger'];
  providers: readonly ProviderSettings[];
};

/** `sessions.actorOf` is what mount.ts asks who is behind a token. */
export function createAccounts(deps: Deps): {
  service: AccountsService;
  sessions: SessionsService;
  invitations: InvitationsService;
  recovery: RecoveryService;
  secondFactor: SecondFactorService;
  administration: AdministrationService;
  profile: ProfileService;
  providerLogin: ProviderLoginService;
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
  const signIn = createSignIn({ sessions, devices, links, audit: deps.audit });
  const challenges = createChallenges(deps);
  const factors = createSecondFactorRepository(deps.connection);
  const identities = createLoginIdentityRepository(deps.connection);
  const own = { users, sessions, links, devices, guesses, signIn, challenges, factors, identities };
  const service = createAccountsService({ ...deps, ...own });
  const seal = createTextSeal(deps.signingSecrets, 'secrets of second factors');
  const codes = createFactorCodes({
    ...{ ...deps, factors, seal, devices },
    tries: createGuesses(deps.connection, freeCodes),
    allTries: createGuesses(deps.connection, freeCodesOfAll),
  });
  const secondFactor = createSecondFactorService({ ...deps, ...own, seal, codes });
  const invitations = createInvitationsService({ ...deps, users, sessions, links, signIn });
  const providerLogin = createProviderLoginService({
    ...{ ...deps, ...own, providers: deps.providers.map(createProvider) },
    seal: createTextSeal(deps.signingSecrets, 'sign-ins by providers'),
  });
  const profile = createProfileService({ ...deps, users });
  const administration = createAdministrationService({ ...deps, ...own });
  const recovery = createRecoveryService({
    ...{ ...deps, users, sessions, links, devices, guesses },
    asking: createGuesses(deps.connection, freeResets),
  });
  const routes = [
    ...recoveryRoutes(recovery.forActors),
    ...secondFactorRoutes(secondFactor.forActors),
    ...accountRoutes(service.forActors, sessions.forActors, invitations.forActors),
    ...administrationRoutes(administration.forActors),
    // After the route with the id: of two that match, the router takes the last.
    ...profileRoutes(profile.forActors, recovery.forActors),
    ...userRoutes(service.forActors, sessions.forActors, invitations.forActors),
  ];
  return {
    service,
    sessions,
    invitations,
    recovery,
    secondFactor,
    administration,
    profile,
    providerLogin,
    routes,
  };
}
