import type { Stage } from './types.js';

/** Half-open: `from` is in it, `to` is not; null leaves the end open. */
export interface Period {
  readonly from: Date | null;
  readonly to: Date | null;
}

/** Where and by whom: any of each. What is undefined does not filter; an empty list matches nothing. */
export interface Scope {
  readonly hospital_ids?: readonly string[] | undefined;
  readonly department_ids?: readonly string[] | undefined;
  readonly doctor_ids?: readonly string[] | undefined;
}

/** The conditions of a `$match` that keep `field` inside the period; none when both ends are open. */
export function within(field: string, { from, to }: Period): Stage {
  if (!from && !to) return {};
  return { [field]: { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) } };
}

/** Any of them; of one, what an index is sorted by behind it stays sorted. */
export const anyOf = (ids: readonly string[]): Stage | string =>
  ids.length === 1 ? ids[0]! : { $in: [...ids] };

/** The conditions of a `$match` on documents that carry `hospital_id`, `department_id` and `doctor_id`. */
export function inScope({ hospital_ids, department_ids, doctor_ids }: Scope): Stage {
  return {
    ...(hospital_ids && { hospital_id: anyOf(hospital_ids) }),
    ...(department_ids && { department_id: anyOf(department_ids) }),
    ...(doctor_ids && { doctor_id: anyOf(doctor_ids) }),
  };
}
