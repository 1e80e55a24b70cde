import type { Period, Scope } from '../../../../../aggregations/stages/filters.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, within } from '../../mirror/conditions.js';

/** The rows of `monthlyAppointmentsTrend`, whose `month` is a number. */
export function monthlyTrendSql(params: Period & Scope): MirrorQuery {
  const { text, bindings } = allOf(within('date_ms', params), inScope(params));
  return {
    text: `
      select local_month as month, status, count(*) as appointments
      from appointments
      where ${text}
      group by local_month, status`,
    bindings,
    words: ['status'],
  };
}
