import type { Context, Middleware } from 'koa';
import { isPassingMongoFailure, isPassingPostgresFailure, isTimeLimit } from '../../databases/failures.js';
import { Problem, problems, type ProblemCode } from '../../lib/errors.js';
import { loggable, type Logger } from '../../lib/logger.js';
import { ClientGone } from '../request-facts.js';

/** Koa, its router, koa-jwt and the body parser throw errors with a status; these are the ones they have. */
const byStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'invalid_request',
  401: 'not_signed_in',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  501: 'method_not_allowed',
};

/** What a client is told of an error; undefined for one that nobody foresaw. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (isTimeLimit(error))
    return new Problem('timed_out', 'Narrow the period or add a filter.', { retryAfter: 5 });
  if (isPassingMongoFailure(error) || isPassingPostgresFailure(error)) {
    return new Problem('unavailable', undefined, { retryAfter: 2 });
  }
  // The router's look at a request line that is no address.
  if ((error as { code?: unknown }).code === 'ERR_INVALID_URL') return new Problem('malformed_http');
  const { status, expose, type } = error as { status?: number; expose?: boolean; type?: string };
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new Problem('unsupported_media_type');
  const code = status === undefined ? undefined : byStatus[status];
  return code && (expose || status === 501) ? new Problem(code) : undefined;
}

function write(ctx: Context, problem: Problem): void {
  const { code, detail, status, options } = problem;
  ctx.status = status;
  ctx.body = JSON.stringify({
    type: `/problems/${code}`,
    title: problems[code].title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    instance: ctx.state['requestId'] as string,
    ...(options.errors ? { errors: options.errors } : {}),
    ...options.more,
  });
  ctx.type = 'application/problem+json';
  ctx.set('Cache-Control', 'no-store');
  if (options.retryAfter !== undefined) ctx.set('Retry-After', `${options.retryAfter}`);
  if (status === 401) ctx.set('WWW-Authenticate', 'Bearer');
}

/** For the log alone, by the status that nginx made known. */
function leave(ctx: Context): void {
  ctx.status = 499;
  ctx.state['problem'] = 'client_gone';
}

/** Turns whatever is thrown into problem+json; what we did not foresee is logged whole and answered as a bare 500. */
export function answerProblems(logger: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      // Koa's and its router's silent refusals: nothing matched, or not with this method.
      const silent = ctx.body === undefined ? byStatus[ctx.status] : undefined;
      if (silent) throw new Problem(silent);
    } catch (error) {
      if (error instanceof ClientGone) return leave(ctx);
      const problem = toProblem(error);
      if (!problem)
        logger.error({ error: loggable(error), request_id: ctx.state['requestId'] }, 'unforeseen error');
      ctx.state['problem'] = problem?.code ?? 'internal_error';
      write(ctx, problem ?? new Problem('internal_error'));
    }
  };
}
