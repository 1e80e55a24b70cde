import { setTimeout as sleep } from 'node:timers/promises';
import { compose, type Parts, type Surroundings } from './composition.js';
import type { Config } from './config.js';
import { signingSecret } from './databases/secrets.js';
import { systemClock, type Clock } from './lib/clock.js';
import type { Logger } from './lib/logger.js';
import { openStores, type Stores } from './stores.js';

const backgroundMs = 10_000;

/** Both databases open and all services wired: what the server, every command and every test starts from. */
export interface System {
  readonly parts: Parts;
  readonly around: Surroundings & { readonly stores: Stores };
  close(): Promise<void>;
}

export interface SystemOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** The MongoDB database, when the URI names none. */
  readonly dbName?: string;
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
  const around = { stores, config, jwtSecret, clock, logger };
  const parts = compose(around);
  return {
    parts,
    around,
    async close() {
      // What works in the background goes on after the next start wherever this one was; it need not come to an end.
      const stopped = await Promise.race([
        parts.stop().then(() => true),
        sleep(backgroundMs, false, { ref: false }),
      ]);
      if (!stopped) logger.warn({ ms: backgroundMs }, 'closing under background work that has not stopped');
      await stores.close();
    },
  };
}
