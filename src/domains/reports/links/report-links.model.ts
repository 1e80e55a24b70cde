import { Schema } from 'mongoose';
import type { DocumentOf } from '../../../databases/mongo/document-store.js';
import { by, daySeconds } from '../../../databases/mongo/mongo-index.js';
import { defineModel } from '../../../databases/mongo/mongo-model.js';
import { relativePeriods } from '../engine/index.js';
import type { ReportLink } from './report-links.types.js';

/** So long after its end it can be seen that there was one. */
const keptDays = 30;

export const reportLinkModel = defineModel<DocumentOf<ReportLink, 'report_link_id'>>({
  collection: 'report_links',
  fields: {
    _id: { type: String, required: true },
    user_id: { type: String, required: true },
    report: { type: String, required: true },
    parameters: { type: Schema.Types.Mixed, required: true },
    period: { type: String, enum: [...relativePeriods, null], default: null } as never,
    created_at: { type: Date, required: true },
    expires_at: { type: Date, required: true },
    revoked_at: { type: Date, default: null },
    opened: { type: Number, default: 0 },
    last_opened_at: { type: Date, default: null },
  },
  indexes: [
    { key: by('user_id', 'created_at', '_id'), serves: 'GET /report-links of who has made them' },
    { key: by('created_at', '_id'), serves: 'GET /report-links of an admin' },
    {
      key: by('expires_at'),
      expireAfterSeconds: keptDays * daySeconds,
      serves: 'links are forgotten some time after their end',
    },
  ],
});
