import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectMongo, createTransact } from '../../src/databases/mongo.js';
import { createOutbox } from '../../src/databases/outbox.js';
import { connectPostgres, migratePostgres } from '../../src/databases/postgres.js';
import { createSqlOutbox } from '../../src/databases/sql-outbox.js';
import { createTransactSql } from '../../src/databases/sql-transact.js';
import { systemClock } from '../../src/lib/clock.js';
import { createNewId } from '../../src/lib/ids.js';
import { createLogger } from '../../src/lib/logger.js';

export interface RelayDrillOptions {
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
/** Longer than a relay's claim. */
const claimMs = 31_000;

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
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), worker], {
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

/** Announces events in both stores, kills the process that relays them again and again, and compares what came of them. */
export async function runRelayDrill(
  databases: Databases,
  { events, kills }: RelayDrillOptions,
  { signal, onKill }: { readonly signal: AbortSignal; readonly onKill: (kill: number) => void },
): Promise<RelayReport> {
  const connection = await connectMongo(databases.mongodbUri);
  const knex = connectPostgres(databases.postgresUri);
  const parts = {
    ...{ clock: systemClock, newId: createNewId(systemClock), logger: createLogger('silent') },
    reach: () => undefined,
  };
  const outbox = createOutbox({ ...parts, connection });
  const sqlOutbox = createSqlOutbox({ ...parts, knex });
  const effects = connection.collection<{ entry_id: string }>('drill_effects');

  async function announce(): Promise<void> {
    const [transact, transactSql] = [createTransact(connection), createTransactSql(knex)];
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

  /** Until both are empty: what is left after the last kill is relayed in peace. */
  async function waitUntilApplied(): Promise<void> {
    const deadline = Date.now() + endMs;
    for (;;) {
      signal.throwIfAborted();
      const waiting = [await outbox.listWaiting('', 1), await sqlOutbox.listWaiting('', 1)].flat();
      if (waiting.length === 0) return;
      if (Date.now() > deadline) throw new Error(`Entries wait ${endMs / 1000} s after the last kill.`);
      await sleep(50);
    }
  }

  const ids = {
    outbox: () => connection.collection('outbox').distinct('_id') as Promise<unknown> as Promise<string[]>,
    inbox: () => connection.collection('inbox').distinct('_id') as Promise<unknown> as Promise<string[]>,
    effects: async () => (await effects.find().toArray()).map(({ entry_id }) => entry_id),
    sqlOutbox: () => knex('outbox').pluck<string[]>('entry_id'),
    sqlInbox: () => knex('inbox').pluck<string[]>('entry_id'),
    sqlEffects: () => knex('drill_effects').pluck<string[]>('entry_id'),
  };

  try {
    await migratePostgres(knex);
    await knex.schema.createTable('drill_effects', (table) => void table.text('entry_id').notNullable());
    await connection.createCollection('drill_effects');
    await announce();
    for (let number = 1; number <= kills; number += 1) {
      signal.throwIfAborted();
      const relay = startWorker(databases, number * claimMs);
      // In the middle of its work, and not always at the same place of its round; so that something is left for all.
      await relay.applied(1 + Math.floor((Math.random() * 2 * events) / (kills + 1)));
      await sleep(Math.random() * 20);
      await relay.kill();
      onKill(number);
    }
    const under = { mongo: (await ids.sqlInbox()).length, sql: (await ids.inbox()).length };
    const last = startWorker(databases, (kills + 1) * claimMs);
    await waitUntilApplied().finally(() => last.kill());
    return {
      kills,
      directions: [
        {
          ...{ direction: 'MongoDB → Postgres', events, applied_under_kills: under.mongo },
          ...compare(await ids.outbox(), await ids.sqlInbox(), await ids.sqlEffects()),
        },
        {
          ...{ direction: 'Postgres → MongoDB', events, applied_under_kills: under.sql },
          ...compare(await ids.sqlOutbox(), await ids.inbox(), await ids.effects()),
        },
      ],
    };
  } finally {
    await connection.close();
    await knex.destroy();
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
