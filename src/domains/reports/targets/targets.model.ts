import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { relativePeriods } from '../engine/index.js';
import { targetDirections, type Target } from './targets.types.js';

export const targetModel = defineModel<DocumentOf<Target, 'target_id'>>({
  collection: 'report_targets',
  fields: {
    _id: { type: String, required: true },
    report: { type: String, required: true },
    parameters: { type: Schema.Types.Mixed, required: true },
    question_key: { type: String, required: true },
    figure: { type: String, required: true },
    direction: { type: String, enum: targetDirections, required: true },
    goal: { type: Number, required: true },
    period: { type: String, enum: [...relativePeriods, null], default: null } as never,
    from: { type: Date, default: null },
    to: { type: Date, default: null },
    recipients: { type: [String], default: [] },
    set_by: { type: String, required: true },
    standing: { type: Schema.Types.Mixed, default: null },
    version: { type: Number, required: true },
    created_at: { type: Date, required: true },
    updated_at: { type: Date, required: true },
  },
  indexes: [
    {
      key: by('question_key', 'figure', 'period', 'from'),
      unique: true,
      serves: 'REP-14: one target for a figure and a period; those of a question',
    },
    { key: by('created_at', '_id'), serves: 'GET /report-targets' },
    { key: by('report', 'created_at', '_id'), serves: 'GET /report-targets?report=' },
    { key: by('recipients'), serves: 'REP-14: those that somebody is told of' },
  ],
});
