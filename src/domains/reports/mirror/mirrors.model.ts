import { by } from '../../../databases/mongo/mongo-index.js';
import { defineCollection } from '../../../databases/mongo/mongo-model.js';
import type { MirrorReport } from '../../../databases/mirror/mirror.types.js';

/** What the mirror of a process has said of itself, and what it was asked. */
export interface MirrorDocument extends MirrorReport {
  /** `host pid`, and a random word. */
  readonly _id: string;
  /** All that the process takes, in bytes. */
  readonly memory: number;
  /** By MongoDB's clock. */
  readonly seen_at: Date;
  /** When somebody has asked that it is built anew, and the asking that was heeded last. */
  readonly rebuild_asked_at?: Date;
  readonly rebuilt_for?: Date;
}

export const mirrorsCollection = defineCollection<MirrorDocument>({
  collection: 'mirrors',
  fields: {
    _id: 'string',
    status: 'string',
    position: 'date',
    lag_seconds: 'number',
    uncountable: 'object[]',
    is_full: 'bool',
    memory: 'number',
    seen_at: 'date',
    rebuild_asked_at: 'date',
    rebuilt_for: 'date',
  },
  indexes: [
    {
      key: by('seen_at'),
      expireAfterSeconds: 3600,
      serves: 'a process that could not take its entry with it is forgotten',
    },
  ],
});
