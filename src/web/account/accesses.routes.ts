import { optional, shape, term } from '../../lib/fields.js';
import { nextPage } from '../booking/booking.routes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { accessesPage } from './accesses.page.js';

/** AUTH-8: who has read a patient's record, for the patient. */
export const accessPages = ({ auditTrail, timeZone: zone }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/account/accesses',
    audience: 'patient',
    audit: 'patient.accesses',
    query: shape({ cursor: optional(term(2000)) }),
    async handle({ actor, query: { cursor } }) {
      const page = await auditTrail.accesses(actor, actor.patient_id, { limit: 50, cursor });
      const next = nextPage('/account/accesses', page.next_cursor);
      return { view: accessesPage({ accesses: page.items, zone, next }) };
    },
  }),
];
