import { defineCollection } from '../../../databases/mongo/mongo-model.js';
import type { DriftKind } from './reconciliation.types.js';

/** What the last run left. */
interface LastRun {
  _id: 'last';
  left?: Partial<Record<DriftKind, number>>;
  at?: Date;
}

export const reconciliations = defineCollection<LastRun>({
  collection: 'reconciliations',
  fields: { _id: 'string', left: 'object', at: 'date' },
  indexes: [],
});
