import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createDepartmentRepository } from './departments.repository.js';
import { departmentRoutes } from './departments.routes.js';
import {
  createDepartmentsService,
  type DepartmentsDeps,
  type DepartmentsService,
} from './departments.service.js';

export type { Department } from './departments.types.js';
export type { DepartmentsService } from './departments.service.js';

export function createDepartments(deps: Omit<DepartmentsDeps, 'departments'> & { connection: Connection }): {
  service: DepartmentsService;
  routes: readonly AnyRoute[];
} {
  const service = createDepartmentsService({
    ...deps,
    departments: createDepartmentRepository(deps.connection),
  });
  return { service, routes: departmentRoutes(service) };
}
