import type { Connection } from 'mongoose';
import { createDocumentStore, type Order } from '../../databases/document-store.js';
import type { Page, PageRequest } from '../../lib/page.js';
import type { MongoTransaction } from '../../lib/transaction.js';
import { departmentModel } from './departments.model.js';
import type { Department } from './departments.types.js';

const byName: Order<Department> = { name: 'department_name', field: 'department_name', direction: 1 };

export function createDepartmentRepository(connection: Connection) {
  const store = createDocumentStore<Department, 'department_id'>(
    departmentModel(connection),
    'department_id',
  );
  return {
    ...store,
    /** `hospital_ids` undefined: of all hospitals. */
    listPage(hospital_ids: readonly string[] | undefined, page: PageRequest): Promise<Page<Department>> {
      return store.page(hospital_ids ? { hospital_id: { $in: [...hospital_ids] } } : {}, byName, page);
    },
    countOfHospital: (hospital_id: string, tx: MongoTransaction): Promise<number> =>
      store.count({ hospital_id }, tx),
  };
}

export type DepartmentRepository = ReturnType<typeof createDepartmentRepository>;
