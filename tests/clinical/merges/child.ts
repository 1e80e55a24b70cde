import { openSystem } from '../../../src/system.js';
import { createLogger } from '../../../src/lib/logger.js';
import { testConfig } from '../../support/api.js';

/*
 * A process that merges two patients or undoes that, and may die on the way. Usage: child.ts DATABASE POSTGRES_URI CRASH_AT (or -)
 * merge INTO FROM | undo MERGE_ID
 */

const [dbName, postgresUri, crashAt, act, first, second] = process.argv.slice(2) as [string, ...string[]];
const system = await openSystem({
  config: testConfig({ POSTGRES_URI: postgresUri!, ...(crashAt === '-' ? {} : { CRASH_AT: crashAt! }) }),
  logger: createLogger('silent'),
  clock: { now: () => new Date() },
  dbName,
});
const admin = {
  user_id: 'U-ADMIN',
  role: 'admin',
  session_id: 'S',
  patient_id: null,
  doctor_id: null,
} as const;
const { merges } = system.parts;
system.parts.startRelays();
if (act === 'undo') await merges.forActors.undo(admin, first!, { reason: 'They are two people' });
else {
  const asked = { into_patient_id: first!, from_patient_id: second!, reason: 'One person' };
  await merges.forActors.merge(admin, asked);
}
await system.close();
