import type { Context, Middleware } from 'koa';
import { flowSeconds, knownDeviceDays, type SessionsService } from '../../domains/identity/accounts/index.js';
import type { Limits } from '../../http/limits.js';
import type { RequestFacts } from '../../http/route.js';
import type { Actor } from '../../lib/actor.js';
import { Problem } from '../../lib/errors.js';
import type { Tokens } from '../page.js';

/*
 * A browser keeps the two tokens of a session in cookies of their own, which no script reads and no other site has
 * sent; both go when the browser is closed. A third cookie
 * stays: it makes the browser a known device, and signs nobody in. The API under /api looks at no cookie.
 */

export interface PageSessionDeps {
  readonly sessions: Pick<SessionsService['forActors'], 'refresh' | 'sessionOf' | 'replace'>;
  /** Who is behind verified claims; null when nobody is any more. */
  actorOf(claims: unknown): Promise<Actor | null>;
  readonly limits: Limits;
  /** Puts the verified claims of the access cookie into `ctx.state.claims`, or throws 401. */
  verifyCookie(cookie: string): Middleware;
  /** Over HTTPS only. */
  readonly secure: boolean;
}

export interface PageSessions {
  /** Who is signed in. `'again'`: with the cookies that the browser has by now, the same request will tell. */
  actorOf(ctx: Context, request: RequestFacts): Promise<Actor | null | 'again'>;
  /** The token of this browser as a device that has signed in before. */
  deviceOf(ctx: Context): string | undefined;
  /** Ends a session that another one takes the place of. */
  end(actor: Actor, request: RequestFacts): Promise<void>;
  /** What the browser has brought back from another site. */
  flowOf(ctx: Context): string | undefined;
  keepFlow(ctx: Context, flow: string | null): void;
  /** Hands out cookies, or takes them back; the device stays known. */
  keep(ctx: Context, tokens: Tokens): void;
}

export function createPageSessions({
  sessions,
  actorOf,
  limits,
  verifyCookie,
  secure,
}: PageSessionDeps): PageSessions {
  // With this prefix a browser takes the cookie from this very host only, over HTTPS, and for all paths.
  const prefix = secure ? '__Host-' : '';
  const access = `${prefix}access`;
  const refresh = `${prefix}refresh`;
  const device = `${prefix}device`;
  const flow = `${prefix}flow`;
  const verify = verifyCookie(access);

  const setCookie = (
    ctx: Context,
    name: string,
    value: string | null,
    seconds?: number,
    sameSite: 'Strict' | 'Lax' = 'Strict',
  ): void => {
    const attributes = ['Path=/', 'HttpOnly', `SameSite=${sameSite}`, ...(secure ? ['Secure'] : [])];
    if (value === null) attributes.push('Max-Age=0');
    else if (seconds !== undefined) attributes.push(`Max-Age=${seconds}`);
    ctx.append('Set-Cookie', [`${name}=${value ?? ''}`, ...attributes].join('; '));
  };

  function keep(ctx: Context, tokens: Tokens): void {
    setCookie(ctx, access, tokens?.access_token ?? null);
    setCookie(ctx, refresh, tokens?.refresh_token ?? null);
    if (tokens?.device_token) setCookie(ctx, device, tokens.device_token, knownDeviceDays * 86_400);
  }

  async function byAccessToken(ctx: Context): Promise<Actor | null> {
    if (!ctx.cookies.get(access)) return null;
    try {
      await verify(ctx, () => Promise.resolve());
    } catch (error) {
      if ((error as { status?: number }).status === 401) return null;
      throw error;
    }
    return actorOf(ctx.state['claims']);
  }

  /** A browser that starts with five tabs shows its token five times: each is given the same cookies. */
  async function byRefreshToken(ctx: Context, request: RequestFacts): Promise<'again' | null> {
    const token = ctx.cookies.get(refresh);
    if (!token) return null;
    const session_id = await sessions.sessionOf(null, token);
    // What somebody made up is counted nowhere: it uses up nothing of anybody else behind that address.
    if (session_id === null) {
      keep(ctx, null);
      return 'again';
    }
    keep(ctx, await renewed(token, session_id, request));
    return 'again';
  }

  /** null when the session is over. */
  async function renewed(token: string, session_id: string, request: RequestFacts): Promise<Tokens> {
    const { allowed, reset } = await limits.consume('auth', session_id);
    if (!allowed) throw new Problem('too_many_requests', undefined, { retryAfter: reset });
    try {
      return await sessions.refresh(null, token, request);
    } catch (error) {
      if (error instanceof Problem && error.code === 'refresh_token_refused') return null;
      throw error;
    }
  }

  return {
    keep,
    deviceOf: (ctx) => ctx.cookies.get(device),
    flowOf: (ctx) => ctx.cookies.get(flow),
    // Strict would not come back from another site.
    keepFlow: (ctx, value) => setCookie(ctx, flow, value, flowSeconds, 'Lax'),
    end: (actor, request) => sessions.replace(actor, request),
    actorOf: async (ctx, request) => (await byAccessToken(ctx)) ?? byRefreshToken(ctx, request),
  };
}
