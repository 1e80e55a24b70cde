import { notificationKinds } from '../../contracts/notifications.js';
import type { Actor } from '../../lib/actor.js';
import { notFound } from '../../lib/errors.js';
import { id, name, oneOf, optional, phone, secret, shape, term, text } from '../../lib/fields.js';
import { nextPage } from '../booking/booking.routes.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage, type Refusal } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { accountPage, fieldOfKind, sessionsPage } from './profile.page.js';

const advice: Advice = {
  name: 'Enter your name.',
  phone: 'Enter a telephone number.',
  label: 'Say what you call it.',
  recipient: 'Enter a name.',
  line1: 'Enter the street and number.',
  city: 'Enter the city.',
  region: 'Enter the region.',
  postal_code: 'Enter the postal code.',
  country: 'Enter the two letters of the country, like US.',
  current_password: 'Enter your password.',
  password: 'Choose another password.',
};

const on = optional(oneOf('on'));
const noticesForm = shape({
  email_notices: on,
  ...Object.fromEntries(notificationKinds.map((kind) => [fieldOfKind(kind), on])),
});
const addressForm = shape({
  ...{ label: name(60), recipient: name(), line1: name(), city: name(100), region: optional(name(100)) },
  ...{ postal_code: name(20), country: text(2).pattern(/^[A-Za-z]{2}$/) },
});
const addressParams = shape({ address_id: id() });

/** AUTH-9 */
export const profilePages = (deps: WebDeps): AnyPage[] => [...ownPages(deps), ...sessionPages(deps)];

const ownPages = ({ profile, recovery }: WebDeps): AnyPage[] => {
  const to = '/account';
  const audience = 'signed-in';
  async function refused({ actor, values, problem }: Refusal<'signed-in'>) {
    const mistakes =
      problem.code === 'wrong_credentials'
        ? [{ field: 'current_password', message: 'That is not your password.' }]
        : mistakesOf(problem, advice);
    return accountPage({ ...(await profile.get(actor)), values, mistakes });
  }
  /** The addresses with one changed. */
  async function rewrite(
    actor: Actor,
    address_id: string,
    change: (addresses: Awaited<ReturnType<typeof profile.get>>['addresses']) => typeof addresses,
    request: Parameters<typeof profile.update>[3],
  ): Promise<{ to: string }> {
    const { addresses, version } = await profile.get(actor);
    if (!addresses.some((one) => one.address_id === address_id)) throw notFound('address');
    await profile.update(actor, { addresses: change(addresses) }, version, request);
    return { to };
  }
  return [
    definePage({
      method: 'get',
      path: to,
      audience,
      audit: 'none',
      handle: async ({ actor }) => ({
        view: accountPage({ ...(await profile.get(actor)), values: {}, mistakes: [] }),
      }),
    }),
    definePage({
      method: 'post',
      path: to,
      audience,
      audit: 'none',
      form: shape({ name: name(), phone: optional(phone()) }),
      async handle({ actor, form, request }) {
        await profile.update(actor, { name: form.name, phone: form.phone ?? null }, undefined, request);
        return { to };
      },
      refused,
    }),
    definePage({
      method: 'post',
      path: '/account/addresses',
      audience,
      audit: 'none',
      form: addressForm,
      async handle({ actor, form, request }) {
        const { addresses, version } = await profile.get(actor);
        const added = { ...form, country: form.country.toUpperCase(), is_default: addresses.length === 0 };
        await profile.update(actor, { addresses: [...addresses, added] }, version, request);
        return { to };
      },
      refused,
    }),
    definePage({
      method: 'post',
      path: '/account/addresses/:address_id/default',
      audience,
      audit: 'none',
      params: addressParams,
      handle: ({ actor, params: { address_id }, request }) =>
        rewrite(
          actor,
          address_id,
          (addresses) => addresses.map((one) => ({ ...one, is_default: one.address_id === address_id })),
          request,
        ),
      refused,
    }),
    definePage({
      method: 'post',
      path: '/account/addresses/:address_id/remove',
      audience,
      audit: 'none',
      params: addressParams,
      handle: ({ actor, params: { address_id }, request }) =>
        rewrite(
          actor,
          address_id,
          (addresses) => {
            const rest = addresses.filter((one) => one.address_id !== address_id);
            const hasDefault = rest.some(({ is_default }) => is_default);
            return rest.map((one, at) => (at === 0 && !hasDefault ? { ...one, is_default: true } : one));
          },
          request,
        ),
      refused,
    }),
    definePage({
      method: 'post',
      path: '/account/notices',
      audience,
      audit: 'none',
      form: noticesForm,
      async handle({ actor, form, request }) {
        const ticked = form as Readonly<Record<string, string | undefined>>;
        const muted_kinds = notificationKinds.filter((kind) => ticked[fieldOfKind(kind)] === undefined);
        const notifications = { email: form.email_notices === 'on', muted_kinds };
        await profile.update(actor, { notifications }, undefined, request);
        return { to };
      },
      refused,
    }),
    definePage({
      method: 'post',
      path: '/account/password',
      audience,
      audit: 'none',
      form: shape({ current_password: secret(), password: secret() }),
      limit: 'auth',
      async handle({ actor, form, request }) {
        await recovery.change(actor, form, request);
        return { to };
      },
      refused,
    }),
  ];
};

const sessionPages = ({ sessions, timeZone: zone }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/account/sessions',
    audience: 'signed-in',
    audit: 'none',
    query: shape({ cursor: optional(term(2000)) }),
    async handle({ actor, query: { cursor } }) {
      const page = await sessions.listOwn(actor, { limit: 20, cursor });
      const next = nextPage('/account/sessions', page.next_cursor);
      return { view: sessionsPage({ sessions: page.items, next, zone }) };
    },
  }),
  definePage({
    method: 'post',
    path: '/account/sessions/:session_id/end',
    audience: 'signed-in',
    audit: 'none',
    params: shape({ session_id: id() }),
    limit: 'auth',
    async handle({ actor, params: { session_id }, request }) {
      await sessions.endOwn(actor, session_id, request);
      return { to: '/account/sessions' };
    },
  }),
];
