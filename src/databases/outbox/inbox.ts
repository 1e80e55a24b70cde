import type { Knex } from 'knex';
import type { Connection } from 'mongoose';
import type { MongoTransaction, SqlTransaction } from '../../lib/transaction.js';
import { sessionOf } from '../mongo/mongo.js';
import { sqlOf } from '../postgres/sql-transact.js';

/**
 * What a store has applied of the other one's outbox. The handler takes the entry in the transaction of its effect: it is
 * true once for each entry, however often and by how many relays it is brought.
 */
export interface Inbox<Tx> {
  take(entry_id: string, tx: Tx): Promise<boolean>;
}

export function createInbox(connection: Connection): Inbox<MongoTransaction> {
  const entries = connection.collection<{ _id: string; at: Date }>('inbox');
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
