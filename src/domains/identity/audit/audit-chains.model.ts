import { defineCollection } from '../../../databases/mongo/mongo-model.js';

/** Where the chain of a year has come to: who seals holds its document, so one process at a time does. */
export interface ChainDocument {
  _id: number;
  seq: number;
  mac: string;
  key_id: string;
  closed_at: Date | null;
  /** Raised by each who takes it: two who do conflict. */
  turns: number;
}

export const auditChains = defineCollection<ChainDocument>({
  collection: 'audit_chains',
  fields: {
    _id: 'number',
    seq: 'number',
    mac: 'string',
    key_id: 'string',
    closed_at: 'date',
    turns: 'number',
  },
  indexes: [],
});
