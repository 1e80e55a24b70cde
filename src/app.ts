import { bodyParser } from '@koa/bodyparser';
import etag from '@koa/etag';
import type Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import conditional from 'koa-conditional-get';
import helmet from 'koa-helmet';
import type { Logger } from './lib/logger.js';
import { Problem } from './lib/errors.js';
import type { Metrics } from './http/metrics.js';
import { answerInTime } from './http/middleware/in-time.js';
import { answerProblems } from './http/middleware/problems.js';
import { logRequests, requestId } from './http/middleware/request-log.js';

interface AppParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly trustedProxyHops: number;
  /** By when each request is answered. */
  readonly answerMs: number;
  readonly routers: readonly Router[];
}

const readJson: Middleware = bodyParser({
  enableTypes: ['json'],
  parsedMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  jsonLimit: '100kb',
  jsonStrict: true,
  onError(error) {
    const { status, type } = error as { status?: number; type?: string };
    if (status === 413) throw new Problem('body_too_large');
    if (type === 'encoding.unsupported' || type === 'charset.unsupported') throw error;
    throw new Problem('malformed_json');
  },
});

/** The middleware, from the outside in. */
export function createApp(parts: AppParts): Koa {
  const app = new Koa({ proxy: parts.trustedProxyHops > 0, maxIpsCount: parts.trustedProxyHops });
  app.use(requestId);
  app.use(logRequests(parts.logger));
  app.use(parts.metrics.observe);
  app.use(helmet());
  app.use(conditional());
  app.use(etag());
  app.use(answerProblems(parts.logger));
  app.use(answerInTime(parts.answerMs));
  app.use(readJson);
  for (const router of parts.routers) {
    app.use(router.routes());
    app.use(router.allowedMethods());
  }
  // What breaks after the answer has begun (a client that went away in the middle of a stream) is nobody's problem+json.
  app.silent = true;
  app.on('error', (error: Error) => parts.logger.debug({ name: error.name }, 'a response was cut short'));
  return app;
}
