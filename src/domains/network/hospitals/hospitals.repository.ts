import type { Connection } from 'mongoose';
import { createDocumentStore, type SortOrder } from '../../../databases/mongo/document-store.js';
import { nameSearch } from '../../../databases/mongo/name-search.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import { hospitalModel } from './hospitals.model.js';
import type { Hospital } from './hospitals.types.js';

interface HospitalFilter {
  readonly regions?: readonly string[] | undefined;
  readonly q?: string | undefined;
}

const byName: SortOrder<Hospital> = { name: 'name_order', field: 'name_order', direction: 1 };

const inOrder = new Intl.Collator('en').compare;

export function createHospitalRepository(connection: Connection) {
  const model = hospitalModel.on(connection);
  const store = createDocumentStore<Hospital, 'hospital_id'>(model, 'hospital_id', { named: 'name' });
  return {
    ...store,
    listPage({ regions, q }: HospitalFilter, page: PageRequest): Promise<Page<Hospital>> {
      const filter = regions ? { region: { $in: [...regions] } } : {};
      return store.page(q === undefined ? filter : { $and: [filter, nameSearch(q)] }, byName, page);
    },
    async idsOfRegions(regions: readonly string[]): Promise<string[]> {
      const found = await model.find({ region: { $in: [...regions] } }, '_id').lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
    /** The first ids there are, at most `count`. */
    async firstIds(count: number): Promise<string[]> {
      const found = await model.find({}, '_id').sort({ _id: 1 }).limit(count).lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
    /** Whose names hold all the words. */
    async idsNamed(words: string): Promise<string[]> {
      const found = await model.find(nameSearch(words) as never, '_id').lean<{ _id: string }[]>();
      return found.map(({ _id }) => _id);
    },
    regions: async (): Promise<string[]> => (await model.distinct('region')).sort(inOrder),
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
