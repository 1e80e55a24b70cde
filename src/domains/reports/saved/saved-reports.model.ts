import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { relativePeriods } from '../engine/index.js';
import {
  deliveryStatuses,
  savedFormats,
  schedulePaces,
  type Delivery,
  type SavedReport,
  type Schedule,
} from './saved-reports.types.js';

const schedule = new Schema<Schedule>(
  {
    every: { type: String, enum: schedulePaces, required: true },
    weekday: { type: Number, default: null },
    day: { type: Number, default: null },
    time: { type: String, required: true },
    time_zone: { type: String, required: true },
  },
  { _id: false },
);

const question = {
  user_id: { type: String, required: true },
  name: { type: String, required: true },
  report: { type: String, required: true },
  parameters: { type: Schema.Types.Mixed, required: true },
  period: { type: String, enum: [...relativePeriods, null], default: null },
  format: { type: String, enum: savedFormats, required: true },
} as const;

export const savedReportModel = defineModel<DocumentOf<SavedReport, 'saved_report_id'>>({
  collection: 'saved_reports',
  fields: {
    _id: { type: String, required: true },
    ...(question as object),
    schedule: { type: schedule, default: null } as never,
    recipients: { type: [String], default: [] },
    next_due_at: { type: Date, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('user_id', 'name'),
      unique: true,
      serves: 'REP-10: a name once for an owner',
    },
    {
      key: by('user_id', 'created_at', '_id'),
      serves: 'GET /saved-reports of an owner',
    },
    {
      key: by('recipients', 'created_at', '_id'),
      serves: 'GET /saved-reports?sent_to=me',
    },
    { key: by('created_at', '_id'), serves: 'GET /saved-reports of an admin' },
    {
      key: by('next_due_at'),
      partialFilterExpression: { next_due_at: { $type: 'date' } },
      serves: 'REP-10: the schedules that are due',
    },
  ],
});

export const deliveryModel = defineModel<DocumentOf<Delivery, 'delivery_id'>>({
  collection: 'deliveries',
  fields: {
    _id: { type: String, required: true },
    saved_report_id: { type: String, required: true },
    ...(question as object),
    due_at: { type: Date, default: null },
    status: { type: String, enum: deliveryStatuses, required: true },
    failure: { type: String, default: null },
    bytes: { type: Number, default: null },
    attempts: { type: Number, required: true },
    claimed_until: { type: Date, required: true },
    claim: { type: String, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    ended_at: { type: Date, default: null },
    expires_at: { type: Date, default: null },
  },
  indexes: [
    {
      key: by('saved_report_id', 'due_at', 'user_id'),
      unique: true,
      partialFilterExpression: { due_at: { $type: 'date' } },
      serves: 'REP-10: one delivery for a due time to each',
    },
    {
      key: by('claimed_until'),
      partialFilterExpression: { status: 'waiting' },
      serves: 'REP-10: the deliveries that are to be made',
    },
    { key: by('user_id', 'created_at', '_id'), serves: 'GET /deliveries' },
    {
      key: by('ended_at'),
      partialFilterExpression: { status: 'failed' },
      serves: 'GET /operations: the deliveries that failed',
    },
    {
      key: by('expires_at'),
      expireAfterSeconds: 0,
      serves: 'deliveries are kept for some days',
    },
  ],
});
