import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Actor } from '../../lib/actor.js';
import type { Logger } from '../../lib/logger.js';

/** A UUID, a ULID, a trace id: what a proxy or a client names its requests by. */
const clientsId = /^[\w-]{16,64}$/;

/**
 * Every request has an id of ours, which is sent back and stands in the log and the audit. A client's `X-Request-Id` is logged
 * beside it: as ours, anybody could give their deeds the id of another's request.
 */
export const requestId: Middleware = async (ctx, next) => {
  const given = ctx.get('X-Request-Id');
  const id = randomUUID();
  ctx.state['requestId'] = id;
  if (clientsId.test(given)) ctx.state['clientRequestId'] = given;
  ctx.set('X-Request-Id', id);
  await next();
};

/** One line a request. The route's pattern is logged, not the address: ids and searches in it are a patient's. */
export function logRequests(logger: Logger): Middleware {
  return async (ctx, next) => {
    const started = process.hrtime.bigint();
    await next();
    const actor = ctx.state['actor'] as Actor | null | undefined;
    logger.info(
      {
        request_id: ctx.state['requestId'],
        client_request_id: ctx.state['clientRequestId'],
        method: ctx.method,
        route: ctx.state['route'] ?? 'unmatched',
        status: ctx.status,
        code: ctx.state['problem'],
        ms: Number(process.hrtime.bigint() - started) / 1e6,
        user_id: actor?.user_id,
        role: actor?.role,
      },
      'request',
    );
  };
}
