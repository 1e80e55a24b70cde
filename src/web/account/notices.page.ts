import { stampTag } from '../format.js';
import { html, path, withLinks, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { formKey, olderOnes } from '../parts.js';

interface NoticesView {
  readonly notices: readonly {
    readonly notification_id: string;
    readonly title: string;
    readonly body: string;
    readonly appointment_id: string | null;
    readonly created_at: Date;
    readonly read_at: Date | null;
  }[];
  /** Of the one who reads them. */
  readonly zone: string;
  /** Ours: addresses below it are links. */
  readonly site: string;
  readonly form_key: string;
  /** Whether visits have pages to lead to. */
  readonly linksVisits: boolean;
  readonly next: string | undefined;
  /** Whether there are pages of webhooks to lead to. */
  readonly hasWebhooks: boolean;
}

const notice = (one: NoticesView['notices'][number], { zone, linksVisits, site }: NoticesView): Html =>
  html`<li class="card ${one.read_at === null && 'unread'}">
    <h2>${one.title}${one.read_at === null && html` <span class="tag good">New</span>`}</h2>
    <p class="prose">${withLinks(one.body, site)}</p>
    <p class="apart">
      <span class="quiet">${stampTag(one.created_at, zone)}</span>
      ${
        linksVisits &&
        one.appointment_id !== null &&
        html`<a href="${path`/my/appointments/${one.appointment_id}`}"
          >See the visit<span class="unseen">: ${one.body}</span></a
        >`
      }
    </p>
  </li>`;

export function noticesPage(view: NoticesView): View {
  const { notices, form_key, next } = view;
  const hasNew = notices.some(({ read_at }) => read_at === null);
  return {
    title: 'Notices',
    main: html`<h1>Notices</h1>
      ${
        hasNew &&
        html`<form method="post" action="/my/notices/read">
          ${formKey(form_key)}
          <button class="button second">Mark all as read</button>
        </form>`
      }
      ${
        notices.length > 0
          ? html`<ul class="rows notices">
              ${notices.map((one) => notice(one, view))}
            </ul>`
          : html`<div class="empty card">
              <p>Nothing yet. We write here when something about your visits changes.</p>
            </div>`
      }
      ${olderOnes(next)}
      ${view.hasWebhooks && html`<p><a href="/webhooks">Webhooks: have them posted to a program of yours</a></p>`}`,
  };
}
