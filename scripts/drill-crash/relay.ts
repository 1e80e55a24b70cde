import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectMongo, createTransact } from '../../src/databases/mongo/mongo.js';
import { claimMs, createOutbox } from '../../src/databases/outbox/outbox.js';
import { connectPostgres, migratePostgres } from '../../src/databases/postgres/postgres.js';
import { createSqlOutbox } from '../../src/databases/outbox/sql-outbox.js';
import { createTransactSql } from '../../src/databases/postgres/sql-transact.js';
import { systemClock } from '../../src/lib/clock.js';
import { createNewId } from '../../src/lib/ids.js';
import { createLogger } from '../../src/lib/logger.js';
import { nodeWords } from '../compile.mjs';
import { withShortTransactions } from './short-transactions.js';

interface RelayDrillOptions {
  /** In each direction. */
  readonly events: number;
  readonly kills: number;
}

/** One direction, by the ids of its entries. */
export interface DirectionReport {
  readonly direction: 'MongoDB → Postgres' | 'Postgres → MongoDB';
  readonly events: number;
  readonly applied_under_kills: number;
  /** Announced, and not in the inbox of the other store, or without their effect. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** In the inbox, and never announced. */
  readonly strange: readonly string[];
}

export interface RelayReport {
  readonly kills: number;
  readonly directions: readonly DirectionReport[];
}

const worker = fileURLToPath(new URL('relay-worker.ts', import.meta.url));
const endMs = 120_000;
const batch = 100;

/** What crosses in the drill. */
interface DrillKinds {
  readonly drill: { readonly number: number };
}

interface RelayRunning {
  readonly signal: AbortSignal;
  readonly onKill: (kill: number) => void;
}

interface Databases {
  readonly mongodbUri: string;
  readonly postgresUri: string;
}

interface Worker {
  /** Waits until it has applied so many entries. */
  applied(count: number): Promise<void>;
  kill(): Promise<void>;
}

function startWorker({ mongodbUri, postgresUri }: Databases, aheadMs: number): Worker {
  const child = spawn(process.execPath, nodeWords(worker), {
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'] },
      ...{ MONGODB_URI: mongodbUri, POSTGRES_URI: postgresUri, CLOCK_AHEAD_MS: `${aheadMs}` },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([, by]) => by as NodeJS.Signals | null);
  return {
    async applied(count) {
      let heard = 0;
      const done = new Promise<void>((resolve) => {
        child.stdout.on('data', (dots: Buffer) => {
          heard += dots.length;
          if (heard >= count) resolve();
        });
      });
      await Promise.race([done, ended]);
    },
    async kill() {
      child.kill('SIGKILL');
      if ((await ended) !== 'SIGKILL') throw new Error('The relay of the drill has ended by itself.');
    },
  };
}

/** Both stores, empty, with the outboxes as announcing services use them: without a relay. */
async function openStores({ mongodbUri, postgresUri }: Databases) {
  const connection = await connectMongo(mongodbUri);
  const knex = connectPostgres(postgresUri);
  await migratePostgres(knex);
  await knex.schema.createTable('drill_effects', (table) => void table.text('entry_id').notNullable());
  await connection.createCollection('drill_effects');
  const parts = {
    ...{ clock: systemClock, newId: createNewId(systemClock), logger: createLogger('silent') },
    reach: () => undefined,
  };
  const mongo = (name: string) => connection.collection<{ _id: string; entry_id?: string }>(name);
  return {
    outbox: createOutbox<DrillKinds>({ ...parts, connection }),
    sqlOutbox: createSqlOutbox<DrillKinds>({ ...parts, knex }),
    transact: createTransact(connection),
    transactSql: createTransactSql(knex),
    /** The ids in a collection or table. */
    mongoIds: async (name: string): Promise<string[]> =>
      (await mongo(name).find().toArray()).map(({ _id, entry_id }) => entry_id ?? _id),
    sqlIds: (name: string): Promise<string[]> => knex(name).pluck<string[]>('entry_id'),
    async close() {
      await connection.close();
      await knex.destroy();
    },
  };
}

type DrillStores = Awaited<ReturnType<typeof openStores>>;

async function announce(stores: DrillStores, events: number): Promise<void> {
  const { outbox, sqlOutbox, transact, transactSql } = stores;
  for (let done = 0; done < events; done += batch) {
    const numbers = Array.from({ length: Math.min(batch, events - done) }, (_, n) => done + n);
    await transact(async (tx) => {
      for (const number of numbers) await outbox.add('drill', { number }, tx);
    });
    await transactSql(async (tx) => {
      for (const number of numbers) await sqlOutbox.add('drill', { number }, tx);
    });
  }
}

/** Until both outboxes are empty: what is left after the last kill is relayed in peace. */
async function waitUntilApplied({ outbox, sqlOutbox }: DrillStores, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + endMs;
  for (;;) {
    signal.throwIfAborted();
    const waiting = [await outbox.listWaiting('', 1), await sqlOutbox.listWaiting('', 1)].flat();
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new Error(`Entries wait ${endMs / 1000} s after the last kill.`);
    await sleep(50);
  }
}

/** Announces events in both stores, kills the process that relays them again and again, and compares what came of them. */
export function runRelayDrill(
  databases: Databases,
  options: RelayDrillOptions,
  running: RelayRunning,
): Promise<RelayReport> {
  return withShortTransactions(databases.mongodbUri, () => runRelays(databases, options, running));
}

async function runRelays(
  databases: Databases,
  { events, kills }: RelayDrillOptions,
  { signal, onKill }: RelayRunning,
): Promise<RelayReport> {
  const stores = await openStores(databases);
  const { mongoIds, sqlIds } = stores;
  try {
    await announce(stores, events);
    for (let number = 1; number <= kills; number += 1) {
      signal.throwIfAborted();
      const relay = startWorker(databases, number * claimMs);
      // In the middle of its work, and not always at the same place of its round; so that something is left for all.
      await relay.applied(1 + Math.floor((Math.random() * 2 * events) / (kills + 1)));
      await sleep(Math.random() * 20);
      await relay.kill();
      onKill(number);
    }
    const [toPostgres, toMongo] = [(await sqlIds('inbox')).length, (await mongoIds('inbox')).length];
    const last = startWorker(databases, (kills + 1) * claimMs);
    await waitUntilApplied(stores, signal).finally(() => last.kill());
    return {
      kills,
      directions: [
        {
          ...{ direction: 'MongoDB → Postgres', events, applied_under_kills: toPostgres },
          ...compare(await mongoIds('outbox'), await sqlIds('inbox'), await sqlIds('drill_effects')),
        },
        {
          ...{ direction: 'Postgres → MongoDB', events, applied_under_kills: toMongo },
          ...compare(await sqlIds('outbox'), await mongoIds('inbox'), await mongoIds('drill_effects')),
        },
      ],
    };
  } finally {
    await stores.close();
  }
}

/** Compares what was announced with what the other store has taken, and with what came of it. Pure. */
export function compare(
  announced: readonly string[],
  taken: readonly string[],
  effects: readonly string[],
): Pick<DirectionReport, 'lost' | 'doubled' | 'strange'> {
  const [all, inbox, done] = [new Set(announced), new Set(taken), new Set(effects)];
  const seen = new Set<string>();
  return {
    lost: announced.filter((id) => !inbox.has(id) || !done.has(id)),
    doubled: effects.filter((id) => seen.has(id) || !seen.add(id)),
    strange: [...taken, ...effects].filter((id) => !all.has(id)),
  };
}
