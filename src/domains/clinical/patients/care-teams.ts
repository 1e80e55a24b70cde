import type { Connection } from 'mongoose';
import { recents, recentSummaries } from '../../../../aggregations/recent-summaries.js';
import { isPassingMongoFailure } from '../../../databases/failures.js';
import { retry } from '../../../databases/retry.js';
import { recentCount } from './patients.types.js';

const batchSize = 1_000;

/**
 * PAT-8: writes down who treats the patients whom a version before has stored without it. Gives how many; goes on where it was broken
 * off.
 */
export async function fillCareTeams(connection: Connection): Promise<number> {
  const patients = connection.collection<{ _id: string; care_team?: string[] }>('patients');
  const passing = <T>(work: () => Promise<T>): Promise<T> => retry(work, isPassingMongoFailure);
  const [visits] = recents.filter(({ treats }) => treats);
  for (let filled = 0; ;) {
    const found = await passing(() =>
      patients.find({ care_team: null as never }, { projection: { _id: 1 }, limit: batchSize }).toArray(),
    );
    if (found.length === 0) return filled;
    const ids = found.map(({ _id }) => _id);
    await passing(() =>
      connection
        .collection(visits!.collection)
        .aggregate(recentSummaries(visits!, ids, recentCount))
        .toArray(),
    );
    const without = { _id: { $in: ids }, care_team: null as never };
    await passing(() => patients.updateMany(without, { $set: { care_team: [] } }));
    filled += found.length;
  }
}
