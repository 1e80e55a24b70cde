import { compose, type Parts, type Surroundings } from './composition.js';
import { ConfigError, type Config } from './config.js';
import { zoneDisagreement } from './databases/time-zones.js';
import { signingSecret } from './databases/secrets.js';
import { systemClock, type Clock } from './lib/clock.js';
import type { Logger } from './lib/logger.js';
import { within } from './lib/within.js';
import { openStores, type Stores } from './stores.js';

/** Both databases open and all services wired: what the server, every command and every test starts from. */
export interface System {
  readonly parts: Parts;
  readonly around: Surroundings & { readonly stores: Stores };
  close(): Promise<void>;
}

interface SystemOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** The MongoDB database, when the URI names none. */
  readonly dbName?: string;
}

/** For the background to end what it is at. */
const stopMs = 15_000;

/** Figures that two stores count by different clocks would differ: no start is better. Throws ConfigError. */
async function checkReportZone(stores: Stores, zone: string): Promise<void> {
  const why = zone === 'UTC' ? undefined : await zoneDisagreement(stores, zone);
  if (why !== undefined)
    throw new ConfigError([`REPORT_TIME_ZONE ${zone} cannot be used with these servers: ${why}`]);
}

export async function openSystem({
  config,
  logger,
  clock = systemClock,
  dbName,
}: SystemOptions): Promise<System> {
  const stores = await openStores(config, logger, { dbName });
  const closing = async (error: unknown): Promise<never> => {
    await stores.close();
    throw error;
  };
  const jwtSecret = config.jwt.secret ?? (await signingSecret(config.dataDir).catch(closing));
  await checkReportZone(stores, config.reportTimeZone).catch(closing);
  const around = { stores, config, jwtSecret, clock, logger };
  const parts = compose(around);
  return {
    parts,
    around,
    async close() {
      // What does not come to its end by then fails with the stores, and is taken up again by the next start.
      await within(stopMs, parts.stop(), () => logger.warn('what works in the background was broken off'));
      await stores.close();
    },
  };
}
