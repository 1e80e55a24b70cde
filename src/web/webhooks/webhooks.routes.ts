import { notificationKinds, type NotificationKind } from '../../contracts/notifications.js';
import type { Actor } from '../../lib/actor.js';
import type { Problem } from '../../lib/errors.js';
import { id, oneOf, optional, shape, term, text } from '../../lib/fields.js';
import { path } from '../../lib/html.js';
import { mayUse } from '../../lib/permissions.js';
import { nextPage } from '../booking/booking.routes.js';
import { newKey } from '../booking/calendars.js';
import { mistakesOf } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { Mistake } from '../parts.js';
import { sentenceOf } from '../problem.page.js';
import type { WebDeps } from '../web.deps.js';
import { secretPage, webhookPage, webhooksPage } from './webhooks.page.js';

type TopicOf<K> = K extends `${infer T}.${string}` ? T : never;
type Topic = TopicOf<NotificationKind>;

const isPerson = ({ patient_id, doctor_id }: Actor): boolean => patient_id !== null || doctor_id !== null;
const isPatient = ({ patient_id }: Actor): boolean => patient_id !== null;

/** What the kinds before their dot are about, and who is told of it. */
const topics: { readonly [T in Topic]: readonly [label: string, isFor: (actor: Actor) => boolean] } = {
  appointment: ['Visits that are booked, moved or cancelled', isPerson],
  waiting_list: ['Times kept for you from the waiting list', isPatient],
  payment: ['Payments and refunds', isPatient],
  report: ['Saved reports', ({ role }) => mayUse(role, 'reports:read')],
  target: ['Targets that are met or missed', ({ role }) => mayUse(role, 'reports:share')],
  webhook: ['Webhooks that are turned off', () => true],
};
const topicNames = Object.keys(topics) as Topic[];

const fieldOf = (topic: Topic): string => `topic_${topic}`;

const topicsFor = (actor: Actor) =>
  topicNames
    .filter((name) => topics[name][1](actor))
    .map((name) => ({ value: fieldOf(name), label: topics[name][0] }));

/** null where none is chosen: all. */
function kindsIn(form: Readonly<Record<string, unknown>>): NotificationKind[] | null {
  const chosen = notificationKinds.filter((kind) => fieldOf(kind.split('.')[0] as Topic) in form);
  return chosen.length > 0 ? chosen : null;
}

const createForm = shape({
  url: text(2000),
  ...Object.fromEntries(topicNames.map((name) => [fieldOf(name), optional(oneOf('yes'))])),
});

function addMistakes(problem: Problem): Mistake[] {
  const [said] = (problem.options.errors ?? []).filter(({ pointer }) => pointer === '/body/url');
  return mistakesOf(problem, { url: said ? `The address ${said.message}.` : sentenceOf(problem) });
}

/** SUP-9 on the pages: addresses of one's own that notifications are posted to, and what became of the messages. */
export function webhookPages({
  webhooks,
  webhookDeliveries: deliveries,
  timeZone: zone,
}: WebDeps): AnyPage[] {
  const common = { audience: 'signed-in', audit: 'none' } as const;
  const params = shape({ webhook_id: id() });
  const query = shape({ cursor: optional(term(2000)), status: optional(oneOf('failed')) });

  async function listed(
    actor: Actor,
    values: Readonly<Record<string, string>> = {},
    mistakes: readonly Mistake[] = [],
  ) {
    const { items } = await webhooks.list(actor, { limit: 100 });
    const view = { webhooks: items, topics: topicsFor(actor), values, mistakes };
    return webhooksPage({ ...view, form_key: newKey() });
  }

  async function shown(
    actor: Actor,
    webhook_id: string,
    { status, cursor }: { readonly status?: 'failed' | undefined; readonly cursor?: string | undefined },
    mistakes: readonly Mistake[] = [],
  ) {
    const webhook = await webhooks.get(actor, webhook_id);
    const page = { limit: 20, ...(cursor !== undefined && { cursor }), ...(status && { status }) };
    const { items, next_cursor } = await deliveries.list(actor, webhook_id, page);
    const next = nextPage(path`/webhooks/${webhook_id}`, next_cursor, { status });
    const view = { webhook, messages: items, isFailedOnly: status !== undefined, next, mistakes };
    return webhookPage({ ...view, zone, form_key: newKey() });
  }

  /** A button of a webhook; what it is refused with stands above the webhook. */
  const step = (name: string, take: (actor: Actor, webhook_id: string) => Promise<unknown>): AnyPage =>
    definePage({
      ...{ method: 'post', path: `/webhooks/:webhook_id/${name}`, ...common, params },
      async handle({ actor, params: { webhook_id } }) {
        await take(actor, webhook_id);
        return { to: name === 'remove' ? '/webhooks' : path`/webhooks/${webhook_id}` };
      },
      refused: ({ actor, params: of, problem }) => refusedAt(actor, of, problem),
    });

  const refusedAt = (actor: Actor, { webhook_id = '' }: Readonly<Record<string, string>>, problem: Problem) =>
    shown(actor, webhook_id, {}, [{ field: null, message: problem.detail ?? sentenceOf(problem) }]);

  return [
    definePage({
      ...{ method: 'get', path: '/webhooks', ...common },
      handle: async ({ actor }) => ({ view: await listed(actor) }),
    }),
    definePage({
      ...{ method: 'post', path: '/webhooks', ...common, form: createForm },
      async handle({ actor, form }) {
        const { secret, ...webhook } = await webhooks.create(actor, { url: form.url, kinds: kindsIn(form) });
        return { view: secretPage({ webhook, secret, zone }) };
      },
      refused: ({ actor, values, problem }) => listed(actor, values, addMistakes(problem)),
    }),
    definePage({
      ...{ method: 'get', path: '/webhooks/:webhook_id', ...common, params, query },
      handle: async ({ actor, params: { webhook_id }, query: asked }) => ({
        view: await shown(actor, webhook_id, asked),
      }),
    }),
    definePage({
      ...{ method: 'post', path: '/webhooks/:webhook_id/rotate', ...common, params },
      async handle({ actor, params: { webhook_id } }) {
        const { secret, ...webhook } = await webhooks.rotateSecret(actor, webhook_id);
        return { view: secretPage({ webhook, secret, zone }) };
      },
    }),
    step('test', (actor, webhook_id) => deliveries.test(actor, webhook_id)),
    step('off', (actor, webhook_id) => webhooks.change(actor, webhook_id, { is_active: false })),
    step('on', (actor, webhook_id) => webhooks.change(actor, webhook_id, { is_active: true })),
    step('remove', (actor, webhook_id) => webhooks.remove(actor, webhook_id)),
    definePage({
      ...{ method: 'post', path: '/webhooks/:webhook_id/messages/:webhook_delivery_id/retry', ...common },
      params: shape({ webhook_id: id(), webhook_delivery_id: id() }),
      async handle({ actor, params: { webhook_id, webhook_delivery_id } }) {
        await deliveries.retry(actor, webhook_delivery_id);
        return { to: path`/webhooks/${webhook_id}` };
      },
      refused: ({ actor, params: of, problem }) => refusedAt(actor, of, problem),
    }),
  ];
}
