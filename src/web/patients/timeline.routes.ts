import type { Actor } from '../../lib/actor.js';
import { Problem } from '../../lib/errors.js';
import { id, name, optional, shape, term } from '../../lib/fields.js';
import { path } from '../../lib/html.js';
import { nextPage } from '../booking/booking.routes.js';
import { newKey } from '../booking/calendars.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { glassPage, timelinePage } from './timeline.page.js';

const advice: Advice = { reason: 'Say why you must see the record, in 10 to 500 characters.' };
const perPage = 20;

/** PAT-3: what happened to oneself, or to a patient whom one treats; PAT-8: to another one, for a reason. */
export function timelinePages({ timeline, currency, timeZone, features }: WebDeps): AnyPage[] {
  async function shown(actor: Actor, patient_id: string, address: string, cursor: string | undefined) {
    const isOwn = actor.role === 'patient';
    const { items, next_cursor } = await timeline.list(actor, patient_id, { limit: perPage, cursor });
    return timelinePage({
      ...{ events: items, currency, zone: timeZone, next: nextPage(address, next_cursor) },
      heading: isOwn ? 'My timeline' : `Timeline of ${patient_id}`,
      linksVisits: isOwn && features.booking_pages,
    });
  }
  const query = shape({ cursor: optional(term(2000)) });
  const params = shape({ patient_id: id() });
  return [
    definePage({
      ...{ method: 'get', path: '/my/timeline', audience: 'patient', query },
      audit: 'patient.timeline',
      handle: async ({ actor, query: { cursor } }) => ({
        view: await shown(actor, actor.patient_id, '/my/timeline', cursor),
      }),
    }),
    definePage({
      ...{ method: 'get', path: '/patients/:patient_id/timeline', audience: 'signed-in', params, query },
      audit: 'patient.timeline',
      async handle({ actor, params: { patient_id }, query: { cursor } }) {
        try {
          const view = await shown(actor, patient_id, path`/patients/${patient_id}/timeline`, cursor);
          return { patient_ids: [patient_id], view };
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== 'break_glass_needed') throw error;
          return { view: glassPage({ patient_id, form_key: newKey(), mistakes: [] }) };
        }
      },
    }),
    definePage({
      ...{ method: 'post', path: '/patients/:patient_id/timeline', audience: 'signed-in', params },
      audit: 'patient.timeline',
      form: shape({ reason: name(500).min(10) }),
      async handle({
        actor,
        params: { patient_id },
        form: { reason },
        request: { address, id: request_id },
      }) {
        await timeline.list(actor, patient_id, { limit: 1 }, { reason, address, request_id });
        return { patient_ids: [patient_id], to: path`/patients/${patient_id}/timeline` };
      },
      refused: async ({ params: { patient_id = '' }, values: { reason }, problem }) =>
        problem.code === 'invalid_request'
          ? glassPage({ patient_id, form_key: newKey(), reason, mistakes: mistakesOf(problem, advice) })
          : undefined,
    }),
  ];
}
