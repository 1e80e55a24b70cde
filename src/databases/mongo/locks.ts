import { createHash } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { MongoTransaction } from '../../lib/transaction.js';
import { by } from './mongo-index.js';
import { defineCollection } from './mongo-model.js';
import { sessionOf } from './mongo.js';

/**
 * A lock that many may share and one may hold alone, for the length of a transaction. A MongoDB transaction reads a
 * snapshot: a booking that sees the doctor, and a removal that sees no booking, would both commit. So anyone who shares
 * writes to one of a few documents of that name, and anyone who excludes writes to all of them: MongoDB refuses one of the two.
 * Those that share meet only when they fall on the same document, which is decided by their key.
 */
export interface Locks {
  share(name: string, key: string, tx: MongoTransaction): Promise<void>;
  exclude(name: string, tx: MongoTransaction): Promise<void>;
}

export const locksCollection = defineCollection<{ _id: string; taken: number; at: Date }>({
  collection: 'locks',
  fields: { _id: 'string', taken: 'number', at: 'date' },
  indexes: [
    {
      key: by('at'),
      expireAfterSeconds: 3600,
      serves: 'locks are held for a transaction',
    },
  ],
});

const stripes = 16;

const stripeOf = (key: string): number => createHash('sha256').update(key).digest()[0]! % stripes;

export function createLocks(connection: Connection): Locks {
  const locks = locksCollection.on(connection);

  async function touch(name: string, stripe: number, tx: MongoTransaction): Promise<void> {
    // `$inc`, because a `$set` of the same value is no write, and so conflicts with nothing.
    await locks.updateOne(
      { _id: `${name}#${stripe}` },
      { $inc: { taken: 1 }, $set: { at: new Date() } },
      { ...sessionOf(tx), upsert: true },
    );
  }

  return {
    share: (name, key, tx) => touch(name, stripeOf(key), tx),
    async exclude(name, tx) {
      for (let stripe = 0; stripe < stripes; stripe++) await touch(name, stripe, tx);
    },
  };
}
