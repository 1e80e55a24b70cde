import type { Connection } from 'mongoose';
import { createDocumentStore, type Order } from '../../databases/document-store.js';
import type { Page, PageRequest } from '../../lib/page.js';
import { hospitalModel } from './hospitals.model.js';
import type { Hospital } from './hospitals.types.js';

const byName: Order<Hospital> = { name: 'name', field: 'name', direction: 1 };

export function createHospitalRepository(connection: Connection) {
  const model = hospitalModel(connection);
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
  };
}

export type HospitalRepository = ReturnType<typeof createHospitalRepository>;
