import { defineCollection } from '../../../databases/mongo/mongo-model.js';
import { rollupCatalogue } from './rollup.catalogue.js';

export interface RollupDocument {
  readonly _id: string;
}

/** A collection for each rollup: its key's parts, and behind them the figures, which are named by what they count. */
export const rollupCollections = rollupCatalogue.map(({ collection, key, indexes }) =>
  defineCollection<RollupDocument>({
    collection,
    fields: { _id: 'string', ...Object.fromEntries(key.map((part) => [part, 'string' as const])) },
    indexes,
  }),
);

export interface UnitDocument {
  readonly _id: string;
  readonly records: readonly string[];
}

export const rollupUnits = defineCollection<UnitDocument>({
  collection: 'rollup_units',
  fields: { _id: 'string', records: 'string[]' },
  indexes: [],
});
