import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import type { Department } from './departments.types.js';

type DepartmentDocument = DocumentOf<Department, 'department_id'>;

export const departmentModel = defineModel<DepartmentDocument>({
  collection: 'departments',
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
      serves: 'DEP-1: one name once in a hospital; GET /departments?hospital_id=',
    },
    { key: by('department_name', '_id'), serves: 'GET /departments' },
    {
      key: { department_name: 'text' },
      default_language: 'none',
      serves: 'GET /book?q=',
    },
  ],
});
