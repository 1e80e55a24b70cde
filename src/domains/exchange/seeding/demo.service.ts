import type { Clock } from '../../../lib/clock.js';
import type { LoadingRepository } from './loadings.repository.js';
import type { SeedingService } from './seeding.service.js';
import type { SeedOptions } from './seeding.types.js';

export interface DemoDeps {
  readonly seeding: SeedingService;
  readonly loadings: LoadingRepository;
  readonly clock: Clock;
  /** Whether there is any hospital yet. */
  readonly hasHospitals: () => Promise<boolean>;
  /** Of visits that came in bulk and are still to be: nobody else can book their time then. */
  readonly claimSlots: (signal?: AbortSignal) => Promise<void>;
}

/** Two hospitals, enough that every report and page has something to show, and loaded within seconds. */
const size: Omit<SeedOptions, 'until'> = { patients: 500, years: 2, seed: 1, busy: true };
const demoKey = 'demo';

export function createDemoService({ seeding, loadings, clock, hasHospitals, claimSlots }: DemoDeps) {
  return {
    /**
     * Loads two years of made-up records that end now, and the bookings of the next two weeks, into a system without hospitals. A
     * start that was killed in between is finished by the next one; one that was finished is not looked at again, so that
     * what a user deletes stays deleted. Throws the signal's reason when it is stopped.
     */
    async loadDemo(say: (line: string) => void = () => undefined, signal?: AbortSignal): Promise<void> {
      const loading = await loadings.find(demoKey);
      if (loading?.finished_at || (!loading && (await hasHospitals()))) return;
      await loadings.start(demoKey, clock.now());
      say('Loading the demo data …');
      // Of the first start: the same options go on with the same records.
      const { started_at } = (await loadings.find(demoKey))!;
      const options = { ...size, until: started_at };
      const { changes, seconds } = await seeding.seed(options, { ...(signal && { signal }) });
      await claimSlots(signal);
      say(`  ${changes} records in ${seconds.toFixed(1)} s`);
      await loadings.finish(demoKey, clock.now());
    },
  };
}

export type DemoService = ReturnType<typeof createDemoService>;
