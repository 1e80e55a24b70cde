import type { Connection } from 'mongoose';
import {
  createDocumentStore,
  type DocumentFilter,
  type SortOrder,
} from '../../../databases/mongo/document-store.js';
import { nameSearch } from '../../../databases/mongo/name-search.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import { departmentModel } from './departments.model.js';
import type { Department } from './departments.types.js';

const byName: SortOrder<Department> = { name: 'name_order', field: 'name_order', direction: 1 };

export function createDepartmentRepository(connection: Connection) {
  const model = departmentModel.on(connection);
  const store = createDocumentStore<Department, 'department_id'>(model, 'department_id', {
    named: 'department_name',
  });
  const idsWhere = async (filter: DocumentFilter): Promise<string[]> => {
    const found = await model.find(filter as never, '_id').lean<{ _id: string }[]>();
    return found.map(({ _id }) => _id);
  };
  return {
    ...store,
    /** `hospital_ids` undefined: of all hospitals. `named`: by words of its own name, or as one of the hospitals that have them. */
    listPage(
      hospital_ids: readonly string[] | undefined,
      named: { readonly words: string; readonly hospital_ids: readonly string[] } | undefined,
      page: PageRequest,
    ): Promise<Page<Department>> {
      const conditions: DocumentFilter[] = [];
      if (hospital_ids) conditions.push({ hospital_id: { $in: [...hospital_ids] } });
      if (named)
        conditions.push({
          $or: [nameSearch(named.words), { hospital_id: { $in: [...named.hospital_ids] } }],
        });
      return store.page(conditions.length > 0 ? { $and: conditions } : {}, byName, page);
    },
    countOfHospital: (hospital_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ hospital_id }, tx),
    idsOfHospitals: (hospital_ids: readonly string[]): Promise<string[]> =>
      idsWhere({ hospital_id: { $in: [...hospital_ids] } }),
    /** Of those hospitals, the departments that are open at a local `HH:MM`. */
    idsOpenAt: (hospital_ids: readonly string[], time: string): Promise<string[]> =>
      idsWhere({
        hospital_id: { $in: [...hospital_ids] },
        // A night's end is before its start.
        $or: [
          { operating_start_hour: { $lte: time }, operating_end_hour: { $gt: time } },
          {
            $expr: { $lt: ['$operating_end_hour', '$operating_start_hour'] },
            $or: [{ operating_start_hour: { $lte: time } }, { operating_end_hour: { $gt: time } }],
          },
        ],
      }),
  };
}

export type DepartmentRepository = ReturnType<typeof createDepartmentRepository>;
