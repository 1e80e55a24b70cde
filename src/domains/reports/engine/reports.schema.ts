import Joi from 'joi';
import {
  eitherOf,
  flag,
  id,
  instant,
  integer,
  listOf,
  money,
  nullable,
  oneOf,
  optional,
  shape,
  term,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { iso } from '../../../lib/time.js';
import type { AnyReport } from './reports.definition.js';
import { reportFormats } from '../formats/formats.js';
import { sortsOf } from './reports.sorting.js';
import { isFigureOf } from './reports.small-cells.js';
import { hasTotal } from './reports.totals.js';
import { columnTypes, reportPaths, type Column, type ColumnType } from './reports.types.js';

const time = () =>
  text(40)
    .pattern(new RegExp(`^${iso.dayOrInstant}$`), 'YYYY-MM-DD or ISO 8601 time')
    .description('A day (its midnight in the report time zone) or an instant.')
    .example('2026-01-31');

/** A report's query as a body brings it: each report's own shape looks closer. */
export const keptParameters = () =>
  Joi.object<Record<string, unknown>>().pattern(
    Joi.string().pattern(/^[a-z_]{1,40}$/),
    // As long as the longest, which is several values of one.
    Joi.alternatives(Joi.string().max(12_000), Joi.number(), Joi.boolean()),
  );

/** The parameters that every report takes. */
const common = {
  from: optional(time()),
  to: optional(time()),
  hospital_id: optional(eitherOf(id())),
  region: optional(eitherOf(term(100))),
  department_id: optional(eitherOf(id())),
  doctor_id: optional(eitherOf(id())),
  as_of: optional(
    time().description(
      'The figures as they were known at that moment (a day: its midnight in the report time zone).',
    ),
  ),
} as const;

/** What the figures depend on. */
export const parametersOf = (report: AnyReport) => shape({ ...common, ...report.params });

/** Of records; the `limit` of a report that has one of its own is theirs too. */
const drilldownParams = {
  drill: optional(
    term(2_000)
      .description(
        'The records behind the row with this key, in place of the rows: a JSON object of the columns of its key, in a total ' +
          'order, in pages (`limit`, `cursor`). JSON, CSV and XLSX. For a manager, those of a disease or a drug are counts by month ' +
          'and hospital.',
      )
      .example('{"doctor_id":"DOC1"}'),
  ),
  limit: optional(integer(1, 100).description('With `drill`: how many records, 20 by default.')),
  cursor: optional(Joi.string().max(1000).description('With `drill`: `next_cursor` of the page before.')),
} as const;

export const reportQuery = (report: AnyReport) =>
  shape({
    ...common,
    ...drilldownParams,
    ...report.params,
    format: optional(oneOf('json', ...Object.keys(reportFormats(report)))),
    path: optional(oneOf('definition')).description(
      'Asks for the figures to be summed from every record, to prove them (admin).',
    ),
    sort: optional(oneOf(...sortsOf(report.columns))).description(
      'The rows by this column, ascending, or descending after `-`, in place of the order of the report; what is missing comes last. ' +
        'Sorted are the rows that `limit` leaves; a chart keeps its order.',
    ),
    explain: withDefault(flag().description('Add the plans of both databases (admin).'), false),
  });

const whole = () => integer(0, Number.MAX_SAFE_INTEGER);
const cells: Readonly<Record<ColumnType, () => Joi.Schema>> = {
  text: () => Joi.string(),
  count: whole,
  decimal: () => Joi.number(),
  // What is owed may have been paid in advance, and more given back than was earned.
  money: () => money({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  // A foreign record may end before it begins.
  days: () => Joi.number(),
  rate: () => Joi.number().min(0),
  month: () => Joi.string().pattern(/^\d{4}-\d{2}$/),
};

/** Figures are null in a row that is hidden, for it counts few people. */
const cell = ({ type, nullable: mayBeNull, description }: Column, isFigure: boolean): Joi.Schema => {
  const field = cells[type]().description(description);
  return mayBeNull || isFigure ? nullable(field) : field;
};

const perStore = <S extends Joi.Schema>(field: S) => ({ mongodb: field, postgres: field });
const milliseconds = () => Joi.number().min(0);

const provenance = shape({
  definition: text().description('The file that says what the figures mean.'),
  version: integer(1, 1_000_000),
  parameters: Joi.object().description('As the databases were asked.'),
  as_of: shape(perStore(nullable(instant()))),
  behind_seconds: Joi.number()
    .min(0)
    .max(2)
    .description(
      'What had been acknowledged so many seconds before the figures were computed is in them; 0 when they were summed from the records.',
    ),
  rows_read: nullable(shape(perStore(whole()))).description(
    'The records that the figures are made of; null where their number would tell one that is hidden.',
  ),
  known_at: optional(instant().description('`as_of`: the figures are those known at that moment.')),
  engine: text(),
  path: oneOf(...reportPaths).description(
    'From the rows of all records that the process holds in memory, or from every record.',
  ),
  engine_ms: shape({ ...perStore(nullable(milliseconds())), merge: milliseconds() }),
  plans: optional(shape(perStore(nullable(Joi.object())))),
});

const column = shape({
  name: text().example('patients'),
  type: oneOf(...columnTypes),
  title: text(),
  description: text(),
});

const note = shape({
  about: text().description('The column of the figure.').example('billed_total'),
  than: text().description('The other report.').example('revenue'),
  why: text(500),
  left_out: optional(money({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER })).description(
    'The sum that is in no row; left out where it would tell a figure that is hidden.',
  ),
});

const smallCells = shape({
  below: whole().description('The least count that is shown (setting SMALL_CELLS).'),
  hidden_rows: whole().description('So many of the rows, the last ones, have no figures.'),
});

export function reportResponse(report: AnyReport) {
  const row = shape(
    Object.fromEntries(report.columns.map((one) => [one.name, cell(one, isFigureOf(report, one))])),
  );
  const totals = Object.fromEntries(
    report.columns
      .filter((one) => hasTotal(one) && !report.key.includes(one.name))
      .map((one) => [one.name, cell(one, true)]),
  );
  return shape({
    report: oneOf(report.id),
    parameters: parametersOf(report),
    columns: listOf(column),
    rows: listOf(row, 1_000_000),
    of: whole().description('How many rows there are, those beyond `limit` too.'),
    totals: optional(shape(totals)).description(
      'The figures of all of these rows together, where they add up; left out where they would tell one that is hidden.',
    ),
    ...(report.receipt ? { receipt: optional(report.receipt) } : {}),
    ...(report.counts_differently && {
      notes: optional(listOf(note)).description(
        'Figures that another report counts otherwise, why, and the sum that is in no row here.',
      ),
    }),
    small_cells: optional(smallCells),
    provenance,
  });
}

/** The answer of some report, as it is kept: `reportResponse` looks closer. */
export const keptAnswer = () =>
  shape({
    report: text(100),
    parameters: Joi.object(),
    columns: Joi.array().items(Joi.object()),
    rows: Joi.array().items(Joi.object()),
    of: whole(),
    totals: optional(Joi.object()),
    notes: optional(Joi.array().items(Joi.object())),
    small_cells: optional(Joi.object()),
    receipt: optional(Joi.object()),
    provenance: Joi.object(),
  });

/** A page of the records behind a row. */
export const recordsResponse = (report: AnyReport) =>
  shape({
    report: oneOf(report.id),
    parameters: parametersOf(report),
    columns: listOf(column).description('What the members of a record mean.'),
    rows: listOf(Joi.object(), 1000),
    next_cursor: nullable(Joi.string()),
    small_cells: optional(smallCells),
    provenance,
  });
