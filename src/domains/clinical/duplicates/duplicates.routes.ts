import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { ofEach } from '../../../lib/audited.js';
import {
  dismissBody,
  duplicatePage,
  duplicateParams,
  duplicateQuery,
  duplicateResponse,
} from './duplicates.schema.js';
import type { DuplicatesService } from './duplicates.service.js';

const tag = 'patient merges';
const permission = 'patients:merge';

export const duplicateRoutes = (duplicates: DuplicatesService['forActors']): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/patient-duplicates', operationId: 'listPatientDuplicates', tag, permission },
    summary: 'Pairs of records that may be of one patient, the likeliest first, and why',
    description:
      'A record is compared within seconds after it is written. `POST /patients/{patient_id}/merge` makes one of the two.',
    ...{ query: duplicateQuery, response: duplicatePage },
    audit: {
      action: 'duplicate.list',
      whose: ({ items }) => ofEach({ items: items.flatMap(({ patients }) => patients) }),
    },
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => duplicates.list(actor, query),
  }),
  defineRoute({
    ...{ method: 'post', path: '/patient-duplicates/:duplicate_id/dismiss', tag, permission },
    operationId: 'dismissPatientDuplicate',
    summary: 'Say that two records are not of the same patient: they are not listed any more',
    ...{ params: duplicateParams, body: dismissBody, response: duplicateResponse },
    audit: { action: 'duplicate.dismiss', whose: ({ patients }) => ofEach({ items: patients }) },
    problems: ['not_found', 'step_done', 'stale_version'],
    handle: async ({ actor, params, body, ifMatch }) =>
      duplicates.dismiss(actor, params.duplicate_id, body, ifMatch),
  }),
];
