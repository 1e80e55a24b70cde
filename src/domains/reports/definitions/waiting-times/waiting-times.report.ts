import {
  waitingGroups,
  waitingTimes,
  type WaitingTimesParams,
  type WaitingTimesRow,
} from '../../../../../aggregations/waiting-times.js';
import { oneOf, withDefault } from '../../../../lib/fields.js';
import { durationFigures } from '../disease-trends/disease-trends.report.js';
import { defineReport, type Merged } from '../../engine/reports.definition.js';
import { monthsBetween, sumOf } from '../../engine/reports.figures.js';
import { compareTexts } from '../../engine/reports.ranking.js';
import type { Column } from '../../engine/reports.types.js';
import { monthText } from '../../mirror/tables.js';
import { waitingSql } from './waiting-times.mirror.js';
import { waitingChart, waitingDrilldown, waitingParams, type WaitingRow } from './waiting-times.view.js';

type By = WaitingTimesParams['by'];
type Figures = Pick<
  WaitingRow,
  'visits' | 'median_days' | 'average_days' | 'p90_days' | 'max_days' | 'without_booking'
>;

/** Of a histogram whose bars may be in parts. */
function figuresOf(bars: readonly WaitingTimesRow[]): Figures {
  const visitsOf = new Map<number, number>();
  let without_booking = 0;
  for (const { days, visits } of bars)
    if (days === null) without_booking += visits;
    else visitsOf.set(days, (visitsOf.get(days) ?? 0) + visits);
  const nothing = { visits: 0, median_days: null, average_days: null, p90_days: null, max_days: null };
  if (visitsOf.size === 0) return { ...nothing, without_booking };
  const histogram = [...visitsOf].map(([days, episodes]) => ({ days, episodes }));
  const { episodes: visits, median_days, average_days, p90_days, max_days } = durationFigures(histogram);
  return { visits, median_days, average_days, p90_days, max_days, without_booking };
}

function waitingRow(by: By, key: string | null, bars: readonly WaitingTimesRow[]): WaitingRow {
  const [first] = bars;
  const nothing = {
    ...{ month: null, hospital_id: null, hospital: null, department_id: null, department: null },
    ...{ doctor_id: null, doctor: null },
  };
  const own =
    by === 'month'
      ? { month: key }
      : { hospital: first?.hospital ?? null, [`${by}_id`]: key, [by]: first?.name ?? null };
  return { ...nothing, ...own, ...figuresOf(bars) };
}

/** The longest median first, what has none last; then by the average, then by id. */
const byMedian = (a: WaitingRow, b: WaitingRow): number =>
  (b.median_days ?? -1) - (a.median_days ?? -1) ||
  (b.average_days ?? -1) - (a.average_days ?? -1) ||
  compareTexts(idOf(a), idOf(b));

const idOf = ({ department_id, hospital_id, doctor_id }: WaitingRow): string | null =>
  department_id ?? hospital_id ?? doctor_id;

export function waitingRows(by: By, counted: readonly WaitingTimesRow[]): Merged<WaitingRow> {
  const byKey = new Map<string | null, WaitingTimesRow[]>();
  for (const row of counted) {
    const bars = byKey.get(row.key);
    if (bars) bars.push(row);
    else byKey.set(row.key, [row]);
  }
  const keys = by === 'month' ? monthsBetween([...byKey.keys()] as string[]) : [...byKey.keys()];
  const rows = keys.map((key) => waitingRow(by, key, byKey.get(key) ?? []));
  return {
    rows: by === 'month' ? rows : rows.sort(byMedian),
    all: { of: rows.length, totals: { ...figuresOf(counted) } },
    rows_read: { mongodb: sumOf(counted, ({ visits }) => visits), postgres: 0 },
  };
}

const text = (name: keyof WaitingRow, title: string, description: string): Column<keyof WaitingRow> => ({
  ...{ name, type: 'text', title, description, nullable: true },
});
const days = (name: keyof WaitingRow, title: string, description: string): Column<keyof WaitingRow> => ({
  ...{ name, type: 'days', title, description, nullable: true, nothing: 'no bookings', total: 'own' },
});

/** A row of the mirror. */
type CountedRow = Omit<WaitingTimesRow, 'key'> & { readonly key: string | number | null };

/** WEB-4. */
export const waitingTimesReport = defineReport<WaitingRow, WaitingTimesRow>()({
  id: 'waiting-times',
  operationId: 'getWaitingTimes',
  version: 1,
  title: 'How long patients wait from booking to visit',
  question: 'How many days pass from the booking to the visit, and where patients wait longest.',
  description:
    'By `median_days` descending, then `average_days`, then the id; months in their order, those without visits too. Visits that took place ' +
    'or are still to come, by their date as it stands now. A wait is the number of calendar days of the report time zone ' +
    '(REPORT_TIME_ZONE) from the booking to the date; history that was written down after its date has none, and is counted as ' +
    '`without_booking`. The median is the mean of the two middle values, p90 the nearest rank. Departments, hospitals and doctors are those ' +
    'of the visit; the totals are of all visits together.',
  params: { by: withDefault(oneOf(...waitingGroups), 'department') },
  key: ['month', 'hospital_id', 'department_id', 'doctor_id'],
  columns: [
    { ...text('month', 'Month', 'by=month: YYYY-MM'), type: 'month' },
    text('department_id', 'Department id', 'by=department: the department'),
    text('department', 'Department', 'Its name now'),
    text('doctor_id', 'Doctor id', 'by=doctor: the doctor'),
    text('doctor', 'Doctor', 'The name now'),
    text('hospital_id', 'Hospital id', 'by=hospital: the hospital'),
    text('hospital', 'Hospital', 'The name of the hospital now'),
    {
      ...{ name: 'visits', type: 'count', title: 'Visits', headline: true },
      description: 'Visits that were booked ahead and took place, or are still to come',
    },
    { ...days('median_days', 'Median', 'The mean of the two middle waits'), headline: true },
    { ...days('average_days', 'Average', 'The sum of the waits / visits'), headline: true },
    { ...days('p90_days', '90th percentile', 'Nine of ten wait no longer: nearest rank'), headline: true },
    days('max_days', 'Longest', 'The longest wait'),
    {
      ...{ name: 'without_booking', type: 'count', title: 'Without a booking' },
      description: 'Visits that were written down after their date, in none of the other figures',
    },
  ],
  counts_differently: [
    {
      ...{ about: 'visits', than: 'monthly-appointments-trend' },
      why: 'Visits that were booked ahead count, and took place or are to come; appointments by month are also those missed and cancelled.',
    },
  ],
  knownAt: () => true,
  sources: (asked) => ({ mongodb: waitingTimes(waitingParams(asked)) }),
  merge: ({ mongodb }, { query }) => waitingRows(query.by, mongodb),
  mirror: {
    mongodb: (asked) => waitingSql(waitingParams(asked)),
    row: ({ key, ...row }: CountedRow) => ({ ...row, key: typeof key === 'number' ? monthText(key) : key }),
  },
  drilldown: waitingDrilldown,
  chart: waitingChart,
});
