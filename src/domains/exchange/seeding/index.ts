import type { ImportTargets } from '../imports/index.js';
import { createSeedingService, type SeedingService } from './seeding.service.js';

export { generateNetwork } from './seeding.network.js';
export { generatePatient } from './seeding.patients.js';
export { createPlan } from './seeding.plan.js';
export type { SeedingService } from './seeding.service.js';
export { seededKinds, type SeedOptions, type SeedReport } from './seeding.types.js';

export function createSeeding(deps: { readonly targets: ImportTargets }): { service: SeedingService } {
  return { service: createSeedingService(deps) };
}
