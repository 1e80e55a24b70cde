import Joi from 'joi';
import {
  id,
  instant,
  integer,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { fileFormats, keptAnswer, keptParameters, mediaTypeOf, relativePeriods } from '../engine/index.js';
import { jobPhases, jobStatuses } from './report-jobs.types.js';

export const jobParams = shape({ job_id: id() });
export const jobsQuery = shape(paging);

export const jobBody = shape({
  report: text(100).example('disease-trends'),
  parameters: withDefault(
    keptParameters()
      .description('What the report takes in its query.')
      .example({ basis: 'prescriptions', from: '2020-01-01' }),
    {},
  ),
  period: withDefault(nullable(oneOf(...relativePeriods)), null).description('In place of `from` and `to`.'),
  format: withDefault(oneOf(...fileFormats), 'json'),
});

const whole = () => integer(0, Number.MAX_SAFE_INTEGER);

export const jobResponse = shape({
  job_id: id(),
  user_id: id(),
  report: text(100),
  parameters: Joi.object(),
  period: nullable(oneOf(...relativePeriods)),
  format: oneOf(...fileFormats),
  status: oneOf(...jobStatuses),
  progress: shape({
    phase: oneOf(...jobPhases),
    attempts: whole(),
    started_at: nullable(instant()),
    ms: nullable(whole()).description('Since it was started, until it was over.'),
  }),
  failure: nullable(text(2000)),
  bytes: nullable(whole()),
  result: nullable(text(200)).description('Where the result is, once the job is done.'),
  created_at: instant(),
  ended_at: nullable(instant()),
  expires_at: nullable(instant()),
});

export const jobPage = pageOf(jobResponse);

export const jobResultQuery = shape({ format: optional(oneOf(...fileFormats)) });

export const jobResult = keptAnswer();

/** Beside JSON. */
export const resultTypes = fileFormats.filter((format) => format !== 'json').map(mediaTypeOf);
