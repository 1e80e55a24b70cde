import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { textSearch } from '../../../databases/mongo/text-search.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { hospitalModel } from './hospitals.model.js';
import type { Hospital } from './hospitals.types.js';

const byName: SortOrder<Hospital> = { name: 'name', field: 'name', direction: 1 };

export function createHospitalRepository(connection: Connection) {
  const model = hospitalModel.on(connection);
  const store = createDocumentStore<Hospital, 'hospital_id'>(model, 'hospital_id');
  return {
    ...store,
    listPage({ region }: { region?: string | undefined }, page: PageRequest): Promise<Page<Hospital>> {
      return store.page(region === undefined ? {} : { region }, byName, page);
    },
    async idsOfRegion(region: string): Promise<string[]> {
      const found = await model.find({ region }, '_id').lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
    /** Whose names hold all the words. */
    async idsNamed(words: string): Promise<string[]> {
      const found = await model.find(textSearch(words) as never, '_id').lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
    regions: async (): Promise<string[]> => (await model.distinct('region')).sort(),
    /** hospital_id → time zone; without `ids`, of all hospitals. */
    async timeZones(ids?: readonly string[]): Promise<Map<string, string>> {
      const found = await model
        .find(ids ? { _id: { $in: [...ids] } } : {}, 'time_zone')
        .lean<{ _id: string; time_zone: string }[]>();
      return new Map(found.map(({ _id, time_zone }) => [_id, time_zone]));
    },
  };
}

export type HospitalRepository = ReturnType<typeof createHospitalRepository>;
