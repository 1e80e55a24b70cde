import '@koa/bodyparser';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Actor } from '../lib/actor.js';
import { invalidField, Problem } from '../lib/errors.js';
import { featureOff, type Features } from '../lib/features.js';
import { onceOf, type Once } from '../lib/idempotency.js';
import { mayUse } from '../lib/permissions.js';
import { faultInLine } from '../lib/text.js';
import type { Trail } from '../lib/trail.js';
import type { LastWrite, WriteTimes } from '../lib/write-time.js';
import { answerAudited, deedOf, type Ready } from './auditing.js';
import { formatOf } from './formats.js';
import { addressKey, type Allowance, type Limits } from './limits.js';
import { takesMethod } from './middleware/allowed-methods.js';
import { parse } from './parse.js';
import { decodeHeader } from './read-text.js';
import { requestFacts } from './request-facts.js';
import { otherTypesOf, type AnyRoute, type Input, type Representation, type TaggedAnswer } from './route.js';
import { serialiser } from './serialise.js';

export const apiPrefix = '/api';

interface MountDeps {
  /** koa-jwt: puts the verified claims in `ctx.state.claims`, or throws 401. Asked only when there is a token. */
  readonly verifyToken: Middleware;
  /** The user behind verified claims, or null when the session has ended or the account is not active. */
  actorOf(claims: unknown): Promise<Actor | null>;
  readonly limits: Limits;
  readonly writeTimes: WriteTimes;
  readonly features: Features;
  readonly trail: Trail;
}

type AnyInput = Input<never, undefined, undefined, undefined>;

/** RFC 9110: an opaque tag between quotes, marked when it is weak. */
const entityTag = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/**
 * The version that `If-Match` names: `"v12"` → 12, `*` → any. A tag that we never gave, a weak one too, is no version's (-1). What
 * is no tag is refused, and so is a list: whoever sent it meant a check, and a record has one version.
 */
function versionOf(ctx: Context): number | undefined {
  const header = ctx.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const match = /^"v(\d{1,15})"$/.exec(header.trim());
  if (match) return Number(match[1]);
  if (entityTag.test(header.trim())) return -1;
  throw invalidField('/header/If-Match', 'must be one version as an ETag gives it ("v12"), or *');
}

async function authenticate(ctx: Context, route: AnyRoute, deps: MountDeps): Promise<Actor | null> {
  if (route.ignoresToken || !ctx.get('Authorization')) {
    if (route.permission === 'public') return null;
    throw new Problem('not_signed_in');
  }
  await deps.verifyToken(ctx, () => Promise.resolve());
  const actor = await deps.actorOf(ctx.state['claims']);
  if (!actor) throw new Problem('not_signed_in');
  return actor;
}

/** Says what is left, on a refusal too, and refuses when nothing is. */
function keepAllowance(ctx: Context, { allowed, limit, remaining, reset }: Allowance): void {
  ctx.set({
    'RateLimit-Limit': `${limit}`,
    'RateLimit-Remaining': `${remaining}`,
    'RateLimit-Reset': `${reset}`,
  });
  if (allowed) return;
  throw new Problem('too_many_requests', `At most ${limit} a minute; try again in ${reset} s.`, {
    retryAfter: reset,
    more: { limit },
  });
}

/** On other routes the header means nothing: they are safe to send again as they are. */
function readOnce(ctx: Context, route: AnyRoute, actor: Actor | null, request: unknown): Once | undefined {
  if (!route.idempotent || !actor || ctx.headers['idempotency-key'] === undefined) return undefined;
  const key = ctx.get('Idempotency-Key');
  const name = `${route.method} ${route.path}`;
  return onceOf(key, actor.user_id, name, request, () => {
    ctx.set('Idempotent-Replayed', 'true');
    // What the first request entered is its own.
    if (actor.deed) actor.deed.isEntered = false;
  });
}

/** Why a record is to be opened that is not of the doctor's own patients; on other routes the header means nothing. */
function readBreakGlass(ctx: Context, route: AnyRoute): string | null {
  if (!route.breaksGlass || ctx.headers['break-glass'] === undefined) return null;
  const reason = decodeHeader(ctx.get('Break-Glass'), 'Break-Glass').trim();
  if (reason.length >= 10 && reason.length <= 500 && faultInLine(reason) === undefined) return reason;
  throw invalidField('/header/Break-Glass', 'must say why, in 10 to 500 characters');
}

async function readAfter(
  ctx: Context,
  route: AnyRoute,
  actor: Actor | null,
  { writeTimes }: MountDeps,
): Promise<LastWrite | undefined> {
  if (!route.readsAfter || !actor) return undefined;
  const own = writeTimes.of(actor.user_id);
  return ctx.headers['read-after'] === undefined ? own : writeTimes.laterOf(own, ctx.get('Read-After'));
}

/** Names a moment after the write, for the one who reads from another process next. */
function rememberWrite(ctx: Context, route: AnyRoute, actor: Actor | null, { writeTimes }: MountDeps): void {
  if (route.method === 'get' || !actor) return;
  const at = writeTimes.remember(actor.user_id);
  if (at !== undefined) ctx.set('Written-At', `${at}`);
}

/** A body of any other type is refused, not guessed at; a route that takes one reads a missing body as `{}`. */
function bodyOf(ctx: Context, route: AnyRoute): unknown {
  const hasBody = ctx.get('Transfer-Encoding') !== '' || Number(ctx.get('Content-Length') || 0) > 0;
  if (hasBody && !ctx.is('application/json')) throw new Problem('unsupported_media_type');
  return route.body ? (ctx.request.body ?? {}) : ctx.request.body;
}

/** The media type to answer with: `?format=csv` before `Accept`; JSON unless asked otherwise. */
function chooseType(ctx: Context, route: AnyRoute): string {
  const others = otherTypesOf(route);
  const format = ctx.query['format'];
  if (others.length > 0 && typeof format === 'string') {
    const type = ['application/json', ...others].find((candidate) => formatOf(candidate) === format);
    if (!type) {
      const message = `must be one of json, ${others.map(formatOf).join(', ')}`;
      const errors = [{ pointer: '/query/format', message }];
      throw new Problem('not_acceptable', `/query/format ${message}`, { errors });
    }
    return type;
  }
  const type = ctx.accepts(['application/json', ...others]);
  if (!type) throw new Problem('not_acceptable');
  return typeof type === 'string' ? type : type[0];
}

function linkNext(ctx: Context, value: unknown): void {
  const next = (value as { next_cursor?: string | null } | null)?.next_cursor;
  if (!next) return;
  const query = new URLSearchParams(ctx.querystring);
  query.set('cursor', next);
  ctx.set('Link', `<${ctx.path}?${query.toString()}>; rel="next"`);
}

function respond(ctx: Context, route: AnyRoute, value: unknown): void {
  ctx.set('Cache-Control', route.cache === 'revalidate' ? 'private, no-cache' : 'no-store');
  ctx.status = route.status ?? (route.response ? 200 : 204);
  const version = (value as { version?: unknown } | null | undefined)?.version;
  if (typeof version === 'number') ctx.set('ETag', `"v${version}"`);
  if (route.derived) delete ctx.req.headers['if-none-match'];
  linkNext(ctx, value);
}

function respondAs(ctx: Context, type: string, { content, filename }: Representation): void {
  ctx.type = type;
  if (filename) ctx.attachment(filename);
  ctx.body = content;
}

/** Weak: the same figures, whenever they were computed. */
const weak = (etag: string): string => `W/"${etag}"`;

async function respondTagged(
  ctx: Context,
  route: AnyRoute,
  type: string,
  answer: TaggedAnswer,
): Promise<void> {
  respond(ctx, route, { next_cursor: answer.next_cursor });
  if (answer.patient_ids) ctx.set('Cache-Control', 'no-store');
  ctx.set('ETag', weak(answer.etag));
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  // A refusal has no tag.
  ctx.remove('ETag');
  const { etag, ...content } = await answer.content();
  ctx.set('ETag', weak(etag));
  respondAs(ctx, type, content);
}

/** What the request asks for, done, and how the answer leaves. */
async function handle(
  ctx: Context,
  route: AnyRoute,
  { actor, type, input, deps }: { actor: Actor | null; type: string; input: AnyInput; deps: MountDeps },
  write: ((value: unknown) => string | Buffer) | undefined,
): Promise<Ready> {
  if ('answer' in route) {
    const answer = await route.answer(input as never, type);
    return { patient_ids: answer.patient_ids, leave: () => respondTagged(ctx, route, type, answer) };
  }
  const value = await route.handle(input as never);
  rememberWrite(ctx, route, actor, deps);
  return {
    patient_ids: route.audit === 'none' ? undefined : route.audit.whose(value as never, input as never),
    async leave() {
      respond(ctx, route, value);
      if (route.location) ctx.set('Location', apiPrefix + route.location(value as never));
      const represent = route.representations?.[type];
      if (represent) respondAs(ctx, type, await represent(value as never, input as never));
      else if (write) respondAs(ctx, 'application/json', { content: write(value) });
    },
  };
}

/** The actor with what the trail is to say of this request, where the route touches a patient's record. */
function deedBy(ctx: Context, { audit, breaksGlass }: AnyRoute, actor: Actor | null): Actor['deed'] {
  if (audit === 'none' || audit.when?.(ctx.query) === false) return undefined;
  const deed = deedOf(ctx, audit.action);
  const isGlassBroken = breaksGlass && actor?.role === 'doctor' && ctx.headers['break-glass'] !== undefined;
  return isGlassBroken ? { ...deed, purpose: deed.purpose ?? 'BTG' } : deed;
}

/**
 * The one path of a request: limit by address → authenticate → limit by actor → permission → parse → handle → audit →
 * serialise. A sign-in is limited after its body is read, because it counts by account too.
 */
function requestPath(route: AnyRoute, deps: MountDeps): Middleware {
  const { feature } = route;
  if (feature && !deps.features[feature]) return () => Promise.reject(featureOff(feature));
  const limit = route.limit ?? (route.method === 'get' ? 'read' : 'write');
  const write = route.response && serialiser(route.response);
  return async (ctx: Context) => {
    const address = addressKey(ctx.ip);
    const limitBy = async (key: string, name = limit): Promise<void> =>
      keepAllowance(ctx, await deps.limits.consume(name, key));
    const anonymous = route.ignoresToken || !ctx.get('Authorization');
    // A sign-in counts here by the address, whichever accounts are tried from it, and below by the account too.
    if (route.limitKey) await limitBy(`${address}|accounts`, 'auth');
    else if (anonymous && !route.limitedBy) await limitBy(address);
    const known = await authenticate(ctx, route, deps).catch(async (refusal: { status?: number }) => {
      // Each look at a token costs a signature. Counted apart, or an expired one would use up its own refresh.
      if (!anonymous && refusal.status === 401)
        await limitBy(`${address}|token`, route.method === 'get' ? 'auth' : limit);
      throw refusal;
    });
    ctx.state['actor'] = known;
    if (known && !route.limitKey) await limitBy(known.user_id);
    const deed = deedBy(ctx, route, known);
    const actor = known && deed ? { ...known, deed } : known;
    const ask = async (): Promise<Ready> => {
      if (actor && !mayUse(actor.role, route.permission)) throw new Problem('forbidden');
      if (actor?.factor_due && route.permission !== 'public' && !route.beforeFactor)
        throw new Problem('second_factor_due');
      const type = chooseType(ctx, route);
      const raw = { params: ctx['params'] as unknown, query: { ...ctx.query }, body: bodyOf(ctx, route) };
      const parsed = parse(route, raw);
      if (route.limitKey) await limitBy(`${address}|${route.limitKey(parsed.body as never)}`);
      if (route.limitedBy) await limitBy((await route.limitedBy(parsed.body as never)) ?? address);
      const input = {
        ...parsed,
        actor,
        ifMatch: versionOf(ctx),
        once: readOnce(ctx, route, actor, parsed),
        request: requestFacts(ctx, await readAfter(ctx, route, actor, deps), readBreakGlass(ctx, route)),
      } as unknown as AnyInput;
      return handle(ctx, route, { actor, type, input, deps }, write);
    };
    if (deed) await answerAudited(ctx, { trail: deps.trail, deed, actor }, ask);
    else await (await ask()).leave();
  };
}

/** Puts the routes on a router under `/api`. The pattern of the matched route is left in `ctx.state.route` for the metrics. */
export function mount(routes: readonly AnyRoute[], deps: MountDeps): Router {
  const router = new Router({ prefix: apiPrefix, strict: true, exclusive: 'specificity' });
  for (const route of routes) {
    router[route.method](
      route.path,
      async (ctx, next) => {
        // The router also gives a method that an address does not have to a neighbour whose pattern fits it.
        if (!takesMethod(ctx)) return;
        ctx.state['route'] = route.path;
        await next();
      },
      requestPath(route, deps) as never,
    );
  }
  return router;
}
