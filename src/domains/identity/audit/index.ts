import type { Connection } from 'mongoose';
import type { Knex } from '../../../databases/postgres/postgres.js';
import type { AnyRoute } from '../../../http/route.js';
import type { Periodic } from '../../../lib/periodic.js';
import type { Transact } from '../../../lib/transaction.js';
import { createAuditChainRepository, type AuditChainRepository } from './audit-chain.repository.js';
import { createAuditKeys, headFile, type AuditConfig } from './audit.keys.js';
import { createAuditRepository } from './audit.repository.js';
import { auditRoutes } from './audit.routes.js';
import { createAuditService, type AuditDeps, type AuditService } from './audit.service.js';
import { createReadingService, type ReadingService } from './reading.service.js';
import { createSealingService, type SealingService } from './sealing.service.js';
import { createVerifyingService, type VerifyingService } from './verifying.service.js';

export type { Fault } from './audit.chain.js';
export type { AuditConfig } from './audit.keys.js';
export type { AuditAction, AuditEvent, AuditRecord } from './audit.types.js';
export type { AuditService } from './audit.service.js';
export type { Verified } from './verifying.service.js';
export type { ReadingService } from './reading.service.js';

/** The trail as a whole: how it is read, sealed and proved. */
export type TrailService = Pick<ReadingService, 'forActors'> &
  Pick<SealingService, 'seal'> &
  VerifyingService &
  Pick<AuditChainRepository, 'walk' | 'years'>;

interface AuditParts extends Omit<AuditDeps, 'events'> {
  readonly connection: Connection;
  readonly knex: Knex;
  readonly transact: Transact;
  readonly config: { readonly audit: AuditConfig; readonly dataDir: string };
  nameOf(user_id: string): Promise<string>;
  /** The records that have become a part of this patient's. */
  partsOf(patient_id: string): Promise<readonly string[]>;
}

export function createAudit(parts: AuditParts): {
  service: AuditService;
  trail: TrailService;
  routes: readonly AnyRoute[];
  worker: Periodic;
} {
  const { audit, dataDir } = parts.config;
  const events = createAuditRepository(parts.connection);
  const chain = createAuditChainRepository(parts.connection, parts.knex);
  const file = audit.headFile === undefined ? undefined : headFile(audit.headFile);
  const common = { ...parts, chain, keys: createAuditKeys(audit, dataDir) };
  const reading = createReadingService({ events, nameOf: parts.nameOf, partsOf: parts.partsOf });
  const sealing = createSealingService({ ...common, ...(file && { keepInFile: file.keep }) });
  const verifying = createVerifyingService({ ...common, headsInFile: file?.read ?? (async () => []) });
  return {
    service: createAuditService({ ...parts, events }),
    trail: { ...reading, ...verifying, seal: sealing.seal, walk: chain.walk, years: chain.years },
    routes: auditRoutes(reading.forActors),
    worker: sealing.worker(),
  };
}
