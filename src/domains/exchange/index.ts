import type { ClinicalServices } from '../clinical/index.js';
import type { Common, Module } from '../module.js';
import type { MoneyServices } from '../money/index.js';
import type { NetworkServices } from '../network/index.js';
import { createImports, type ImportsService } from './imports/index.js';
import { createSeeding, type DemoService, type SeedingService } from './seeding/index.js';

interface ExchangeServices {
  readonly imports: ImportsService;
  readonly seeding: SeedingService & DemoService;
}

/** Where records come in bulk, from other systems or made up. */
export function composeExchange(
  common: Common,
  earlier: NetworkServices & ClinicalServices & MoneyServices,
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
  return {
    services: { imports: imports.service, seeding: seeding.service },
    routes: [],
    workers: [],
    consumers: {},
  };
}
