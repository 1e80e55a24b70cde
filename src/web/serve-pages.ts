import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { answerAudited, deedOf, type Ready } from '../http/auditing.js';
import { addressKey, type Limits } from '../http/limits.js';
import { parse } from '../http/parse.js';
import { requestFacts } from '../http/request-facts.js';
import type { LimitName, RequestFacts } from '../http/route.js';
import type { Actor } from '../lib/actor.js';
import { notFound, Problem } from '../lib/errors.js';
import { featureOff } from '../lib/features.js';
import { canonical, onceOf } from '../lib/idempotency.js';
import { mayUse, type Permission } from '../lib/permissions.js';
import type { Trail } from '../lib/trail.js';
import type { WriteTimes } from '../lib/write-time.js';
import { createAnswers, goOn, protect, type AnswerDeps } from './answers.js';
import { finder, icon, reportsStylesheet, stylesheet } from './assets.js';
import { readForm } from './forms.js';
import { homeOf } from './home.js';
import { path } from '../lib/html.js';
import type { AnyPage, Audience, View } from './page.js';
import { isSameOrigin, localPath } from './account/same-origin.js';

interface ServeDeps extends AnswerDeps {
  readonly limits: Limits;
  readonly writeTimes: WriteTimes;
  readonly trail: Trail;
}

/** What a browser asks for, read but for its shape. */
interface Asked {
  readonly actor: Actor | null;
  readonly request: RequestFacts;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Of the form, without its key. */
  readonly values: Readonly<Record<string, string>>;
  readonly formKey: string;
  readonly deviceToken: string | undefined;
  readonly flow: string | undefined;
  readonly search: string;
}

const signInPath = (next: string | undefined): string =>
  next === undefined ? '/sign-in' : path`/sign-in?next=${next}`;

function checkOrigin(ctx: Context): void {
  const facts = { site: ctx.get('Sec-Fetch-Site'), origin: ctx.get('Origin'), host: ctx.host };
  if (!isSameOrigin(facts)) throw new Problem('forbidden', 'The form was not sent by a page of this site.');
}

/** The page that a form was sent from, to come back to after signing in. */
function formerPage(ctx: Context): string | undefined {
  const referrer = ctx.get('Referer');
  if (!URL.canParse(referrer)) return undefined;
  const { host, pathname, search } = new URL(referrer);
  return host === ctx.host ? localPath(pathname + search) : undefined;
}

const whoMay =
  (permission: Permission) =>
  ({ role }: Actor): boolean =>
    mayUse(role, permission);

/** Whom a page is for, of those who are signed in, and what to say to the others. */
const audiences: { readonly [A in Audience]: readonly [(actor: Actor) => boolean, string] | null } = {
  anybody: null,
  'signed-in': null,
  patient: [
    ({ role, patient_id }) => role === 'patient' && patient_id !== null,
    'This page is for patients, and your account is not a patient’s.',
  ],
  reports: [whoMay('reports:read'), 'Reports are for managers and doctors, and your account is neither.'],
  sharing: [whoMay('reports:share'), 'This page is for managers, and your account is not a manager’s.'],
  operations: [whoMay('operations:read'), 'This page is for admins, and your account is not an admin’s.'],
};

function checkAudience(audience: Audience, actor: Actor | null): void {
  const [isFor, words] = audiences[audience] ?? [];
  if (isFor && (actor === null || !isFor(actor))) throw new Problem('forbidden', words);
}

/** A search form sends the fields that were left empty too, and each box that is ticked by itself. */
const filledIn = (query: Readonly<Record<string, unknown>>, { ticked = [] }: AnyPage): Asked['query'] =>
  Object.fromEntries(
    Object.entries(query)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [
        name,
        ticked.includes(name) ? [value].flat().filter(Boolean).join(',') : value,
      ]),
  );

/** Path parameters that no record could have name nothing. */
function paramsOf(ctx: Context, page: AnyPage): Asked['params'] {
  const raw = { params: ctx['params'] as unknown, query: {}, body: {} };
  try {
    return (parse({ params: page.params }, raw).params ?? {}) as Asked['params'];
  } catch {
    throw notFound('page');
  }
}

/** What others have put behind the address of a page, and it does not know, means nothing. */
function inputOf(page: AnyPage, asked: Asked) {
  const { actor, request, params, query, values, formKey, deviceToken: device_token, flow, search } = asked;
  const raw = { params: {}, query: page.query ? query : {}, body: values };
  const parsed = parse({ query: page.query?.options({ stripUnknown: true }), body: page.form }, raw);
  const sent = { params, form: parsed.body };
  const name = `page ${page.path} ${canonical(sent)}`;
  const isOnce = page.method === 'post' && page.audience === 'patient' && actor !== null;
  const once = isOnce ? onceOf(formKey, actor.user_id, name, sent, () => undefined) : undefined;
  return { actor, params, query: parsed.query, form: parsed.body, once, request, device_token, flow, search };
}

/** Whose records a page for patients shows. */
const ownOf = ({ audience }: AnyPage, { actor }: Asked): string[] | undefined =>
  audience === 'patient' ? [actor!.patient_id!] : undefined;

/**
 * The pages on a router. The one path of a request: origin → form → who asks → limits → shapes → handle → answer. What is
 * refused on the way is answered with a page too.
 */
export function servePages(pages: readonly AnyPage[], deps: ServeDeps): Router {
  const { sessions, limits, writeTimes, features, trail } = deps;
  const answers = createAnswers(deps);
  const router = new Router({ exclusive: 'specificity' });

  async function limitBy(name: LimitName, key: string): Promise<void> {
    const { allowed, limit, reset } = await limits.consume(name, key);
    if (allowed) return;
    const detail = `At most ${limit} a minute; try again in ${reset} s.`;
    throw new Problem('too_many_requests', detail, { retryAfter: reset });
  }

  /** With the counters of the API: a sign-in by its address, then by address and account; all else by the user. */
  async function limitForm(page: AnyPage, { actor, request }: Asked): Promise<void> {
    const address = addressKey(request.address);
    if (page.limitKey) await limitBy('auth', `${address}|accounts`);
    else await limitBy(page.limit ?? 'write', actor?.user_id ?? address);
  }

  async function handle(ctx: Context, page: AnyPage, asked: Asked): Promise<Ready> {
    await (page.method === 'post'
      ? limitForm(page, asked)
      : limitBy(page.limit ?? 'read', asked.actor?.user_id ?? addressKey(asked.request.address)));
    const input = inputOf(page, asked);
    if (page.limitKey && page.limit) {
      const account = page.limitKey(input.form as never, asked.deviceToken);
      await limitBy(page.limit, `${addressKey(asked.request.address)}|${account}`);
    }
    const reply = await page.handle(input as never);
    if (page.method === 'post' && asked.actor) writeTimes.remember(asked.actor.user_id);
    // Of the session before in this browser nobody has the cookies any more.
    if ('tokens' in reply && reply.tokens && asked.actor) await sessions.end(asked.actor, asked.request);
    return {
      patient_ids: reply.patient_ids ?? ownOf(page, asked),
      leave: () => answers.reply(ctx, reply),
    };
  }

  function requestPath(page: AnyPage): Middleware {
    const isForm = page.method === 'post';
    const off = page.features?.find((feature) => !features[feature]);
    return async (ctx) => {
      ctx.state['route'] = page.path;
      protect(ctx);
      const seen: { asked?: Asked; view?: Promise<View | undefined> } = {};
      /** The form that was refused, with what is wrong, and with the record that it is about: once it is in the trail. */
      const shownAgain = (problem: Problem): Promise<View | undefined> => {
        if (problem.code === 'trail_unavailable') return Promise.resolve(undefined);
        return (seen.view ??= (async () =>
          seen.asked && page.refused?.({ ...seen.asked, problem } as never))());
      };
      try {
        if (isForm) checkOrigin(ctx);
        const { form_key: formKey = '', ...values } = isForm ? await readForm(ctx) : {};
        const known = await sessions.actorOf(ctx, requestFacts(ctx));
        if (known === 'again') return goOn(ctx, ctx.path + ctx.search, 307);
        ctx.state['actor'] = known;
        if (off) throw featureOff(off);
        if (page.audience !== 'anybody' && !known)
          return goOn(ctx, signInPath(isForm ? formerPage(ctx) : localPath(ctx.url)));
        if (known?.factor_due && page.audience !== 'anybody' && !page.beforeFactor)
          return goOn(ctx, '/my/second-factor');
        const deed = page.audit === 'none' ? undefined : deedOf(ctx, page.audit);
        const actor = known && deed ? { ...known, deed } : known;
        const ask = async (): Promise<Ready> => {
          checkAudience(page.audience, actor);
          const params = paramsOf(ctx, page);
          const request = requestFacts(ctx, actor ? writeTimes.of(actor.user_id) : undefined);
          seen.asked = {
            actor,
            request,
            params,
            query: filledIn(ctx.query, page),
            values,
            formKey,
            deviceToken: sessions.deviceOf(ctx),
            flow: sessions.flowOf(ctx),
            search: ctx.search,
          };
          return handle(ctx, page, seen.asked);
        };
        const again = async (problem: Problem): Promise<string[] | undefined> =>
          (await shownAgain(problem).catch(() => undefined)) && ownOf(page, seen.asked!);
        if (deed) await answerAudited(ctx, { trail, deed, actor, again }, ask);
        else await (await ask()).leave();
      } catch (error) {
        await answers.refuse(ctx, error, shownAgain);
      }
    };
  }

  for (const page of pages) router[page.method](page.path, requestPath(page) as never);
  // A browser that knows the host only is led to the page of whoever it is; for other clients there is nothing here.
  const start = requestPath({
    ...{ method: 'get', path: '/', audience: 'anybody', audit: 'none' },
    handle: ({ actor }: { actor: Actor | null }) => Promise.resolve({ to: homeOf(actor?.role, features) }),
  });
  if (pages.length > 0)
    router.get('/', async (ctx, next) => {
      ctx.vary('Accept');
      await (ctx.accepts('json', 'html') === 'html' ? start(ctx, next) : next());
    });
  const nothing: AnyPage = {
    method: 'get',
    path: 'no page',
    audience: 'anybody',
    audit: 'none',
    handle: () => Promise.reject(notFound('page')),
  };
  router.get(
    ['/book/*rest', '/my/*rest', '/reports/*rest', '/shared/*rest', '/webhooks/*rest'],
    requestPath(nothing) as never,
  );
  for (const { path: address, type, text } of [stylesheet, reportsStylesheet, finder, icon])
    router.get(address, (ctx) => {
      ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
      ctx.type = type;
      ctx.body = text;
    });
  return router;
}
