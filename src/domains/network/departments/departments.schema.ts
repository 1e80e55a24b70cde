import {
  endOfDay,
  id,
  instant,
  integer,
  name,
  optional,
  pageOf,
  paging,
  shape,
  term,
  timeOfDay,
  withDefault,
} from '../../../lib/fields.js';

const closing = () => endOfDay().description('Before the start: open through the night.');

export const departmentParams = shape({ department_id: id() });

export const departmentQuery = shape({
  ...paging,
  hospital_id: optional(id()),
  region: optional(term(100)),
  q: optional(
    term(100).description('Words of the name or of the hospital’s, all of them, each from its beginning.'),
  ),
});

export const createDepartmentBody = shape({
  department_id: optional(id()),
  hospital_id: optional(
    id().description('Without it, the hospital of `DEFAULT_HOSPITAL_ID`, else the only one there is.'),
  ),
  department_name: name(),
  operating_start_hour: withDefault(timeOfDay(), '08:00'),
  operating_end_hour: withDefault(closing(), '18:00'),
});

export const updateDepartmentBody = shape({
  department_name: optional(name()),
  operating_start_hour: optional(timeOfDay()),
  operating_end_hour: optional(closing()),
}).min(1);

export const departmentResponse = shape({
  department_id: id(),
  hospital_id: id(),
  department_name: name(),
  operating_start_hour: timeOfDay(),
  operating_end_hour: endOfDay(),
  created_date: instant(),
  last_update: instant(),
  version: integer(1, Number.MAX_SAFE_INTEGER),
});

export const departmentPage = pageOf(departmentResponse);
