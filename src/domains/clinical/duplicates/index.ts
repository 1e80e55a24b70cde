import { createHmac, hkdfSync } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createDuplicateRepository } from './duplicates.repository.js';
import { duplicateRoutes } from './duplicates.routes.js';
import {
  createDuplicatesService,
  type DuplicatesDeps,
  type DuplicatesService,
} from './duplicates.service.js';

export type { DuplicatesService } from './duplicates.service.js';

/** HMAC by a key made of the signing secret (HKDF, RFC 5869). With another secret, all are compared anew. */
function blindBy(secret: string): DuplicatesDeps['blind'] {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'duplicates of patients', 32));
  const of = (what: string, value: string): string =>
    createHmac('sha256', key).update(`${what} ${value}`).digest('base64url').slice(0, 22);
  return { id: of('key', ''), of };
}

export function createDuplicates(
  deps: Omit<DuplicatesDeps, 'duplicates' | 'blind'> & {
    readonly connection: Connection;
    readonly jwtSecret: string;
  },
): { service: DuplicatesService; routes: readonly AnyRoute[] } {
  const duplicates = createDuplicateRepository(deps.connection);
  const service = createDuplicatesService({ ...deps, duplicates, blind: blindBy(deps.jwtSecret) });
  return { service, routes: duplicateRoutes(service.forActors) };
}
