import type { Stage } from './types.js';

/** Half-open: `from` is in it, `to` is not; null leaves the end open. */
export interface Period {
  readonly from: Date | null;
  readonly to: Date | null;
}

/** Where and by whom. What is undefined does not filter; an empty `hospital_ids` matches nothing. */
export interface Scope {
  readonly hospital_ids?: readonly string[] | undefined;
  readonly department_id?: string | undefined;
  readonly doctor_id?: string | undefined;
}

/** The conditions of a `$match` that keep `field` inside the period; none when both ends are open. */
export function within(field: string, { from, to }: Period): Stage {
  if (!from && !to) return {};
  return { [field]: { ...(from ? { $gte: from } : {}), ...(to ? { $lt: to } : {}) } };
}

/** The conditions of a `$match` on documents that carry `hospital_id`, `department_id` and `doctor_id`. */
export function inScope({ hospital_ids, department_id, doctor_id }: Scope): Stage {
  return {
    ...(hospital_ids === undefined
      ? {}
      : { hospital_id: hospital_ids.length === 1 ? hospital_ids[0] : { $in: [...hospital_ids] } }),
    ...(department_id === undefined ? {} : { department_id }),
    ...(doctor_id === undefined ? {} : { doctor_id }),
  };
}
