import {
  id,
  instant,
  integer,
  listOf,
  name,
  nullable,
  oneOf,
  pageOf,
  paging,
  shape,
  text,
} from '../../../lib/fields.js';
import { fates, mergeStatuses } from './merges.types.js';

export const mergedIntoParams = shape({ patient_id: id() });
export const mergeParams = shape({ merge_id: id() });
export const mergeQuery = shape({ ...paging });

const why = (): ReturnType<typeof name> => name(500).example('One person, registered twice');

export const mergeBody = shape({
  from_patient_id: id().description('The record that becomes a part of the one in the address.'),
  reason: why(),
});

export const undoBody = shape({ reason: why() });

const changedSince = shape({
  what: text(60).description('A collection; of the patient’s own document, `patients.` and the field.'),
  id: id(),
  fate: oneOf(...fates).description(
    '`changed`: moved back with its change (a field of the patient’s own: left as it is). `removed`: there is nothing to move. ' +
      '`added`: it came since and is about a visit that was moved, so it went back with it. `kept`: it came since, and stays.',
  ),
});

export const mergeResponse = shape({
  merge_id: id(),
  from_patient_id: id(),
  into_patient_id: id(),
  reason: text(500),
  merged_at: instant(),
  merged_by: id(),
  status: oneOf(...mergeStatuses).description('`merging`, `undoing`: the books have not followed yet.'),
  moved: listOf(shape({ what: text(60), records: integer(0, Number.MAX_SAFE_INTEGER) }), 30).description(
    'How many records of each collection and table became the other’s.',
  ),
  filled: listOf(text(60), 20).description(
    'What the record did not say before, and took over from the other one.',
  ),
  undone: nullable(
    shape({ at: instant(), by: id(), reason: text(500), changed: listOf(changedSince, 20_000) }),
  ),
  version: integer(1, Number.MAX_SAFE_INTEGER),
});

export const mergePage = pageOf(mergeResponse);
