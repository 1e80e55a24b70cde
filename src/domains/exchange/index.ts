import type { ClinicalServices } from '../clinical/index.js';
import type { Common, Module } from '../module.js';
import type { MoneyServices } from '../money/index.js';
import type { NetworkServices } from '../network/index.js';
import type { MessagesServices } from '../messages/index.js';
import type { ReportsServices } from '../reports/index.js';
import { createOperations, type OperationsService } from './operations/index.js';
import { createImports, type ImportsService } from './imports/index.js';
import { createSeeding, type DemoService, type SeedingService } from './seeding/index.js';

interface ExchangeServices {
  readonly imports: ImportsService;
  readonly seeding: SeedingService & DemoService;
  readonly operations: OperationsService;
}

/** Where records come in bulk, from other systems or made up; and how all that runs stands. */
export function composeExchange(
  common: Common,
  earlier: NetworkServices & ClinicalServices & MoneyServices & MessagesServices & ReportsServices,
): Module<ExchangeServices> {
  const imports = createImports({ ...common, targets: earlier });
  const seeding = createSeeding({
    ...common,
    targets: earlier,
    hasHospitals: async () => (await earlier.hospitals.list({}, { limit: 1 })).items.length > 0,
    claimSlots: async (signal) => {
      const kinds = ['appointment_without_claim'] as const;
      await earlier.reconciliation.run({ apply: true, kinds, graceMs: 0, signal });
    },
  });
  const operations = createOperations({
    ...{ ...common, ...earlier },
    modules: common.config.modules,
    reconcileMs: common.config.reconcileMinutes * 60_000,
  });
  return {
    services: { imports: imports.service, seeding: seeding.service, operations: operations.service },
    routes: operations.routes,
    workers: [],
    consumers: {},
  };
}
