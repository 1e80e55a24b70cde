import type { Context } from 'koa';
import { toProblem } from '../http/middleware/problems.js';
import type { Actor } from '../lib/actor.js';
import { Problem } from '../lib/errors.js';
import type { Features } from '../lib/features.js';
import { loggable, type Logger } from '../lib/logger.js';
import { homeOf } from './home.js';
import { renderPage } from './layout.js';
import type { Reply, View, Viewer } from './page.js';
import { problemPage } from './problem.page.js';
import type { PageSessions } from './account/session.js';

export interface AnswerDeps {
  readonly sessions: PageSessions;
  readonly logger: Logger;
  readonly features: Features;
  viewerOf(actor: Actor): Promise<Viewer>;
}

/** Nothing runs, unless a page says so, and nothing is loaded from elsewhere; a form goes to nobody but us. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/** What a page needs more that has a script of ours. */
const scripted = ["script-src 'self'", "connect-src 'self'"];

export function protect(ctx: Context): void {
  ctx.set({
    'Content-Security-Policy': contentSecurityPolicy.join('; '),
    'X-Frame-Options': 'DENY',
    // Without any referrer a browser sends a form with `Origin: null`.
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
}

export function goOn(ctx: Context, to: string, status: 303 | 307 = 303): void {
  ctx.redirect(to);
  ctx.status = status;
  ctx.body = '';
}

/** How replies and refusals become what a browser gets. */
export function createAnswers({ sessions, logger, features, viewerOf }: AnswerDeps) {
  async function show(ctx: Context, view: View): Promise<void> {
    const actor = ctx.state['actor'] as Actor | null | undefined;
    // A page about what is broken must not need what is broken.
    const viewer = actor
      ? await viewerOf(actor).catch(() => ({ name: '', unread: 0, role: actor.role }))
      : null;
    if (view.script) ctx.set('Content-Security-Policy', [...contentSecurityPolicy, ...scripted].join('; '));
    ctx.type = 'html';
    ctx.body = renderPage(view, { viewer, path: ctx.path, features });
  }

  return {
    async reply(ctx: Context, reply: Reply): Promise<void> {
      if ('view' in reply || 'to' in reply) {
        if (reply.tokens !== undefined) sessions.keep(ctx, reply.tokens);
        if (reply.flow !== undefined) sessions.keepFlow(ctx, reply.flow);
        if ('to' in reply) return goOn(ctx, reply.to);
        if (reply.then !== undefined) ctx.set('Refresh', `0; url=${reply.then}`);
        return show(ctx, reply.view);
      }
      if ('data' in reply) {
        ctx.body = reply.data;
        return;
      }
      ctx.attachment(reply.filename);
      ctx.type = reply.type;
      ctx.body = reply.file;
    },

    /**
     * `again` shows the form with what is wrong, where the page can. What we did not foresee is logged whole and answered as a
     * bare 500.
     */
    async refuse(
      ctx: Context,
      error: unknown,
      again: (problem: Problem) => Promise<View | undefined>,
    ): Promise<void> {
      const log = (unforeseen: unknown): void =>
        logger.error({ error: loggable(unforeseen), request_id: ctx.state['requestId'] }, 'unforeseen error');
      const foreseen = toProblem(error);
      if (!foreseen) log(error);
      const problem = foreseen ?? new Problem('internal_error');
      ctx.state['problem'] = problem.code;
      const view = await again(problem).catch((second: unknown) => {
        // The form needs records that are not available, or not by this actor.
        if (!toProblem(second)) log(second);
        return undefined;
      });
      const actor = ctx.state['actor'] as Actor | null | undefined;
      await show(ctx, view ?? problemPage(problem, homeOf(actor?.role, features)));
      ctx.status = problem.status;
      const { retryAfter } = problem.options;
      if (retryAfter !== undefined) ctx.set('Retry-After', `${retryAfter}`);
    },
  };
}
