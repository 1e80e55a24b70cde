import { createHttp } from '../../src/serving.js';
import type { Config } from '../../src/config.js';
import { claimMs } from '../../src/databases/outbox/outbox.js';
import { startServer } from '../../src/http/server.js';
import type { CrashPoint } from '../../src/contracts/crash-points.js';
import { createLogger } from '../../src/lib/logger.js';
import { drillClock } from '../drill-clock.js';
import { createDatabase } from '../own-database.js';
import { openSystem, type System } from '../../src/system.js';
import { startApiProcess, type ApiProcess, type ApiServers } from '../api-process.js';

/** Databases in which one kill comes after the other. */
export interface Lane {
  /** Prepares visits and looks at what became of them; its relays run only while it settles. */
  readonly system: System;
  /** The API as a process of its own that will kill itself at this point. */
  startArmed(point: CrashPoint, signal: AbortSignal): Promise<ApiProcess>;
  /** What comes after a kill: the API again, that knows nothing of what was. */
  restarted<T>(signal: AbortSignal, use: (url: string) => Promise<T>): Promise<T>;
  /** Brings all that waits in the outboxes, and what a process had taken before it died once more. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface LaneOptions {
  readonly name: string;
  readonly config: Config;
  /** Another process comes after a kill, or, to be quick, another system in this one. */
  readonly restart: 'process' | 'here';
}

/** Anyone who cancels gets half of it back: a part, so that giving it twice is seen. */
const settings = { GST_RATE: '18', REFUND_POLICY: '0:50' };
const rules = { gstRate: '18.00', refundPolicy: [{ hours: 0, percent: 50 }] };

const manyEntries = 1_000;

/** Databases of its own on the servers; `drop` removes the one in Postgres. */
async function createDatabases({ mongodbUri, postgresUri }: ApiServers, name: string) {
  const made = await createDatabase(postgresUri, name);
  return {
    mongodbUri: mongodbUri.replace(/\/[^/?]*(\?|$)/, `/${name}$1`),
    postgresUri: made.uri,
    drop: made.drop,
  };
}

/** The system behind an HTTP server of its own, with its relays, as `src/main.ts` has it. */
async function serve<T>(system: System, use: (url: string) => Promise<T>): Promise<T> {
  const app = createHttp(system.parts, system.around, () => true);
  const server = await startServer(app, { host: '127.0.0.1', port: 0 });
  system.parts.start();
  try {
    return await use(server.url);
  } finally {
    await server.stop();
  }
}

export async function openLane(servers: ApiServers, { name, config, restart }: LaneOptions): Promise<Lane> {
  const { drop, ...databases } = await createDatabases(servers, name);
  const own = { ...servers, ...databases };
  let aheadMs = 0;
  const open = (): Promise<System> =>
    openSystem({
      clock: { now: () => new Date(drillClock.now().getTime() + aheadMs) },
      config: {
        ...{ ...config, ...own, refundPolicy: rules.refundPolicy },
        payments: { ...config.payments, gstRate: rules.gstRate },
      },
      logger: createLogger('silent'),
    });
  const system = await open();
  const { parts, around } = system;
  const start = (signal: AbortSignal, more: Readonly<Record<string, string>>): Promise<ApiProcess> =>
    startApiProcess(own, { signal, settings: { ...settings, JWT_SECRET: around.jwtSecret, ...more } });

  return {
    system,
    startArmed: (point, signal) => start(signal, { CRASH_AT: point }),
    async restarted(signal, use) {
      if (restart === 'here') {
        const other = await open();
        try {
          return await serve(other, use);
        } finally {
          await other.close();
        }
      }
      const api = await start(signal, {});
      try {
        return await use(api.url);
      } finally {
        await api.stop();
      }
    },
    async settle() {
      // By this clock what a dead relay has taken is free at once.
      aheadMs = claimMs;
      parts.startRelays();
      for (const outbox of [parts.outboxes.mongodb, parts.outboxes.postgres]) {
        await outbox.drain(60_000);
        for (const { entry_id } of await outbox.listWaiting('', manyEntries)) await outbox.applyNow(entry_id);
      }
      await parts.stop();
      aheadMs = 0;
    },
    async close() {
      await around.stores.connection.dropDatabase();
      await system.close();
      await drop();
    },
  };
}
