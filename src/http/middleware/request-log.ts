import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Actor } from '../../lib/actor.js';
import type { Logger } from '../../lib/logger.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Every request has an id: the client's `X-Request-Id` when it looks like one, else a new one; it is sent back. */
export const requestId: Middleware = async (ctx, next) => {
  const given = ctx.get('X-Request-Id');
  const id = uuid.test(given) ? given : randomUUID();
  ctx.state['requestId'] = id;
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
