import { optional, secret, shape, term } from '../../lib/fields.js';
import type { Problem } from '../../lib/errors.js';
import { entryOf, homeOf } from '../home.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage } from '../page.js';
import type { Actor } from '../../lib/actor.js';
import type { Mistake } from '../parts.js';
import type { WebDeps } from '../web.deps.js';
import { localPath } from './same-origin.js';
import {
  beginFactorPage,
  confirmAgainPage,
  enrolPage,
  factorPage,
  recoveryCodesPage,
  signInCodePage,
  stepUpPage,
} from './second-factor.page.js';

const advice: Advice = {
  code: 'Enter the code.',
  renewal_code: 'Enter the code.',
  password: 'Enter your password.',
};
const wrong: Readonly<Record<string, Mistake>> = {
  wrong_code: { field: 'code', message: 'The code is wrong, or was used. Wait for the next one.' },
  wrong_credentials: { field: 'password', message: 'The password is wrong.' },
};
const mistakes = (problem: Problem): Mistake[] =>
  wrong[problem.code] ? [wrong[problem.code]!] : mistakesOf(problem, advice);

const next = optional(term(1000));
const codeForm = shape({ code: secret(40) });

/** AUTH-11 */
export const secondFactorPages = (deps: WebDeps): AnyPage[] => [
  ...codePages(deps),
  ...setUpPages(deps),
  ...changePages(deps),
];

const codePages = ({ secondFactor, features }: WebDeps): AnyPage[] => [
  definePage({
    method: 'post',
    path: '/sign-in/code',
    audience: 'anybody',
    audit: 'none',
    form: shape({ challenge_token: secret(500), code: secret(40), next }),
    limit: 'login',
    limitKey: (form) => secondFactor.counterOf(null, form),
    async handle({ form: { next: wanted, ...shown }, device_token, request }) {
      const tokens = await secondFactor.signIn(null, { ...shown, device_token }, request);
      return { to: localPath(wanted) ?? entryOf(tokens.user.role, features), tokens };
    },
    async refused({ values: { challenge_token = '', next: wanted }, problem }) {
      if (problem.code === 'challenge_refused') return undefined;
      return signInCodePage({ challenge_token, next: localPath(wanted), mistakes: mistakes(problem) });
    },
  }),
  definePage({
    method: 'get',
    path: '/my/code',
    audience: 'signed-in',
    audit: 'none',
    query: shape({ next }),
    handle: ({ query }) =>
      Promise.resolve({ view: stepUpPage({ next: localPath(query.next), mistakes: [] }) }),
  }),
  definePage({
    method: 'post',
    path: '/my/code',
    audience: 'signed-in',
    audit: 'none',
    form: shape({ code: secret(40), next }),
    limit: 'auth',
    async handle({ actor, form, request }) {
      await secondFactor.stepUp(actor, form.code, request);
      return { to: localPath(form.next) ?? homeOf(actor.role, features) };
    },
    refused: async ({ values, problem }) =>
      stepUpPage({ next: localPath(values['next']), mistakes: mistakes(problem) }),
  }),
];

const setUpPages = ({ secondFactor, features, timeZone: zone }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/my/second-factor',
    audience: 'signed-in',
    audit: 'none',
    beforeFactor: true,
    async handle({ actor }) {
      const { since, is_demanded: isDemanded, recovery_codes_left: left } = await secondFactor.status(actor);
      return {
        view:
          since === null
            ? beginFactorPage({ isDemanded, mistakes: [] })
            : factorPage({ since, left, zone, mistakes: [] }),
      };
    },
  }),
  definePage({
    method: 'post',
    path: '/my/second-factor',
    audience: 'signed-in',
    audit: 'none',
    beforeFactor: true,
    form: shape({ password: secret() }),
    limit: 'auth',
    handle: async ({ actor, form, request }) => ({
      view: enrolPage(await secondFactor.enrol(actor, form.password, request)),
    }),
    async refused({ actor, problem }) {
      if (problem.code === 'step_done') return undefined;
      const { is_demanded: isDemanded } = await secondFactor.status(actor);
      return beginFactorPage({ isDemanded, mistakes: mistakes(problem) });
    },
  }),
  definePage({
    method: 'post',
    path: '/my/second-factor/confirm',
    audience: 'signed-in',
    audit: 'none',
    beforeFactor: true,
    form: codeForm,
    limit: 'auth',
    async handle({ actor, form, request }) {
      const { recovery_codes } = await secondFactor.confirm(actor, form.code, request);
      return { view: recoveryCodesPage(recovery_codes, homeOf(actor.role, features)) };
    },
    refused: async ({ problem }) =>
      /^step_/.test(problem.code) ? undefined : confirmAgainPage(mistakes(problem)),
  }),
];

const changePages = ({ secondFactor, features, timeZone: zone }: WebDeps): AnyPage[] => {
  const again = async (actor: Actor, found: readonly Mistake[]) => {
    const { since, recovery_codes_left: left } = await secondFactor.status(actor);
    return since === null ? undefined : factorPage({ since, left, zone, mistakes: found });
  };
  return [
    definePage({
      method: 'post',
      path: '/my/second-factor/codes',
      audience: 'signed-in',
      audit: 'none',
      form: shape({ renewal_code: secret(40) }),
      limit: 'auth',
      async handle({ actor, form, request }) {
        const { recovery_codes } = await secondFactor.renewCodes(actor, form.renewal_code, request);
        return { view: recoveryCodesPage(recovery_codes, homeOf(actor.role, features)) };
      },
      refused: ({ actor, problem }) =>
        again(
          actor,
          mistakes(problem).map(({ field, message }) => ({
            field: field === 'code' ? 'renewal_code' : field,
            message,
          })),
        ),
    }),
    definePage({
      method: 'post',
      path: '/my/second-factor/off',
      audience: 'signed-in',
      audit: 'none',
      form: shape({ password: secret(), code: secret(40) }),
      limit: 'auth',
      async handle({ actor, form, request }) {
        await secondFactor.disable(actor, form, request);
        return { to: '/my/second-factor' };
      },
      refused: ({ actor, problem }) => again(actor, mistakes(problem)),
    }),
  ];
};
