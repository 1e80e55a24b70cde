import { openSystem } from '../../../src/system.js';
import { createLogger } from '../../../src/lib/logger.js';
import { testConfig } from '../../support/api.js';

/* A process that delivers what is due at a moment, and may die on the way. Usage: child.ts DATABASE POSTGRES_URI NOW CRASH_AT */

const [dbName, postgresUri, now, crashAt] = process.argv.slice(2);
const system = await openSystem({
  config: testConfig({ POSTGRES_URI: postgresUri!, CRASH_AT: crashAt! }),
  logger: createLogger('silent'),
  clock: { now: () => new Date(now!) },
  dbName: dbName!,
});
await system.parts.deliveries.sweep();
await system.close();
