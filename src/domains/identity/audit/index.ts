import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createAuditRepository } from './audit.repository.js';
import { createAuditService, type AuditDeps, type AuditService } from './audit.service.js';

export type { AuditAction, AuditRecord } from './audit.types.js';
export type { AuditService } from './audit.service.js';

export function createAudit({
  connection,
  ...deps
}: Omit<AuditDeps, 'events'> & { connection: Connection }): {
  service: AuditService;
  routes: readonly AnyRoute[];
} {
  return { service: createAuditService({ ...deps, events: createAuditRepository(connection) }), routes: [] };
}
