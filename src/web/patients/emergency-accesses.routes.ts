import type { Actor } from '../../lib/actor.js';
import { ofEach, ofOne } from '../../lib/audited.js';
import { flag, id, lines, nullable, oneOf, optional, shape, term, withDefault } from '../../lib/fields.js';
import { nextPage } from '../booking/booking.routes.js';
import { newKey } from '../booking/calendars.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage, type Refusal } from '../page.js';
import type { Mistake } from '../parts.js';
import type { WebDeps } from '../web.deps.js';
import { accessPage, queuePage } from './emergency-accesses.page.js';

const advice: Advice = {
  finding: 'Say whether the reason was good enough.',
  note: 'The note is too long.',
};
const audience = 'operations';
const params = shape({ emergency_access_id: id() });

/** PAT-8: where an admin reviews the records that doctors opened of patients who are not theirs. */
export function emergencyAccessPages({ emergencyAccess, timeZone: zone }: WebDeps): AnyPage[] {
  async function shown(
    actor: Actor,
    emergency_access_id: string,
    values: Readonly<Record<string, string>> = {},
    mistakes: readonly Mistake[] = [],
  ) {
    const access = await emergencyAccess.get(actor, emergency_access_id);
    const mayReview = access.user_id !== actor.user_id;
    const view = accessPage({ access, zone, mayReview, form_key: newKey(), values, mistakes });
    return { patient_ids: ofOne(access), view };
  }
  return [
    definePage({
      ...{ method: 'get', path: '/emergency-accesses', audience },
      audit: 'emergency_access.list',
      query: shape({ reviewed: withDefault(flag(), false), cursor: optional(term(2000)) }),
      async handle({ actor, query: { reviewed, cursor } }) {
        const page = await emergencyAccess.list(actor, { limit: 20, cursor, reviewed });
        const next = nextPage('/emergency-accesses', page.next_cursor, reviewed ? { reviewed: 'true' } : {});
        const view = queuePage({ accesses: page.items, isReviewed: reviewed, next, zone });
        return { patient_ids: ofEach(page), view };
      },
    }),
    definePage({
      ...{ method: 'get', path: '/emergency-accesses/:emergency_access_id', audience, params },
      audit: 'emergency_access.read',
      handle: async ({ actor, params: { emergency_access_id } }) => shown(actor, emergency_access_id),
    }),
    definePage({
      ...{ method: 'post', path: '/emergency-accesses/:emergency_access_id/review', audience, params },
      audit: 'emergency_access.review',
      form: shape({
        finding: oneOf('justified', 'not_justified'),
        note: withDefault(nullable(lines(1_000)).empty(''), null),
      }),
      async handle({ actor, params: { emergency_access_id }, form }) {
        await emergencyAccess.review(actor, emergency_access_id, form);
        return { to: '/emergency-accesses' };
      },
      refused: async ({
        actor,
        params: { emergency_access_id = '' },
        values,
        problem,
      }: Refusal<'operations'>) =>
        (await shown(actor, emergency_access_id, values, mistakesOf(problem, advice))).view,
    }),
  ];
}
