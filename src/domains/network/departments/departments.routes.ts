import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  createDepartmentBody,
  departmentPage,
  departmentParams,
  departmentQuery,
  departmentResponse,
  updateDepartmentBody,
} from './departments.schema.js';
import type { DepartmentsService } from './departments.service.js';

const tag = 'departments';

const updateRoute = (method: 'patch' | 'put', departments: DepartmentsService): AnyRoute =>
  defineRoute({
    method,
    path: '/departments/:department_id',
    operationId: method === 'patch' ? 'updateDepartment' : 'replaceDepartment',
    tag,
    audit: 'none',
    summary:
      method === 'patch'
        ? 'Change some fields of a department'
        : 'Change some fields of a department: as PATCH',
    description: 'What is left out keeps its value.',
    permission: 'departments:write',
    params: departmentParams,
    body: updateDepartmentBody,
    response: departmentResponse,
    problems: ['not_found', 'already_exists', 'stale_version'],
    handle: async ({ params, body, ifMatch }) => departments.update(params.department_id, body, ifMatch),
  });

export const departmentRoutes = (departments: DepartmentsService): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/departments',
    operationId: 'listDepartments',
    tag,
    audit: 'none',
    summary: 'The departments, by name, of a hospital or region if asked',
    permission: 'public',
    query: departmentQuery,
    response: departmentPage,
    problems: ['invalid_cursor'],
    handle: async ({ query: { limit, cursor, ...filter } }) => departments.list(filter, { limit, cursor }),
  }),
  defineRoute({
    method: 'post',
    path: '/departments',
    operationId: 'createDepartment',
    tag,
    audit: 'none',
    summary: 'Add a department to a hospital',
    permission: 'departments:write',
    body: createDepartmentBody,
    status: 201,
    response: departmentResponse,
    problems: ['already_exists', 'unknown_reference'],
    handle: async ({ body }) => departments.create(body),
  }),
  defineRoute({
    method: 'get',
    path: '/departments/:department_id',
    operationId: 'getDepartment',
    tag,
    audit: 'none',
    summary: 'One department',
    permission: 'public',
    params: departmentParams,
    response: departmentResponse,
    problems: ['not_found'],
    handle: async ({ params }) => departments.get(params.department_id),
  }),
  updateRoute('patch', departments),
  updateRoute('put', departments),
  defineRoute({
    method: 'delete',
    path: '/departments/:department_id',
    operationId: 'deleteDepartment',
    tag,
    audit: 'none',
    summary: 'Remove a department that has no doctors and no patients',
    permission: 'departments:write',
    params: departmentParams,
    problems: ['not_found', 'still_in_use', 'stale_version'],
    handle: async ({ params, ifMatch }) => departments.remove(params.department_id, ifMatch),
  }),
];
