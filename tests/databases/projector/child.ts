import { connectMongo } from '../../../src/databases/mongo/mongo.js';
import { createProjector } from '../../../src/databases/projector/projector.js';
import { reachPoints } from '../../../src/contracts/crash-points.js';
import { createLogger } from '../../../src/lib/logger.js';
import { countingSink } from './counting-sink.js';

/* A process that keeps the counts of a hospital, until it is ended. Usage: child.ts URI DATABASE LEASE_MS [CRASH_AT] */

const [uri, dbName, leaseMs, crashAt] = process.argv.slice(2);
const connection = await connectMongo(uri!, { dbName: dbName! });
const reach = reachPoints(crashAt, () => process.kill(process.pid, 'SIGKILL'));
createProjector({
  connection,
  sink: countingSink(connection, reach),
  holder: `child ${process.pid}`,
  logger: createLogger('silent'),
  reach,
  sizes: { chunk: 10, batch: 10 },
  leaseMs: Number(leaseMs),
}).start();
// It does not outlive the test that has started it.
process.stdin.on('end', () => process.exit()).resume();
