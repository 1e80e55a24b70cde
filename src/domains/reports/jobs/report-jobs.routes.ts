import { defineRoute, type AnyRoute, type TaggedAnswer } from '../../../http/route.js';
import { Problem } from '../../../lib/errors.js';
import { mediaTypeOf } from '../engine/index.js';
import {
  jobBody,
  jobPage,
  jobParams,
  jobResponse,
  jobResult,
  jobResultQuery,
  jobsQuery,
  resultTypes,
} from './report-jobs.schema.js';
import type { ReportJobsService } from './report-jobs.service.js';

const tag = 'report jobs';
const permission = 'reports:read';
const feature = 'report_jobs';

export const reportJobRoutes = (jobs: ReportJobsService['forActors']): AnyRoute[] => [
  defineRoute({
    feature,
    ...{ method: 'get', path: '/report-jobs', operationId: 'listReportJobs', tag, permission },
    audit: 'none',
    summary: 'One’s own jobs, the newest first',
    ...{ query: jobsQuery, response: jobPage },
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => jobs.list(actor, query),
  }),
  defineRoute({
    feature,
    ...{ method: 'post', path: '/report-jobs', operationId: 'createReportJob', tag, permission },
    audit: 'none',
    summary: 'Have a report computed that takes too long to wait for',
    description:
      'It is worked on in the background, with a longer time limit than `GET /reports/{report}` has, and its result is kept ' +
      'for a day. `Location` says where to watch it.',
    ...{ body: jobBody, status: 202, response: jobResponse },
    problems: ['too_many_jobs'],
    location: ({ job_id }) => `/report-jobs/${job_id}`,
    handle: async ({ actor, body }) => jobs.create(actor, body),
  }),
  defineRoute({
    feature,
    ...{ method: 'get', path: '/report-jobs/:job_id', operationId: 'getReportJob', tag, permission },
    audit: 'none',
    summary: 'How far a job of one’s own has come',
    ...{ params: jobParams, response: jobResponse, derived: true },
    problems: ['not_found'],
    handle: async ({ actor, params }) => jobs.get(actor, params.job_id),
  }),
  defineRoute({
    feature,
    ...{ method: 'delete', path: '/report-jobs/:job_id', operationId: 'cancelReportJob', tag, permission },
    audit: 'none',
    summary: 'Cancel a job: its queries are ended in the databases',
    params: jobParams,
    problems: ['not_found', 'step_not_allowed'],
    handle: async ({ actor, params }) => jobs.cancel(actor, params.job_id),
  }),
  defineRoute({
    feature,
    ...{ method: 'get', path: '/report-jobs/:job_id/result', operationId: 'getReportJobResult', tag },
    ...{ permission, params: jobParams, query: jobResultQuery, response: jobResult },
    audit: { action: 'report.file' },
    summary: 'The result of a job that is done, in the format that it was made in',
    ...{ cache: 'revalidate', otherTypes: resultTypes },
    problems: ['not_found', 'step_not_allowed'],
    async answer({ actor, params: { job_id } }, type): Promise<TaggedAnswer> {
      const { job, file } = await jobs.result(actor, job_id);
      if (type !== mediaTypeOf(job.format)) {
        const message = `must be ${job.format}: that is what it was made as`;
        const errors = [{ pointer: '/query/format', message }];
        throw new Problem('not_acceptable', `/query/format ${message}`, { errors });
      }
      const { content, filename } = file;
      const named = job.format === 'json' ? {} : { filename };
      return {
        etag: job_id,
        patient_ids: [],
        content: () => Promise.resolve({ etag: job_id, content, ...named }),
      };
    },
  }),
];
