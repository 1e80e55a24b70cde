import type { Context, RootHookObject, Runner } from 'mocha';
import { compile, isCompiled } from '../../scripts/compile.mjs';
import { watchResult } from './result.js';
import { startServers, sweepServers, type TestServers } from './servers.js';
import { endAtDeadline, watch, whereAreWe } from './watchdog.js';

/**
 * One replica set of three and one Postgres for a whole mocha run. Their addresses go to the tests, in worker processes
 * too, as TEST_MONGODB_URI and TEST_POSTGRES_URI; each test file makes databases of its own in them.
 */

let servers: TestServers | undefined;
let writeResult: (() => void) | undefined;

/** Mocha calls it, and the teardown, with the runner of the run. */
export async function mochaGlobalSetup(this: Runner): Promise<void> {
  writeResult = watchResult(this);
  // Tests start commands; `npm test` has compiled them already.
  if (!isCompiled()) await compile();
  await sweepServers();
  servers = await startServers();
  process.env['TEST_RUN_FOLDER'] = servers.folder;
  process.env['TEST_MONGODB_URI'] = servers.mongodbUri;
  process.env['TEST_POSTGRES_URI'] = servers.postgresUri;
  endAtDeadline(async () => {
    process.stderr.write(await whereAreWe(servers!.folder));
    await servers?.stop();
  });
  // Workers load these too, and hooks of theirs need no application.
  const { makeTemplate } = await import('./api.js');
  process.env['TEST_POSTGRES_TEMPLATE'] = await makeTemplate();
}

export async function mochaGlobalTeardown(): Promise<void> {
  writeResult?.();
  await servers?.stop();
}

export const mochaHooks: RootHookObject = {
  beforeAll(this: Context) {
    watch(this);
  },
  beforeEach(this: Context) {
    watch(this);
  },
};
