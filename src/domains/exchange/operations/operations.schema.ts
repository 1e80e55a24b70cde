import Joi from 'joi';
import { instant, integer, listOf, nullable, oneOf, shape, text } from '../../../lib/fields.js';
import { checkStatuses } from './operations.types.js';

const check = shape({
  id: text(200).example('hand-overs mongodb'),
  title: text(200).example('Hand-overs from MongoDB to Postgres'),
  status: oneOf(...checkStatuses),
  since: nullable(instant().description('Since when it is so, or when it was last looked at.')),
  detail: text(5_000),
  counts: Joi.object<Record<string, number>>().pattern(Joi.string(), integer(0, Number.MAX_SAFE_INTEGER)),
  command: nullable(text(300).description('What to type next.').example('npm run reconcile')),
});

export const operationsResponse = shape({
  status: oneOf(...checkStatuses).description('That of the worst check.'),
  at: instant(),
  checks: listOf(check).description('What is wrong first.'),
});
