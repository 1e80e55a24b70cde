import { Problem } from '../../lib/errors.js';
import { id, optional, shape, term } from '../../lib/fields.js';
import { html } from '../../lib/html.js';
import { entryOf } from '../home.js';
import { definePage, type AnyPage, type View } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { localPath } from './same-origin.js';
import { signInCodePage } from './second-factor.page.js';

const params = shape({ provider: id() });

/**
 * The browser has come from another site, and sends no cookie of ours with what a redirect leads to: it goes on from a page of
 * ours, which leads on by itself.
 */
const signedInPage = (to: string): View => ({
  title: 'You are signed in',
  main: html`<div class="narrow">
    <h1>You are signed in</h1>
    <p class="actions"><a class="button" href="${to}">Go on</a></p>
  </div>`,
});

/** AUTH-7 */
export const providerPages = ({ providerLogin, features }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/sign-in/with/:provider',
    audience: 'anybody',
    audit: 'none',
    params,
    query: shape({ next: optional(term(1000)) }),
    limit: 'auth',
    async handle({ params: { provider }, query: { next } }) {
      const { url, flow } = await providerLogin.begin(null, provider, localPath(next));
      return { to: url, flow };
    },
  }),
  definePage({
    method: 'get',
    path: '/sign-in/with/:provider/back',
    audience: 'anybody',
    audit: 'none',
    params,
    limit: 'auth',
    async handle({ params: { provider }, search, flow, device_token, request }) {
      try {
        const back = { id: provider, query: search, flow, device_token };
        const { tokens, next } = await providerLogin.finish(null, back, request);
        const to = localPath(next) ?? entryOf(tokens.user.role, features);
        return { view: signedInPage(to), tokens, flow: null, then: to };
      } catch (refused) {
        if (!(refused instanceof Problem && refused.code === 'code_required')) throw refused;
        const { challenge_token, next } = refused.options.more as { challenge_token: string; next?: string };
        return { view: signInCodePage({ challenge_token, next: localPath(next), mistakes: [] }), flow: null };
      }
    },
  }),
];
