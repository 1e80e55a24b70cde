import type { Middleware } from 'koa';
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly observe: Middleware;
}

/** One registry an app, so that tests can run several; labels are route patterns, never addresses with ids in them. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const labelNames = ['method', 'route', 'status'] as const;
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const refused = new Counter({
    name: 'http_problems_total',
    help: 'Refusals by their code',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    registry,
    async observe(ctx, next) {
      const stop = duration.startTimer();
      await next();
      const route = (ctx.state['route'] as string | undefined) ?? 'unmatched';
      stop({ method: ctx.method, route, status: String(ctx.status) });
      const code = ctx.state['problem'] as string | undefined;
      if (code) refused.inc({ code });
    },
  };
}
