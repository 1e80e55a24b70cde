import { email, optional, secret, shape, text } from '../../lib/fields.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { forgotPage, linkSentPage, resetDonePage, resetPage } from './recovery.page.js';

const advice: Advice = {
  email: 'Enter your email, like asha.rao@example.com.',
  password: 'Choose another password.',
};

/** AUTH-12 */
export const recoveryPages = ({ recovery }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/forgot',
    audience: 'anybody',
    audit: 'none',
    handle: () => Promise.resolve({ view: forgotPage({ values: {}, mistakes: [], next: undefined }) }),
  }),
  definePage({
    method: 'post',
    path: '/forgot',
    audience: 'anybody',
    audit: 'none',
    form: shape({ email: email() }),
    limit: 'login',
    limitKey: ({ email }, device_token) => recovery.counterOf(null, { email, device_token }),
    async handle({ form: { email }, device_token, request }) {
      await recovery.forgot(null, { email, device_token }, request);
      return { view: linkSentPage(email) };
    },
    refused: async ({ values, problem }) =>
      forgotPage({ values, mistakes: mistakesOf(problem, advice), next: undefined }),
  }),
  definePage({
    method: 'get',
    path: '/reset',
    audience: 'anybody',
    audit: 'none',
    query: shape({ token: optional(text(300)) }),
    async handle({ query: { token = '' } }) {
      const { email } = await recovery.resetting(null, token);
      return { view: resetPage({ token, email, mistakes: [] }) };
    },
  }),
  definePage({
    method: 'post',
    path: '/reset',
    audience: 'anybody',
    audit: 'none',
    form: shape({ token: text(300), password: secret() }),
    limit: 'auth',
    async handle({ form, request }) {
      await recovery.reset(null, form, request);
      return { view: resetDonePage };
    },
    async refused({ values: { token = '' }, problem }) {
      if (problem.code === 'link_not_valid') return undefined;
      const { email } = await recovery.resetting(null, token);
      return resetPage({ token, email, mistakes: mistakesOf(problem, advice) });
    },
  }),
];
