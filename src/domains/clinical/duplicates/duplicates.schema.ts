import Joi from 'joi';
import {
  calendarDate,
  id,
  instant,
  integer,
  lines,
  listOf,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  withDefault,
} from '../../../lib/fields.js';
import { sexes } from '../../../lib/sex.js';
import { agreements, comparedFields, duplicateStatuses } from './duplicates.types.js';

export const duplicateParams = shape({ duplicate_id: id() });

export const duplicateQuery = shape({
  ...paging,
  status: withDefault(
    oneOf(...duplicateStatuses).description(
      '`dismissed`: those of whom somebody said that they are not the same.',
    ),
    'open',
  ),
  patient_id: optional(id()),
});

export const dismissBody = shape({ note: withDefault(nullable(lines(500)), null) });

const bits = (): Joi.NumberSchema => Joi.number().min(-100).max(100);

export const duplicateResponse = shape({
  duplicate_id: id(),
  patients: listOf(
    shape({
      patient_id: id(),
      name: name(),
      date_of_birth: nullable(calendarDate()),
      sex: oneOf(...sexes),
    }),
    2,
  ),
  score: bits()
    .description('The sum of the weights of its reasons. Pairs of 15 and more are listed.')
    .example(25.4),
  reasons: listOf(
    shape({
      field: oneOf(...comparedFields),
      agreement: oneOf(...agreements).description(
        '`swapped`: day and month. `similar`: of a name, but for a letter or a word; of a date, but for the day, the month or the year.',
      ),
      weight: bits()
        .description('In bits: log2 of how much likelier it is of one patient than of two.')
        .example(10.7),
    }),
    10,
  ),
  status: oneOf(...duplicateStatuses),
  found_at: instant(),
  dismissed: nullable(shape({ at: instant(), by: id(), note: nullable(Joi.string()) })),
  version: integer(1, Number.MAX_SAFE_INTEGER),
});

export const duplicatePage = pageOf(duplicateResponse);
