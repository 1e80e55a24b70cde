import { sought, type Sought } from '../../domains/reports/engine/index.js';
import { eitherOf, id, oneOf, optional, shape, term } from '../../lib/fields.js';
import { definePage, type AnyPage } from '../page.js';
import type { ReportPlaces } from './report-places.js';
import { type PageQuery } from './report-query.js';

/** WEB-4: whom the letters that were typed may mean, within the places that are chosen; asked by static/finder.js. */
export const createFinder = (places: Pick<ReportPlaces, 'found'>): AnyPage =>
  definePage({
    ...{ method: 'get', path: '/reports/places', audience: 'reports', audit: 'none' },
    query: shape({
      kind: oneOf(...(Object.keys(sought) as Sought[])),
      q: term(100).min(2),
      region: optional(eitherOf(term(100))),
      hospital_id: optional(eitherOf(id())),
      department_id: optional(eitherOf(id())),
    }),
    handle: async ({ query: { kind, q, ...within } }) => ({
      data: { items: await places.found(kind, { ...within, [kind]: q } as PageQuery) },
    }),
  });
