import { optional, shape, text } from '../../lib/fields.js';
import { entryOf, homeOf } from '../home.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { confirmedPage, confirmPage, invitationPage } from './invitation.page.js';

const linkQuery = shape({ token: optional(text(300)) });
const advice: Advice = { password: 'Choose another password.' };

/** AUTH-13: where the links in emails lead. */
export const invitationPages = ({ invitations, features }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/invitation',
    audience: 'anybody',
    audit: 'none',
    query: linkQuery,
    async handle({ query: { token = '' } }) {
      const { email } = await invitations.invited(null, token);
      return { view: invitationPage({ token, email, mistakes: [] }) };
    },
  }),
  definePage({
    method: 'post',
    path: '/invitation',
    audience: 'anybody',
    audit: 'none',
    form: shape({ token: text(300), password: text(1000) }),
    limit: 'auth',
    async handle({ form, request }) {
      const tokens = await invitations.accept(null, form, request);
      return { to: entryOf(tokens.user.role, features), tokens };
    },
    async refused({ values: { token = '' }, problem }) {
      if (problem.code === 'link_not_valid') return undefined;
      const { email } = await invitations.invited(null, token);
      return invitationPage({ token, email, mistakes: mistakesOf(problem, advice) });
    },
  }),
  definePage({
    method: 'get',
    path: '/confirm-email',
    audience: 'anybody',
    audit: 'none',
    query: linkQuery,
    handle: ({ query: { token = '' } }) => Promise.resolve({ view: confirmPage({ token, mistakes: [] }) }),
  }),
  definePage({
    method: 'post',
    path: '/confirm-email',
    audience: 'anybody',
    audit: 'none',
    form: shape({ token: text(300) }),
    limit: 'auth',
    async handle({ actor, form, request }) {
      await invitations.confirm(actor, form.token, request);
      return { view: confirmedPage(homeOf(actor?.role, features)) };
    },
  }),
];
