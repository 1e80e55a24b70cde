import type { Connection } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { defineModel } from '../../../databases/mongo/mongo.js';
import type { Department } from './departments.types.js';

export type DepartmentDocument = DocumentOf<Department, 'department_id'>;

export const departmentModel = (connection: Connection) =>
  defineModel<DepartmentDocument>(connection, 'Department', 'departments', {
    _id: { type: String, required: true },
    hospital_id: { type: String, required: true },
    department_name: { type: String, required: true },
    operating_start_hour: { type: String, required: true },
    operating_end_hour: { type: String, required: true },
    created_date: { type: Date, required: true },
    last_update: { type: Date, required: true },
    version: { type: Number, required: true },
  });
