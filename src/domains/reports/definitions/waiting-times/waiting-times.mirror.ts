import { waitedStatuses, type WaitingTimesParams } from '../../../../../aggregations/waiting-times.js';
import type { MirrorQuery } from '../../../../databases/mirror/mirror.types.js';
import { allOf, inScope, oneOf, within } from '../../mirror/conditions.js';

const keys = {
  department: 'department_id',
  hospital: 'hospital_id',
  doctor: 'doctor_id',
  month: 'local_month',
} as const;

const hospitalOf = (table: string): string =>
  `left join hospitals on hospitals.hospital_id = ${table}.hospital_id`;

/** What each key is called, and its hospital. */
const names = {
  department: {
    columns: 'departments.name, hospitals.name as hospital',
    joins: `left join departments on departments.department_id = part ${hospitalOf('departments')}`,
  },
  doctor: {
    columns: 'doctors.name, hospitals.name as hospital',
    joins: `left join doctors on doctors.doctor_id = part ${hospitalOf('doctors')}`,
  },
  hospital: {
    columns: 'hospitals.name, null as hospital',
    joins: 'left join hospitals on hospitals.hospital_id = part',
  },
  month: { columns: 'null as name, null as hospital', joins: '' },
} as const;

const days =
  'case when created_ms is null or created_ms > date_ms then null else local_day - created_day end';

/** The rows of `waitingTimes`; a month is a number. */
export function waitingSql({ by, ...params }: WaitingTimesParams): MirrorQuery {
  const { text, bindings } = allOf(
    oneOf('status', waitedStatuses),
    within('date_ms', params),
    inScope(params),
  );
  const { columns, joins } = names[by];
  return {
    text: `
      select part as key, ${columns}, days, visits
      from (
        select ${keys[by]} as part, ${days} as days, count(*) as visits
        from appointments
        where ${text}
        group by ${keys[by]}, ${days}
      ) as counted
      ${joins}`,
    bindings,
    words: by === 'month' ? [] : ['key'],
  };
}
