import type { Common, Module } from '../module.js';
import {
  createAccounts,
  createPasswords,
  createTokens,
  type AccountsService,
  type SessionsService,
  type Tokens,
} from './accounts/index.js';
import { createAudit } from './audit/index.js';
import type { IdentityPorts } from './ports.js';

export interface IdentityServices {
  readonly accounts: AccountsService;
  readonly sessions: SessionsService;
  readonly tokens: Tokens;
}

/** Who asks: accounts, their sessions and tokens, and the audit of them. */
export function composeIdentity(common: Common, ports: IdentityPorts): Module<IdentityServices> {
  const { previousSecrets, ...jwt } = common.config.jwt;
  const tokens = createTokens({ ...jwt, secrets: { current: common.jwtSecret, previous: previousSecrets } });
  const audit = createAudit(common);
  const { service, sessions, routes } = createAccounts({
    ...common,
    ...ports,
    tokens,
    passwords: createPasswords({ cost: common.config.bcryptCost }),
    audit: audit.service,
    refreshSeconds: jwt.refreshSeconds,
    areOthers: common.processes.areOthers,
  });
  return { services: { accounts: service, sessions, tokens }, routes, workers: [], consumers: {} };
}
