import Joi from 'joi';
import {
  id,
  instant,
  integer,
  name,
  nullable,
  oneOf,
  optional,
  pageOf,
  paging,
  shape,
  text,
  timeOfDay,
  timeZone,
  withDefault,
} from '../../../lib/fields.js';
import { fileFormats, keptAnswer, keptParameters, mediaTypeOf, relativePeriods } from '../engine/index.js';
import { recipientsField } from '../recipients/index.js';
import { deliveryStatuses, savedFormats, schedulePaces } from './saved-reports.types.js';

export const savedReportParams = shape({ saved_report_id: id() });
export const deliveryParams = shape({ delivery_id: id() });
export const listQuery = shape(paging);
export const savedReportsQuery = shape({
  ...paging,
  sent_to: optional(oneOf('me')).description('Those of others that one is sent.'),
});

const reportId = () => text(100).example('top-doctors');

const parameters = () =>
  keptParameters()
    .description('What the report takes in its query, `from` and `to` too.')
    .example({ status: 'completed', limit: 10 });

const period = () =>
  nullable(oneOf(...relativePeriods)).description(
    'In place of `from` and `to`: days on the report calendar that move on with it. last_7_days and last_30_days end with ' +
      'yesterday, last_12_months with this month; weeks begin on Monday.',
  );

const schedule = nullable(
  shape({
    every: oneOf(...schedulePaces),
    weekday: optional(nullable(integer(1, 7))).description('Of each week; 1 is Monday.'),
    day: optional(nullable(integer(1, 31))).description('Of each month; in a shorter month its last day.'),
    time: timeOfDay().description(
      'On the clock of the zone. A time that clocks skip comes as much later; of one that comes twice the first counts.',
    ),
    time_zone: optional(timeZone()).description('The report zone by default.'),
  }),
);

const recipients = () =>
  recipientsField().description(
    'Addresses of managers and admins who are sent it on its schedule too, each with the figures that they may see.',
  );

const format = () => oneOf(...savedFormats).description('What it is delivered as.');

export const createBody = shape({
  name: name(120).example('Busiest doctors of the month'),
  report: reportId(),
  parameters: withDefault(parameters(), {}),
  period: withDefault(period(), null),
  format: withDefault(format(), 'csv'),
  schedule: withDefault(schedule, null),
  recipients: withDefault(recipients(), []),
});

export const patchBody = shape({
  name: optional(name(120).example('Busiest doctors of the quarter')),
  parameters: optional(parameters()),
  period: optional(period()),
  format: optional(format()),
  schedule: optional(schedule),
  recipients: optional(recipients()),
});

export const savedReportResponse = shape({
  saved_report_id: id(),
  user_id: id(),
  name: name(120),
  report: reportId(),
  parameters: Joi.object(),
  period: nullable(oneOf(...relativePeriods)),
  format: oneOf(...savedFormats),
  schedule: nullable(
    shape({
      every: oneOf(...schedulePaces),
      weekday: nullable(integer(1, 7)),
      day: nullable(integer(1, 31)),
      time: timeOfDay(),
      time_zone: timeZone(),
    }),
  ),
  recipients: recipientsField(),
  next_due_at: nullable(instant()),
  version: integer(1, Number.MAX_SAFE_INTEGER),
  created_at: instant(),
  updated_at: instant(),
});

export const savedReportPage = pageOf(savedReportResponse);

export const deliveryResponse = shape({
  delivery_id: id(),
  saved_report_id: id(),
  user_id: id(),
  name: name(120),
  report: reportId(),
  format: oneOf(...savedFormats),
  due_at: nullable(instant()).description('What the schedule said; null: asked for by hand.'),
  status: oneOf(...deliveryStatuses),
  failure: nullable(text(1000)),
  bytes: nullable(integer(0, Number.MAX_SAFE_INTEGER)),
  created_at: instant(),
  ended_at: nullable(instant()),
  expires_at: nullable(instant()),
});

export const deliveryPage = pageOf(deliveryResponse);

/** The answer of the report that was saved: its rows are those of `GET /reports/{report}`. */
export const resultResponse = keptAnswer();

const formatsOf = (formats: readonly (typeof fileFormats)[number][]) =>
  shape({ format: optional(oneOf(...formats)) });

export const resultQuery = formatsOf(fileFormats);
export const deliveryQuery = formatsOf(['json', ...savedFormats]);

/** Beside JSON. */
export const fileTypes = savedFormats.map(mediaTypeOf);
