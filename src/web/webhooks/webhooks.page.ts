import { titleOf } from '../../domains/messages/notifications/index.js';
import type { Webhook, WebhookDelivery } from '../../domains/messages/webhooks/index.js';
import { html, path, type Content, type Html } from '../../lib/html.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import {
  breadcrumbs,
  buttonForm,
  cardList,
  checkboxes,
  errorSummary,
  facts,
  formKey,
  olderOnes,
  textField,
  type Choice,
  type Mistake,
} from '../parts.js';

const notices = { href: '/my/notices', text: 'Notices' } as const;
const webhooks = { href: '/webhooks', text: 'Webhooks' } as const;

const kindsOf = ({ kinds }: Webhook): string =>
  kinds === null ? 'All notifications' : kinds.map(titleOf).join(', ');

const standing = ({ is_active, failures }: Webhook): Html =>
  is_active
    ? html`<span class="tag good">On</span>${
          failures > 0 && html` The last message${failures > 1 && `s, ${failures} of them,`} never arrived.`
        }`
    : html`<span class="tag bad">Off</span> Nothing is sent.`;

const card = (webhook: Webhook): Html =>
  html`<li class="card">
    <h2 class="address"><a href="${path`/webhooks/${webhook.webhook_id}`}">${webhook.url}</a></h2>
    <p>${standing(webhook)}</p>
    <p class="quiet small">${kindsOf(webhook)}</p>
  </li>`;

interface WebhooksView {
  readonly webhooks: readonly Webhook[];
  /** What one may choose, each as a field of the form. */
  readonly topics: readonly Choice[];
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
  readonly form_key: string;
}

const addForm = ({ topics, values, mistakes, form_key }: WebhooksView): Html =>
  html`<section class="card" aria-labelledby="add">
    <h2 id="add">Add a webhook</h2>
    <form method="post" action="/webhooks">
      ${formKey(form_key)}
      ${textField('url', 'Address', {
        ...{ value: values['url'], maxlength: 2000, mistakes },
        hint: 'It begins with https:// and is on the public internet.',
      })}
      ${checkboxes('What to send', topics, {
        hint: 'Tick none to send all of them, and those that are added later.',
        values,
      })}
      <div class="actions"><button class="button">Add webhook</button></div>
    </form>
  </section>`;

export const webhooksPage = (view: WebhooksView): View => ({
  title: view.mistakes.length > 0 ? 'Error: Webhooks' : 'Webhooks',
  main: html`${breadcrumbs([notices])}
    ${view.mistakes.length > 0 && errorSummary('The webhook is not added', view.mistakes)}
    <h1>Webhooks</h1>
    <p class="lead">
      Your notifications can also be posted to a program of yours. They are signed as
      <a href="https://www.standardwebhooks.com">Standard Webhooks</a> says, so that it can check who sent
      them.
    </p>
    ${cardList(view.webhooks.map(card), 'None yet.')} ${addForm(view)}`,
});

/** Why it did not arrive. */
const faults: { readonly [E in NonNullable<WebhookDelivery['last_error']>]: string } = {
  timeout: 'No answer within 5 seconds',
  connection: 'No connection',
  tls: 'The certificate of the address is not valid',
  status: 'Answered with',
  redirect: 'The address leads on to another one, which is not followed',
  no_public_address: 'The address is not on the public internet',
  secret_lost: 'The secret cannot be read any more: make a new one',
  webhook_off: 'The webhook was off, or did not take this kind',
  account_closed: 'The account was closed',
};

const outcome = ({ status, attempts, next_attempt_at }: WebhookDelivery, zone: string): Content => {
  if (status === 'delivered') return html`<span class="tag good">Arrived</span>`;
  if (status === 'failed') return html`<span class="tag bad">Never arrived</span>`;
  return html`<span class="tag">Waiting</span>${
      attempts > 0 && next_attempt_at && html` until ${stampTag(next_attempt_at, zone)}`
    }`;
};

const fault = ({ last_error, last_status, attempts }: WebhookDelivery): Content =>
  last_error !== null &&
  html`<p class="quiet small">
    ${faults[last_error]}${last_error === 'status' && ` status ${last_status}`}, after ${attempts}
    ${attempts === 1 ? 'attempt' : 'attempts'}.
  </p>`;

const message = (one: WebhookDelivery, { zone, form_key }: WebhookView): Html => {
  const { webhook_id, webhook_delivery_id: id, kind, status } = one;
  const title = kind === 'webhook.test' ? 'A test' : titleOf(kind);
  return html`<li class="card">
    <h3>${title}</h3>
    <p class="apart">
      <span class="quiet">${stampTag(one.created_at, zone)}</span> <span>${outcome(one, zone)}</span>
    </p>
    ${fault(one)}
    ${
      status === 'failed' &&
      html`<div class="actions">
        ${buttonForm(path`/webhooks/${webhook_id}/messages/${id}/retry`, 'Send again', title, form_key)}
      </div>`
    }
  </li>`;
};

interface WebhookView {
  readonly webhook: Webhook;
  readonly messages: readonly WebhookDelivery[];
  /** Whether those that arrived, or may still, are left out. */
  readonly isFailedOnly: boolean;
  /** Older messages. */
  readonly next: string | undefined;
  readonly mistakes: readonly Mistake[];
  readonly zone: string;
  readonly form_key: string;
}

function buttons({ webhook, form_key }: WebhookView): Html {
  const { webhook_id: id, url, is_active } = webhook;
  const button = (step: string, text: string): Html =>
    buttonForm(`${path`/webhooks/${id}`}/${step}`, text, url, form_key);
  return html`<div class="actions">
    ${button('test', 'Send a test')} ${is_active ? button('off', 'Turn off') : button('on', 'Turn on')}
    ${button('rotate', 'New secret')} ${button('remove', 'Remove')}
  </div>`;
}

export function webhookPage(view: WebhookView): View {
  const { webhook, messages, isFailedOnly, zone } = view;
  const here = path`/webhooks/${webhook.webhook_id}`;
  return {
    title: 'Webhook',
    main: html`${breadcrumbs([notices, webhooks])}
      ${view.mistakes.length > 0 && errorSummary('That was not done', view.mistakes)}
      <h1>Webhook</h1>
      ${facts([
        ['Address', html`<span class="address">${webhook.url}</span>`],
        ['Status', standing(webhook)],
        ['Sends', kindsOf(webhook)],
        ...(webhook.previous_until
          ? [
              [
                'The secret before this one',
                html`signs until ${stampTag(webhook.previous_until, zone)}`,
              ] as const,
            ]
          : []),
      ])}
      ${buttons(view)}
      <section aria-labelledby="messages">
        <h2 id="messages">${isFailedOnly ? 'What never arrived' : 'Messages'}</h2>
        <p>
          ${
            isFailedOnly
              ? html`<a href="${here}">All messages</a>`
              : html`<a href="${here}?status=failed">What never arrived</a>`
          }
        </p>
        ${cardList(
          messages.map((one) => message(one, view)),
          isFailedOnly ? 'None: everything has arrived, or is still waiting.' : 'None in the last 30 days.',
        )}
        ${olderOnes(view.next, 'Older messages')}
      </section>`,
  };
}

interface SecretView {
  readonly webhook: Webhook;
  readonly secret: string;
  readonly zone: string;
}

/** The answer to the form itself: the secret is in no address, and on no page that could be asked for again. */
export const secretPage = ({ webhook, secret, zone }: SecretView): View => ({
  title: 'The secret of a webhook',
  main: html`${breadcrumbs([notices, webhooks])}
    <h1>The secret of your webhook</h1>
    <p class="lead">Copy it now: it is not shown again.</p>
    <section class="card">
      <p><code class="secret">${secret}</code></p>
      <p>
        The program at <span class="address">${webhook.url}</span> verifies with it what we
        send.${
          webhook.previous_until &&
          html` The one before signs too until ${stampTag(webhook.previous_until, zone)}, so that you can
          change over.`
        }
      </p>
    </section>
    <p class="actions">
      <a class="button second" href="${path`/webhooks/${webhook.webhook_id}`}">I have copied it</a>
    </p>`,
});
