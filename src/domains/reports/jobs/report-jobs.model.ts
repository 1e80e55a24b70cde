import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { fileFormats, relativePeriods } from '../engine/index.js';
import { jobPhases, jobStatuses, type ReportJob } from './report-jobs.types.js';

export const reportJobModel = defineModel<DocumentOf<ReportJob, 'job_id'>>({
  collection: 'report_jobs',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    report: { type: String, required: true },
    parameters: { type: Schema.Types.Mixed, required: true },
    period: { type: String, enum: [...relativePeriods, null], default: null },
    format: { type: String, enum: fileFormats, required: true },
    status: { type: String, enum: jobStatuses, required: true },
    phase: { type: String, enum: jobPhases, required: true },
    failure: { type: String, default: null },
    bytes: { type: Number, default: null },
    attempts: { type: Number, required: true },
    holder: { type: String, default: null },
    lease_until: { type: Date, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    started_at: { type: Date, default: null },
    ended_at: { type: Date, default: null },
    expires_at: { type: Date, default: null },
  },
  indexes: [
    {
      key: by('status', 'created_at'),
      serves: 'REP-12: the jobs that are to be done',
    },
    { key: by('user_id', 'created_at', '_id'), serves: 'GET /report-jobs' },
    {
      key: by('expires_at'),
      expireAfterSeconds: 0,
      serves: 'jobs are kept for a day after their end',
    },
  ],
});
