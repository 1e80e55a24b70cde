/**
 * One relay of each direction, in a process that is there to be killed (see relay.ts). It says a dot for each entry that it
 * has applied. Its clock is ahead by CLOCK_AHEAD_MS: what the process before it had claimed is free again, without anybody
 * waiting for it.
 */
import { createInbox, createSqlInbox } from '../../src/databases/outbox/inbox.js';
import { connectMongo, createTransact, sessionOf } from '../../src/databases/mongo/mongo.js';
import { createOutbox } from '../../src/databases/outbox/outbox.js';
import { connectPostgres } from '../../src/databases/postgres/postgres.js';
import type { OutboxEntry } from '../../src/databases/outbox/relay.js';
import { createSqlOutbox } from '../../src/databases/outbox/sql-outbox.js';
import { createTransactSql, sqlOf } from '../../src/databases/postgres/sql-transact.js';
import { createNewId } from '../../src/lib/ids.js';
import { createLogger } from '../../src/lib/logger.js';

const { MONGODB_URI = '', POSTGRES_URI = '', CLOCK_AHEAD_MS = '0' } = process.env;
const connection = await connectMongo(MONGODB_URI);
const knex = connectPostgres(POSTGRES_URI);
const [transact, transactSql] = [createTransact(connection), createTransactSql(knex)];
const [inbox, sqlInbox] = [createInbox(connection), createSqlInbox(knex)];
const clock = { now: () => new Date(Date.now() + Number(CLOCK_AHEAD_MS)) };
const parts = { clock, newId: createNewId(clock), logger: createLogger('silent'), reach: () => undefined };

const sayDone = (): void => void process.stdout.write('.');

/** The effect has no unique key: that it is there once, the inbox alone sees to. */
async function toPostgres({ entry_id }: OutboxEntry): Promise<void> {
  await transactSql(async (tx) => {
    if (await sqlInbox.take(entry_id, tx)) await sqlOf(knex, tx)('drill_effects').insert({ entry_id });
  });
  sayDone();
}
async function toMongo({ entry_id }: OutboxEntry): Promise<void> {
  await transact(async (tx) => {
    if (await inbox.take(entry_id, tx))
      await connection.collection('drill_effects').insertOne({ entry_id }, sessionOf(tx));
  });
  sayDone();
}

const outbox = createOutbox<{ drill: unknown }>({ ...parts, connection });
const sqlOutbox = createSqlOutbox<{ drill: unknown }>({ ...parts, knex });
outbox.start({ drill: toPostgres });
sqlOutbox.start({ drill: toMongo });
// The timers of the relays alone do not keep a process alive.
for (;;) await Promise.all([outbox.drain(), sqlOutbox.drain(), new Promise((next) => setTimeout(next, 20))]);
