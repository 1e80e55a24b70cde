import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  mergeBody,
  mergedIntoParams,
  mergePage,
  mergeParams,
  mergeQuery,
  mergeResponse,
  undoBody,
} from './merges.schema.js';
import type { MergesService } from './merges.service.js';
import type { ShownMerge } from './merges.types.js';

const tag = 'patient merges';
const permission = 'patients:merge';

/** Both: what one reads about the other. */
const ofBoth = ({ into_patient_id, from_patient_id }: ShownMerge): string[] => [
  into_patient_id,
  from_patient_id,
];

export const mergeRoutes = (merges: MergesService['forActors']): AnyRoute[] => [
  defineRoute({
    ...{ method: 'post', path: '/patients/:patient_id/merge', operationId: 'mergePatients', tag, permission },
    summary: 'Make one record of two of the same patient',
    description:
      'All that is the other one’s becomes this one’s, in both stores, and its address answers 410 `patient_merged` with ' +
      '`replaced_by` from then on. This record’s own word stands; what it does not know it takes over. Refused: with itself, while ' +
      'somebody books for one of them, when both owe something, when both have a visit at one time or wait for one doctor and day, ' +
      'and when one of them has died.',
    ...{ params: mergedIntoParams, body: mergeBody, status: 201, response: mergeResponse, idempotent: true },
    audit: { action: 'patient.merge', whose: ofBoth },
    problems: ['not_found', 'patient_merged', 'unknown_reference', 'merge_refused'],
    location: ({ merge_id }) => `/patient-merges/${merge_id}`,
    handle: async ({ actor, params, body, once }) =>
      merges.merge(actor, { into_patient_id: params.patient_id, ...body }, once),
  }),
  defineRoute({
    ...{ method: 'get', path: '/patient-merges', operationId: 'listPatientMerges', tag, permission },
    summary: 'Records that became a part of another one, the newest first',
    ...{ query: mergeQuery, response: mergePage },
    audit: { action: 'merge.list', whose: ({ items }) => [...new Set(items.flatMap(ofBoth))] },
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => merges.list(actor, query),
  }),
  defineRoute({
    ...{ method: 'get', path: '/patient-merges/:merge_id', operationId: 'getPatientMerge', tag, permission },
    summary: 'A merge: what it moved and, where it was undone, what had changed since',
    ...{ params: mergeParams, response: mergeResponse, derived: true },
    audit: { action: 'merge.read', whose: ofBoth },
    problems: ['not_found'],
    handle: async ({ actor, params }) => merges.get(actor, params.merge_id),
  }),
  defineRoute({
    ...{
      method: 'post',
      path: '/patient-merges/:merge_id/undo',
      operationId: 'undoPatientMerge',
      tag,
      permission,
    },
    summary: 'Part two records again: what was moved goes back',
    description:
      'Exactly what the merge moved, and what has been written since about a visit that it moved. What else has changed or come ' +
      'since is told in `undone.changed`. Merges into one record are undone in the reverse order of theirs.',
    ...{ params: mergeParams, body: undoBody, response: mergeResponse },
    audit: { action: 'patient.unmerge', whose: ofBoth },
    problems: ['not_found', 'step_done', 'stale_version', 'merge_refused'],
    handle: async ({ actor, params, body, ifMatch }) =>
      merges.undo(actor, params.merge_id, { ...body, ifMatch }),
  }),
];
