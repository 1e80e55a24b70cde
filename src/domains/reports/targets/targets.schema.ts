import Joi from 'joi';
import {
  calendarDate,
  decimal,
  flag,
  id,
  instant,
  integer,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { keptParameters, relativePeriods } from '../engine/index.js';
import { recipientsField } from '../recipients/index.js';
import { targetDirections } from './targets.types.js';

export const targetParams = shape({ target_id: id() });
export const targetsQuery = shape({ ...paging, report: optional(text(100).example('no-show-rate')) });

const most = 1_000_000_000_000;
const goal = () =>
  decimal(0, most).description('In the unit of the figure; of a rate from 0 to 1.').example(0.08);
const direction = () => oneOf(...targetDirections);
const recipients = () =>
  recipientsField().description('Addresses of managers and admins who are told when the figure crosses it.');

export const targetBody = shape({
  report: text(100).example('monthly-appointments-trend'),
  figure: text(100).example('cancellation_rate').description('A column that has a figure of all rows.'),
  parameters: withDefault(
    keptParameters()
      .description('The place, and what else the report takes; no period.')
      .example({ hospital_id: 'H1' }),
    {},
  ),
  period: withDefault(nullable(oneOf(...relativePeriods)), null).description(
    'Moves on with the calendar; or else `from` and `to`.',
  ),
  from: withDefault(nullable(calendarDate()), null).description('Its first day.'),
  to: withDefault(nullable(calendarDate()), null).description('The day after its last.'),
  direction: direction(),
  goal: goal(),
  recipients: withDefault(recipients(), []),
});

export const targetPatch = shape({
  direction: optional(direction()),
  goal: optional(goal()),
  recipients: optional(recipients()),
});

export const targetResponse = shape({
  target_id: id(),
  report: text(100),
  figure: text(100),
  parameters: Joi.object(),
  period: nullable(oneOf(...relativePeriods)),
  from: nullable(calendarDate()),
  to: nullable(calendarDate()),
  direction: direction(),
  goal: decimal(0, most),
  recipients: recipientsField(),
  set_by: id(),
  is_met: nullable(flag()).description(
    'When it was last looked at; null: nobody is told, or there is no figure yet.',
  ),
  since: nullable(instant()),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const targetPage = pageOf(targetResponse);
