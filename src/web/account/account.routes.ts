import { Problem } from '../../lib/errors.js';
import { calendarDate, email, name, oneOf, optional, secret, shape, term } from '../../lib/fields.js';
import { entryOf, homeOf } from '../home.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage, type Refusal } from '../page.js';
import { accessPages } from './accesses.routes.js';
import { homePage } from './home.page.js';
import { registerPage } from './register.page.js';
import type { EntryView } from './sign-in.page.js';
import { invitationPages } from './invitation.routes.js';
import { recoveryPages } from './recovery.routes.js';
import { profilePages } from './profile.routes.js';
import { providerPages } from './provider.routes.js';
import { userPages } from './users.routes.js';
import { secondFactorPages } from './second-factor.routes.js';
import { signInCodePage } from './second-factor.page.js';
import { signInPage } from './sign-in.page.js';
import { localPath } from './same-origin.js';
import type { WebDeps } from '../web.deps.js';

const nextQuery = shape({ next: optional(term(1000)) });
const next = optional(term(1000));
const signInForm = shape({ email: email(), password: secret(1000), next });
const registerForm = shape({
  name: name(),
  date_of_birth: calendarDate(),
  sex: oneOf('female', 'male', 'other', 'unknown'),
  email: email(),
  password: secret(1000),
  next,
});

const signInAdvice: Advice = {
  email: 'Enter your email, like asha.rao@example.com.',
  password: 'Enter your password.',
};
const registerAdvice: Advice = {
  ...signInAdvice,
  name: 'Enter your name.',
  date_of_birth: 'Enter your date of birth, like 1980-02-29.',
  sex: 'Choose one of these.',
  password: 'Choose another password.',
};

const fresh = (query: { next?: string | undefined }): EntryView => ({
  values: {},
  mistakes: [],
  next: localPath(query.next),
});

const again = ({ values, problem }: Refusal<'anybody'>, advice: Advice): EntryView => ({
  values,
  mistakes: mistakesOf(problem, advice),
  next: localPath(values['next']),
});

export const accountPages = (deps: WebDeps): AnyPage[] => [
  ...entryPages(deps),
  ...invitationPages(deps),
  ...recoveryPages(deps),
  ...secondFactorPages(deps),
  ...userPages(deps),
  ...profilePages(deps),
  ...providerPages(deps),
  ...accessPages(deps),
];

/** Of a sign-in whose password was right, and which a code is still asked for. */
const challengeOf = (refused: unknown): string | undefined =>
  refused instanceof Problem && refused.code === 'code_required'
    ? (refused.options.more?.['challenge_token'] as string)
    : undefined;

const entryPages = ({ accounts, sessions, providerLogin, features }: WebDeps): AnyPage[] => [
  definePage({
    method: 'get',
    path: '/sign-in',
    audience: 'anybody',
    audit: 'none',
    query: nextQuery,
    handle: async ({ actor, query }) =>
      actor
        ? { to: localPath(query.next) ?? entryOf(actor.role, features) }
        : { view: signInPage(fresh(query), features.booking_pages, providerLogin.list(actor)) },
  }),
  definePage({
    method: 'post',
    path: '/sign-in',
    audience: 'anybody',
    audit: 'none',
    form: signInForm,
    limit: 'login',
    limitKey: ({ email }, device_token) => accounts.counterOf(null, { email, device_token }),
    async handle({ actor, form: { email, password, ...form }, device_token, request }) {
      try {
        const tokens = await accounts.login(actor, { email, password, device_token }, request);
        return { to: localPath(form.next) ?? entryOf(tokens.user.role, features), tokens };
      } catch (refused) {
        const challenge_token = challengeOf(refused);
        if (challenge_token === undefined) throw refused;
        return { view: signInCodePage({ challenge_token, next: localPath(form.next), mistakes: [] }) };
      }
    },
    refused: async (refusal) =>
      signInPage(again(refusal, signInAdvice), features.booking_pages, providerLogin.list(null)),
  }),
  definePage({
    method: 'get',
    path: '/home',
    audience: 'signed-in',
    audit: 'none',
    async handle({ actor }) {
      const { name } = await accounts.me(actor);
      return { view: homePage({ name, role: actor.role, showsDoctors: features.booking_pages }) };
    },
  }),
  definePage({
    method: 'get',
    path: '/register',
    audience: 'anybody',
    audit: 'none',
    features: ['booking_pages'],
    query: nextQuery,
    handle: async ({ actor, query }) =>
      actor
        ? { to: localPath(query.next) ?? entryOf(actor.role, features) }
        : { view: registerPage(fresh(query)) },
  }),
  definePage({
    method: 'post',
    path: '/register',
    audience: 'anybody',
    audit: 'none',
    features: ['booking_pages'],
    form: registerForm,
    limit: 'auth',
    async handle({ form: { next: wanted, ...person }, request }) {
      const tokens = await accounts.signUp(null, { ...person, role: 'patient' }, request);
      return { to: localPath(wanted) ?? entryOf('patient', features), tokens };
    },
    refused: async (refusal) => registerPage(again(refusal, registerAdvice)),
  }),
  definePage({
    method: 'post',
    path: '/sign-out',
    audience: 'signed-in',
    beforeFactor: true,
    audit: 'none',
    limit: 'auth',
    async handle({ actor, request }) {
      await sessions.logout(actor, request);
      return { to: homeOf(undefined, features), tokens: null };
    },
  }),
];
