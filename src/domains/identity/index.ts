import type { Common, Module } from '../module.js';
import {
  createAccounts,
  createPasswords,
  createSigner,
  createTokens,
  type AccountsService,
  type AdministrationService,
  type InvitationsService,
  type ProfileService,
  type ProviderLoginService,
  type RecoveryService,
  type SecondFactorService,
  type SessionsService,
  type Signer,
  type Tokens,
} from './accounts/index.js';
import { createAudit, type AuditService, type TrailService } from './audit/index.js';
import type { IdentityPorts } from './ports.js';

export interface IdentityServices {
  readonly accounts: AccountsService;
  readonly sessions: SessionsService;
  readonly invitations: InvitationsService;
  readonly recovery: RecoveryService;
  readonly secondFactor: SecondFactorService;
  readonly administration: AdministrationService;
  readonly profile: ProfileService;
  readonly providerLogin: ProviderLoginService;
  readonly tokens: Tokens;
  readonly signer: Signer;
  readonly audit: AuditService;
  readonly trail: TrailService;
}

/** Who asks: accounts, their sessions and tokens, and the audit of them. */
export function composeIdentity(common: Common, ports: IdentityPorts): Module<IdentityServices> {
  const { config } = common;
  const { previousSecrets, ...jwt } = config.jwt;
  const secrets = { current: common.jwtSecret, previous: previousSecrets };
  const tokens = createTokens({ ...jwt, secrets });
  const audit = createAudit({
    ...{ ...common, outbox: common.outboxes.postgres },
    nameOf: (user_id) => service.nameOf(user_id),
    partsOf: ports.patients.partsOf,
  });
  const signer = createSigner(secrets);
  const { service, routes, ...services } = createAccounts({
    ...common,
    ...ports,
    tokens,
    passwords: createPasswords({ cost: config.bcryptCost }),
    audit: audit.service,
    signer,
    mailOutbox: common.outboxes.mail,
    publicUrl: config.publicUrl,
    freeAttempts: config.freeAttempts,
    factorRoles: config.factorRoles,
    providers: config.providers,
    signingSecrets: [secrets.current, ...secrets.previous],
    refreshSeconds: jwt.refreshSeconds,
    ...config.sessions,
    areOthers: common.processes.areOthers,
  });
  return {
    services: { accounts: service, ...services, tokens, signer, audit: audit.service, trail: audit.trail },
    routes: [...routes, ...audit.routes],
    workers: [audit.worker],
    consumers: { 'audit.event': audit.service.consume },
  };
}
