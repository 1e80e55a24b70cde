import { id, optional, shape, term } from '../../lib/fields.js';
import { nextPage } from '../booking/booking.routes.js';
import { newKey } from '../booking/calendars.js';
import { definePage, type AnyPage } from '../page.js';
import { noticesPage } from './notices.page.js';
import type { WebDeps } from '../web.deps.js';

export const noticePages = ({
  notifications,
  waitingList,
  timeZone,
  features,
  publicUrl,
}: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/my/notices',
    audience: 'signed-in',
    audit: 'none',
    query: shape({ cursor: optional(term(2000)) }),
    async handle({ actor, query: { cursor } }) {
      const page = await notifications.list(actor, { limit: 20, cursor });
      const next = nextPage('/my/notices', page.next_cursor);
      return {
        view: noticesPage({
          ...{ notices: page.items, zone: timeZone, form_key: newKey(), next },
          site: publicUrl,
          linksVisits: features.booking_pages,
          hasWebhooks: features.webhooks,
        }),
      };
    },
  }),
  definePage({
    method: 'post',
    path: '/my/notices/read',
    audience: 'signed-in',
    audit: 'none',
    async handle({ actor }) {
      await notifications.markAll(actor);
      return { to: '/my/notices' };
    },
  }),
  definePage({
    method: 'post',
    path: '/my/waiting/:waiting_id/leave',
    audience: 'patient',
    audit: 'waiting.leave',
    features: ['booking_pages', 'waiting_list'],
    params: shape({ waiting_id: id() }),
    async handle({ actor, params: { waiting_id } }) {
      await waitingList.leave(actor, waiting_id);
      return { to: '/my/appointments' };
    },
  }),
];
