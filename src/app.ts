import { bodyParser } from '@koa/bodyparser';
import etag from '@koa/etag';
import type Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import conditional from 'koa-conditional-get';
import helmet from 'koa-helmet';
import type { Logger } from './lib/logger.js';
import { Problem } from './lib/errors.js';
import type { Metrics } from './http/metrics.js';
import { allowMethods } from './http/middleware/allowed-methods.js';
import { checkCharset, checkEscapes, decodeBody } from './http/read-text.js';
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

/** Each character a byte of the body: what it says is for `parseJson` to read, strictly. */
const readBytes: Middleware = bodyParser({
  enableTypes: ['text'],
  extendTypes: { text: ['application/json'] },
  encoding: 'binary',
  parsedMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  textLimit: '100kb',
  onError(error) {
    const { status, type } = error as { status?: number; type?: string };
    if (status === 413) throw new Problem('body_too_large');
    if (type === 'encoding.unsupported') throw error;
    throw new Problem('malformed_json');
  },
});

/** An object or a list; nothing is `{}`. */
function parsedJson(text: string): unknown {
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new Problem('malformed_json');
}

const parseJson: Middleware = async (ctx, next) => {
  const { body } = ctx.request;
  if (typeof body === 'string') {
    checkCharset(ctx);
    ctx.request.body = parsedJson(decodeBody(Buffer.from(body, 'latin1')));
  }
  await next();
};

const checkAddress: Middleware = async (ctx, next) => {
  checkEscapes(ctx.req.url ?? '/', 'The address');
  await next();
};

/** Of what is no page: nothing of it runs, loads anything or is framed; a picture that is opened by itself may have its styles. */
const headers = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
} as const;

/** The middleware, from the outside in. */
export function createApp(parts: AppParts): Koa {
  const app = new Koa({ proxy: parts.trustedProxyHops > 0, maxIpsCount: parts.trustedProxyHops });
  app.use(requestId);
  app.use(logRequests(parts.logger));
  app.use(parts.metrics.observe);
  app.use(helmet(headers));
  app.use(conditional());
  app.use(etag());
  app.use(answerProblems(parts.logger));
  app.use(answerInTime(parts.answerMs));
  app.use(checkAddress);
  app.use(readBytes);
  app.use(parseJson);
  app.use(allowMethods);
  for (const router of parts.routers) app.use(router.routes());
  // What breaks after the answer has begun (a client that went away in the middle of a stream) is nobody's problem+json.
  app.silent = true;
  app.on('error', (error: Error) => parts.logger.debug({ name: error.name }, 'a response was cut short'));
  return app;
}
