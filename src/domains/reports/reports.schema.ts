import Joi from 'joi';
import {
  flag,
  id,
  instant,
  integer,
  listOf,
  money,
  name,
  nullable,
  oneOf,
  optional,
  shape,
  text,
  withDefault,
} from '../../lib/fields.js';
import { iso } from '../../lib/time.js';
import type { AnyReport } from './reports.definition.js';
import { reportPaths, type Column, type ColumnType } from './reports.types.js';

const time = () =>
  text(40)
    .pattern(new RegExp(`^${iso.dayOrInstant}$`), 'YYYY-MM-DD or ISO 8601 time')
    .description('A day (its midnight in the report time zone) or an instant.')
    .example('2026-01-31');

/** The parameters that every report takes. */
const common = {
  from: optional(time()),
  to: optional(time()),
  hospital_id: optional(id()),
  region: optional(name(100)),
  department_id: optional(id()),
  doctor_id: optional(id()),
} as const;

/** What the figures depend on. */
export const parametersOf = (report: AnyReport) => shape({ ...common, ...report.params });

export const reportQuery = (report: AnyReport) =>
  shape({
    ...common,
    ...report.params,
    format: optional(oneOf('json', 'csv')),
    explain: withDefault(flag().description('Add the plans of both databases (admin).'), false),
  });

const whole = () => integer(0, Number.MAX_SAFE_INTEGER);
const cells: Readonly<Record<ColumnType, () => Joi.Schema>> = {
  text: () => Joi.string(),
  count: whole,
  money: () => money({ max: Number.MAX_SAFE_INTEGER }),
  // A foreign record may end before it begins.
  days: () => Joi.number(),
  rate: () => Joi.number().min(0).max(1),
  month: () => Joi.string().pattern(/^\d{4}-\d{2}$/),
};

const cell = ({ type, nullable: mayBeNull, description }: Column): Joi.Schema => {
  const field = cells[type]().description(description);
  return mayBeNull ? nullable(field) : field;
};

const perStore = <S extends Joi.Schema>(field: S) => ({ mongodb: field, postgres: field });
const milliseconds = () => Joi.number().min(0);

const provenance = shape({
  definition: text().description('The file that says what the figures mean.'),
  version: integer(1, 1_000_000),
  parameters: Joi.object().description('As the databases were asked.'),
  as_of: shape(perStore(nullable(instant()))),
  rows_read: shape(perStore(whole())),
  engine: text(),
  path: oneOf(...reportPaths).description('From figures summed beforehand, or from every record.'),
  engine_ms: shape({ ...perStore(nullable(milliseconds())), merge: milliseconds() }),
  plans: optional(shape(perStore(nullable(Joi.object())))),
});

const column = shape({
  name: text().example('patients'),
  type: oneOf('text', 'count', 'money', 'days', 'rate', 'month'),
  title: text(),
  description: text(),
});

export function reportResponse(report: AnyReport) {
  const row = shape(Object.fromEntries(report.columns.map((one) => [one.name, cell(one)])));
  return shape({
    report: oneOf(report.id),
    parameters: parametersOf(report),
    columns: listOf(column),
    rows: listOf(row, 1_000_000),
    ...(report.receipt ? { receipt: report.receipt } : {}),
    provenance,
  });
}
