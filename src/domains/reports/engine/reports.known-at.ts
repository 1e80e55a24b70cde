import { knownAt } from '../../../../aggregations/stages/known-at.js';
import type { Period } from '../../../lib/period.js';
import type { Asked } from './reports.definition.js';
import type { MongoQuery } from './reports.types.js';

/** Money is only ever added: what was known at a moment is what was written down by then. The millisecond itself counts. */
export function knownIn({ period, known_at }: Pick<Asked<object>, 'period' | 'known_at'>): Period {
  if (!known_at) return period;
  const after = new Date(known_at.getTime() + 1);
  return { from: period.from, to: period.to && period.to < after ? period.to : after };
}

/** The same pipeline over the records as they were known at that moment; names are those of now. */
export function asKnownAt<Q extends MongoQuery>(query: Q, known_at: Date | undefined): Q {
  const before = known_at && knownAt(query.collection, known_at);
  return before ? { ...query, pipeline: [...before, ...query.pipeline] } : query;
}
