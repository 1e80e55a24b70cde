import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { Department } from './departments.types.js';

type DepartmentDocument = DocumentOf<Department, 'department_id'>;

export const departmentModel = defineModel<DepartmentDocument>({
  collection: 'departments',
  named: 'department_name',
  fields: {
    _id: { type: String, required: true },
    hospital_id: { type: String, required: true },
    department_name: { type: String, required: true },
    operating_start_hour: { type: String, required: true },
    operating_end_hour: { type: String, required: true },
    created_date: { type: Date, required: true },
    last_update: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  indexes: [
    {
      key: by('hospital_id', 'department_name'),
      unique: true,
      serves: 'DEP-1: one name once in a hospital; whether a hospital still has departments',
    },
    { key: by('hospital_id', 'name_order', '_id'), serves: 'GET /departments?hospital_id=' },
    { key: by('name_order', '_id'), serves: 'GET /departments' },
    {
      key: by('name_words'),
      serves: 'GET /book?q=',
    },
  ],
});
