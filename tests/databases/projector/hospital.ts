import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import { connectMongo } from '../../../src/databases/mongo/mongo.js';
import { nodeWords } from '../../../scripts/compile.mjs';
import { createProjector, type SupervisedProjector } from '../../../src/databases/projector/projector.js';
import type { ProjectionState } from '../../../src/databases/projector/projector.types.js';
import type { WriteTime } from '../../../src/lib/write-time.js';
import { createLogger } from '../../../src/lib/logger.js';
import { ownDatabases } from '../../support/own-databases.js';
import { countingSink, readCounts, recount } from './counting-sink.js';

/* A small hospital in a database of its own, and processes that keep its counts. */

/** Of a child, which may be killed. One of this process gives its lease back, and a busy machine must not take it before. */
export const leaseMs = 1_000;

export async function openHospital(mongodbUri = process.env['TEST_MONGODB_URI']!) {
  const connection = await connectMongo(mongodbUri, { dbName: `t_${randomBytes(6).toString('hex')}` });
  ownDatabases.add(connection.name);
  const open: SupervisedProjector[] = [];
  let named = 0;

  /** The projector of one process. */
  function process_(
    options: Partial<Parameters<typeof createProjector>[0]> & { definition?: string } = {},
  ): SupervisedProjector {
    const projector = createProjector({
      connection,
      sink: countingSink(connection, options.reach, options.definition),
      holder: `process ${++named}`,
      logger: createLogger(process.env['PROJECTOR_LOG'] ?? 'silent'),
      reach: () => undefined,
      ...options,
    });
    open.push(projector);
    return projector;
  }

  const children: ChildProcess[] = [];

  /** A process of its own; it kills itself when it comes to `crashAt`. */
  function child(crashAt?: string): { readonly pid: number; ended(): Promise<unknown> } {
    const file = new URL('child.ts', import.meta.url).pathname;
    const args = [mongodbUri, connection.name, String(leaseMs)];
    const started = spawn(process.execPath, [...nodeWords(file), ...args, ...(crashAt ? [crashAt] : [])], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    children.push(started);
    const exit = once(started, 'exit');
    return {
      pid: started.pid!,
      async ended() {
        const [, signal] = (await exit) as [number | null, NodeJS.Signals | null];
        return signal;
      },
    };
  }

  return {
    connection,
    process: process_,
    child,
    /** Ends them all, as a stop of each process does. */
    async stop(): Promise<void> {
      await Promise.all(open.splice(0).map((projector) => projector.stop()));
    },
    async close(): Promise<void> {
      await this.stop();
      for (const one of children) one.kill('SIGKILL');
      await connection.dropDatabase();
      ownDatabases.delete(connection.name);
      await connection.close();
    },
  };
}

export type Hospital = Awaited<ReturnType<typeof openHospital>>;

/** A moment that is past all writes that were acknowledged. */
export async function nowOf(connection: Connection): Promise<WriteTime> {
  const session = await connection.startSession();
  await connection.collection('ticks').insertOne({}, { session });
  await session.endSession();
  return session.operationTime!.toBigInt();
}

/** Waits until the figures are live and hold all that was written before. */
export async function settled(
  { connection }: Pick<Hospital, 'connection'>,
  projector: SupervisedProjector,
  withinMs = 50_000,
): Promise<ProjectionState> {
  const after = await nowOf(connection);
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(20)) {
    const state = await projector.caughtUp(after, 1_000);
    if (state) return state;
  }
  throw new Error('the figures have not caught up');
}

/** Waits, and then compares with a count of everything. */
export async function expectEqual(
  hospital: Pick<Hospital, 'connection'>,
  projector: SupervisedProjector,
): Promise<ProjectionState> {
  const state = await settled(hospital, projector);
  expect(await readCounts(hospital.connection)).deep.equal(await recount(hospital.connection));
  return state;
}
