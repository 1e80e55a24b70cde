import {
  id,
  instant,
  integer,
  lines,
  location,
  name,
  nullable,
  optional,
  pageOf,
  paging,
  shape,
  term,
  timeZone,
  withDefault,
} from '../../../lib/fields.js';

const described = {
  name: name(),
  region: name(100),
  address: nullable(lines(500)),
  location: nullable(location()),
  time_zone: timeZone(),
} as const;

export const hospitalParams = shape({ hospital_id: id() });

export const hospitalQuery = shape({
  ...paging,
  region: optional(term(100)),
  q: optional(term(100).description('Words of the name, all of them, each from its beginning.')),
});

export const createHospitalBody = shape({
  hospital_id: optional(id()),
  name: described.name,
  region: described.region,
  address: withDefault(described.address, null),
  location: withDefault(described.location, null),
  time_zone: optional(described.time_zone),
});

export const updateHospitalBody = shape({
  name: optional(described.name),
  region: optional(described.region),
  address: optional(described.address),
  location: optional(described.location),
  time_zone: optional(described.time_zone),
}).min(1);

export const hospitalResponse = shape({
  hospital_id: id(),
  ...described,
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const hospitalPage = pageOf(hospitalResponse);
