import { Binary } from 'mongodb';
import type { Connection } from 'mongoose';
import type { MongoTransaction } from '../../lib/transaction.js';
import { by } from './mongo-index.js';
import { defineCollection } from './mongo-model.js';
import { queryLimitMs, sessionOf } from './mongo.js';

/** A file that is kept until `expires_at`. */
export interface KeptFile {
  readonly filename: string;
  /** Its media type. */
  readonly type: string;
  readonly content: Buffer;
  readonly expires_at: Date;
}

/** Files in MongoDB, each in one document, so that they are stored in the transaction of what they belong to. */
export interface Files {
  /** `content` has `maxFileBytes` at the most. */
  put(file_id: string, file: KeptFile, tx: MongoTransaction): Promise<void>;
  /** null when there is none, or its time is over. */
  find(file_id: string, now: Date): Promise<KeptFile | null>;
  remove(file_id: string, tx: MongoTransaction): Promise<void>;
}

/** A document holds 16 MB. */
export const maxFileBytes = 12 * 1024 ** 2;

interface FileDocument {
  readonly _id: string;
  readonly filename: string;
  readonly type: string;
  readonly content: Binary;
  readonly expires_at: Date;
}

export const filesCollection = defineCollection<FileDocument>({
  collection: 'report_files',
  fields: { _id: 'string', filename: 'string', type: 'string', content: 'binary', expires_at: 'date' },
  indexes: [
    {
      key: by('expires_at'),
      expireAfterSeconds: 0,
      serves: 'a file ends with its delivery or its job',
    },
  ],
});

export function createFiles(connection: Connection): Files {
  const files = filesCollection.on(connection);
  return {
    async put(file_id, { content, ...facts }, tx) {
      await files.insertOne({ _id: file_id, ...facts, content: new Binary(content) }, sessionOf(tx));
    },
    async find(file_id, now) {
      const alive = { _id: file_id, expires_at: { $gt: now } };
      const found = await files.findOne(alive, { maxTimeMS: queryLimitMs });
      if (!found) return null;
      const { filename, type, content, expires_at } = found;
      return { filename, type, content: Buffer.from(content.value()), expires_at };
    },
    async remove(file_id, tx) {
      await files.deleteOne({ _id: file_id }, sessionOf(tx));
    },
  };
}
