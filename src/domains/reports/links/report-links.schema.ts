import Joi from 'joi';
import {
  id,
  instant,
  integer,
  nullable,
  oneOf,
  paging,
  shape,
  text,
  withDefault,
} from '../../../lib/fields.js';
import { pageOf } from '../../../lib/fields.js';
import { keptParameters, relativePeriods } from '../engine/index.js';

export const linkParams = shape({ report_link_id: id() });
export const linksQuery = shape(paging);

const mostDays = 30;

export const linkBody = shape({
  report: text(100).example('top-doctors'),
  parameters: withDefault(
    keptParameters()
      .description('What the report takes in its query, `from` and `to` too.')
      .example({ limit: 10 }),
    {},
  ),
  period: withDefault(nullable(oneOf(...relativePeriods)), null).description(
    'In place of `from` and `to`: moves on with the calendar.',
  ),
  days: withDefault(integer(1, mostDays), 7).description('For how many days it is good.'),
});

export const linkResponse = shape({
  report_link_id: id(),
  user_id: id(),
  report: text(100),
  parameters: Joi.object(),
  period: nullable(oneOf(...relativePeriods)),
  url: nullable(text(2000)).description('For the one who has made it; null for an admin.'),
  created_at: instant(),
  expires_at: instant(),
  revoked_at: nullable(instant()),
  opened: integer(0, Number.MAX_SAFE_INTEGER).description('How often it was opened.'),
  last_opened_at: nullable(instant()),
});

export const linkPage = pageOf(linkResponse);
