import type { Connection } from 'mongoose';
import type { ImportTargets } from '../imports/index.js';
import { createDemoService, type DemoDeps, type DemoService } from './demo.service.js';
import { createLoadingRepository } from './loadings.repository.js';
import { createSeedingService, type SeedingService } from './seeding.service.js';

export { generateNetwork } from './seeding.network.js';
export { generatePatient } from './seeding.patients.js';
export { createPlan } from './seeding.plan.js';
export type { DemoService } from './demo.service.js';
export type { SeedingService } from './seeding.service.js';
export { seededKinds, type SeedOptions, type SeedReport } from './seeding.types.js';

/** Makes records up: any number of them, or those of a demo. */
export function createSeeding({
  targets,
  connection,
  ...deps
}: Omit<DemoDeps, 'seeding' | 'loadings'> & {
  readonly targets: ImportTargets;
  readonly connection: Connection;
}): { service: SeedingService & DemoService } {
  const seeding = createSeedingService({ targets });
  const loadings = createLoadingRepository(connection);
  return { service: { ...seeding, ...createDemoService({ ...deps, seeding, loadings }) } };
}
