import {
  id,
  instant,
  integer,
  name,
  optional,
  pageOf,
  paging,
  shape,
  timeOfDay,
  withDefault,
} from '../../../lib/fields.js';

export const departmentParams = shape({ department_id: id() });

export const departmentQuery = shape({
  ...paging,
  hospital_id: optional(id()),
  region: optional(name(100)),
});

export const createDepartmentBody = shape({
  department_id: optional(id()),
  hospital_id: id(),
  department_name: name(),
  operating_start_hour: withDefault(timeOfDay(), '08:00'),
  operating_end_hour: withDefault(timeOfDay(), '18:00'),
});

export const updateDepartmentBody = shape({
  department_name: optional(name()),
  operating_start_hour: optional(timeOfDay()),
  operating_end_hour: optional(timeOfDay()),
}).min(1);

export const departmentResponse = shape({
  department_id: id(),
  hospital_id: id(),
  department_name: name(),
  operating_start_hour: timeOfDay(),
  operating_end_hour: timeOfDay(),
  created_date: instant(),
  last_update: instant(),
  version: integer(1, Number.MAX_SAFE_INTEGER),
});

export const departmentPage = pageOf(departmentResponse);
