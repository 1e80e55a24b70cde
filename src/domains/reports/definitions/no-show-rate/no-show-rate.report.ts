import {
  leadTimes,
  longLeadTime,
  noLeadTime,
  noShowGroups,
  noShowRate,
  type NoShowRateRow,
} from '../../../../../aggregations/no-show-rate.js';
import { oneOf, withDefault } from '../../../../lib/fields.js';
import { noShowSql } from './no-show-rate.mirror.js';
import { noShowChart, noShowDrilldown, noShowParams, type NoShowRow } from './no-show-rate.view.js';
import { defineReport, type Merged } from '../../engine/reports.definition.js';
import { hours, rate, sumOf, weekdays } from '../../engine/reports.figures.js';

type Group = Pick<NoShowRow, 'group' | 'label'>;

const words = (band: string): string => {
  const text = band.replaceAll('_', ' ').replace(/(\d+) to (\d+)/, '$1–$2');
  return text[0]!.toUpperCase() + text.slice(1);
};

/** Every group, in its order. */
const groups: Readonly<Record<(typeof noShowGroups)[number], readonly Group[]>> = {
  weekday: weekdays.map((label, n) => ({ group: String(n + 1), label })),
  hour: hours.map((label, hour) => ({ group: String(hour), label })),
  lead_time: [...leadTimes.map(({ band }) => band), longLeadTime, noLeadTime].map((band) => ({
    group: band,
    label: words(band),
  })),
};

/** A row for every group, zeros included. */
export function noShowRows(
  by: (typeof noShowGroups)[number],
  counted: readonly NoShowRateRow[],
): readonly NoShowRow[] {
  return groups[by].map(({ group, label }) => {
    const of = (status: NoShowRateRow['status']): number =>
      sumOf(
        counted.filter((row) => row.group === group && row.status === status),
        (row) => row.appointments,
      );
    const [completed, no_show] = [of('completed'), of('no_show')];
    const total = completed + no_show;
    return { group, label, completed, no_show, total, no_show_rate: rate(no_show, total) };
  });
}

function merged(by: (typeof noShowGroups)[number], counted: readonly NoShowRateRow[]): Merged<NoShowRow> {
  const rows_read = { mongodb: sumOf(counted, (row) => row.appointments), postgres: 0 };
  return { rows: noShowRows(by, counted), rows_read };
}

const count = (name: keyof NoShowRow, title: string, description: string) =>
  ({ name, type: 'count', title, description }) as const;

/** REP-5. */
export const noShowRateReport = defineReport<NoShowRow, NoShowRateRow>()({
  id: 'no-show-rate',
  operationId: 'getNoShowRate',
  version: 1,
  title: 'How many patients do not come to their visits, by weekday, hour or lead time',
  question:
    'When patients stay away without a word: on which weekdays, at which hours, and how long after booking.',
  description:
    'One row for each weekday (ISO: 1 is Monday), hour (0 to 23) or lead time, zeros included. Weekdays, hours and days are ' +
    'those of the report time zone (REPORT_TIME_ZONE); a visit is where its date is. The lead time is the number of calendar days from the booking ' +
    'to the date as it stands now; history that was written down after its date has none and is `unknown`. Visits that were ' +
    'cancelled or are still to come are in no figure.',
  params: { by: withDefault(oneOf(...noShowGroups), 'weekday') },
  key: ['group'],
  columns: [
    {
      name: 'group',
      type: 'text',
      title: 'Group',
      description: 'The weekday 1 to 7, the hour 0 to 23, or the band of days ahead',
      order: 'own',
    },
    { name: 'label', type: 'text', title: 'When', description: 'The same in words', order: 'own' },
    count('completed', 'Completed', 'Visits that took place'),
    { ...count('no_show', 'No-show', 'Visits to which the patient did not come'), headline: true },
    { ...count('total', 'Total', 'The sum of the two'), headline: true },
    {
      name: 'no_show_rate',
      type: 'rate',
      title: 'No-show rate',
      description: 'no_show / total',
      total: { part: 'no_show', whole: ['total'] },
      headline: true,
      nullable: true,
      nothing: 'no visits',
    },
  ],
  counts_differently: [
    {
      ...{ about: 'total', than: 'monthly-appointments-trend' },
      why: 'Visits that took place or were missed count; appointments by month are also those cancelled and those to come.',
    },
  ],
  knownAt: () => true,
  sources: (asked) => ({ mongodb: noShowRate(noShowParams(asked)) }),
  merge: ({ mongodb }, { query }) => merged(query.by, mongodb),
  mirror: { mongodb: (asked) => noShowSql(noShowParams(asked)) },
  drilldown: noShowDrilldown,
  chart: noShowChart,
});
