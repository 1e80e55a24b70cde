import { setTimeout as sleep } from 'node:timers/promises';
import type { Middleware } from 'koa';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly observe: Middleware;
}

/** What was left of each kind of difference between the stores when it was last looked for, by any process. */
interface DriftSeen {
  readonly left: Readonly<Record<string, number>>;
  readonly at: Date | null;
}

/** How far the rows that reports answer from have come. */
interface MirrorSeen {
  readonly is_live: boolean;
  /** For how long something that was written may not be in them; null while they are read. */
  readonly lag_seconds: number | null;
  /** Documents that cannot be counted. */
  readonly failed: number;
}

/** A scrape does not wait longer for a store that is away: the figures stay as they were. */
const seenWithinMs = 1_000;

/** Gauges that are collected at once share one look. */
function shared<T>(seen: () => Promise<T>): () => Promise<T | null> {
  let looking: Promise<T | null> | undefined;
  return () =>
    (looking ??= Promise.race([seen(), sleep(seenWithinMs, null, { ref: false })])
      .catch(() => null)
      .finally(() => (looking = undefined)));
}

function addMirror(registry: Registry, seen: () => MirrorSeen): void {
  const gauge = (name: string, help: string, valueOf: (one: MirrorSeen) => number): Gauge =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(valueOf(seen()));
      },
    });
  gauge(
    'mirror_lag_seconds',
    'For how long what was written may not be in the rows that reports answer from',
    ({ lag_seconds }) => lag_seconds ?? NaN,
  );
  gauge(
    'mirror_live',
    '1 when reports answer from the rows of this process, 0 while these are read or have failed',
    ({ is_live }) => Number(is_live),
  );
  gauge('mirror_failed_documents', 'Documents that cannot be counted', ({ failed }) => failed);
}

function addDrift(registry: Registry, seen: () => Promise<DriftSeen>): void {
  const look = shared(seen);
  new Gauge({
    name: 'reconcile_drift',
    help: 'Differences between the two stores that were left, by kind',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      for (const [kind, left] of Object.entries((await look())?.left ?? {})) this.set({ kind }, left);
    },
  });
  new Gauge({
    name: 'reconcile_last_run_timestamp_seconds',
    help: 'When the two stores were last compared',
    registers: [registry],
    async collect() {
      const at = (await look())?.at;
      if (at) this.set(at.getTime() / 1000);
    },
  });
}

/** One registry an app, so that tests can run several; labels are route patterns, never addresses with ids in them. */
export function createMetrics(
  driftSeen: () => Promise<DriftSeen>,
  /** Undefined where the process has none. */
  mirrorSeen: (() => MirrorSeen) | undefined,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addDrift(registry, driftSeen);
  if (mirrorSeen) addMirror(registry, mirrorSeen);
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
