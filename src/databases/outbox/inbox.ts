import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import type { MongoTransaction, SqlTransaction } from '../../lib/transaction.js';
import { by, daySeconds } from '../mongo/mongo-index.js';
import { defineCollection } from '../mongo/mongo-model.js';
import { sessionOf } from '../mongo/mongo.js';
import { defineTable } from '../postgres/postgres-table.js';
import { sqlOf } from '../postgres/sql-transact.js';

/**
 * What a store has applied of the other one's outbox. The handler takes the entry in the transaction of its effect: it is
 * true once for each entry, however often and by how many relays it is brought.
 */
export interface Inbox<Tx> {
  take(entry_id: string, tx: Tx): Promise<boolean>;
}

export const inboxCollection = defineCollection<{ _id: string; at: Date }>({
  collection: 'inbox',
  fields: { _id: 'string', at: 'date' },
  indexes: [
    {
      key: by('at'),
      expireAfterSeconds: 60 * daySeconds,
      serves: 'an entry is not brought again after it was applied',
    },
  ],
});

export const inboxTable = defineTable<{ entry_id: string; at: Date }>({
  table: 'inbox',
  columns: { entry_id: 'text', at: 'timestamptz' },
  primaryKey: ['entry_id'],
  indexes: [],
});

export function createInbox(connection: Connection): Inbox<MongoTransaction> {
  const entries = inboxCollection.on(connection);
  return {
    async take(_id, tx) {
      const { upsertedCount } = await entries.updateOne(
        { _id },
        { $setOnInsert: { at: new Date() } },
        { ...sessionOf(tx), upsert: true },
      );
      return upsertedCount === 1;
    },
  };
}

export function createSqlInbox(knex: Knex): Inbox<SqlTransaction> {
  return {
    async take(entry_id, tx) {
      const taken = await sqlOf(
        knex,
        tx,
      )('inbox')
        .insert({ entry_id })
        .onConflict()
        .ignore()
        .returning('entry_id');
      return taken.length === 1;
    },
  };
}
