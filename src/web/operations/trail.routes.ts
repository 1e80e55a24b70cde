import { recordActions } from '../../lib/audited.js';
import { calendarDate, id, oneOf, optional, shape, term } from '../../lib/fields.js';
import { nextPage } from '../booking/booking.routes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { trailPage } from './trail.page.js';

const path = '/operations/trail';

/** AUTH-8: the trail, for an admin. */
export const trailPages = ({
  auditTrail,
  timeZone: zone,
}: Pick<WebDeps, 'auditTrail' | 'timeZone'>): AnyPage[] => [
  definePage({
    method: 'get',
    path,
    audience: 'operations',
    audit: 'audit.list',
    query: shape({
      user: optional(id()),
      patient: optional(id()),
      action: optional(oneOf('auth.login', ...recordActions)),
      outcome: optional(oneOf('success', 'failure')),
      from: optional(calendarDate()),
      to: optional(calendarDate()),
      cursor: optional(term(2000)),
    }),
    async handle({ actor, query: { cursor, ...filter } }) {
      const found = await auditTrail.list(actor, { ...filter, limit: 50, cursor });
      const given = Object.fromEntries(
        Object.entries(filter).map(([name, value]) => [
          name,
          value instanceof Date ? value.toISOString().slice(0, 10) : value,
        ]),
      );
      return {
        patient_ids: filter.patient === undefined ? [] : [filter.patient],
        view: trailPage({ events: found.items, given, zone, next: nextPage(path, found.next_cursor, given) }),
      };
    },
  }),
];
