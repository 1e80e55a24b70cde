import {
  leadTimes,
  longLeadTime,
  noLeadTime,
  type NoShowRateParams,
} from '../../../../../aggregations/no-show-rate.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

const bands = leadTimes.map(({ band, last }) => `when local_day - created_day <= ${last} then '${band}'`);

const groups: Readonly<Record<NoShowRateParams['by'], string>> = {
  weekday: 'local_weekday',
  hour: 'local_hour',
  lead_time: `case when created_ms is null or created_ms > date_ms then '${noLeadTime}' ${bands.join(' ')} else '${longLeadTime}' end`,
};

/** The rows of `noShowRate`. */
export function noShowSql({ by, ...params }: NoShowRateParams): MirrorQuery {
  const { text, bindings } = allOf(
    oneOf('status', ['completed', 'no_show']),
    within('date_ms', params),
    inScope(params),
  );
  return {
    text: `
      select cast(part as varchar) as "group", status, appointments
      from (
        select ${groups[by]} as part, status, count(*) as appointments
        from appointments
        where ${text}
        group by ${groups[by]}, status
      ) as counted`,
    bindings,
    words: ['status'],
  };
}
