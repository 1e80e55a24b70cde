import { hash, timingSafeEqual } from 'node:crypto';
import Router from '@koa/router';
import type { Context } from 'koa';
import { Problem } from '../lib/errors.js';
import type { Features } from '../lib/features.js';
import { isLoopback } from '../lib/loopback.js';
import type { Metrics } from './metrics.js';

interface ProbeDeps {
  readonly metrics: Metrics;
  readonly metricsToken: string | undefined;
  readonly features: Features;
  /** False from the moment that a stop is asked for: load balancers look elsewhere before the door closes. */
  isAccepting(): boolean;
  /** The modules that this process runs. */
  readonly modules: readonly string[];
  /** The hand-overs whose module no live process runs; undefined when that cannot be found out. */
  unattended(): Promise<readonly string[] | undefined>;
  /** Each dependency and whether it answers now. */
  check(): Promise<Readonly<Record<string, boolean>>>;
}

/** What proxies add, by name: a request that has come through one has its client elsewhere, wherever the proxy runs. */
const added = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Asked by a program of this machine: its own connection, this machine's name, and nobody between. */
function isOfThisMachine({ req }: Context): boolean {
  const name = (req.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return (
    isLoopback(req.socket.remoteAddress ?? '') &&
    isLoopback(name) &&
    !added.some((header) => header in req.headers)
  );
}

/** In a time that tells nothing of where they differ. */
const isSame = (given: string, wanted: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', wanted, 'buffer'));

/** `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: Prometheus, by token or from this machine. */
export function probeRoutes(deps: ProbeDeps): Router {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    const [checks, unattended] = await Promise.all([deps.check(), deps.unattended()]);
    const ready = deps.isAccepting() && Object.values(checks).every(Boolean);
    ctx.status = ready ? 200 : 503;
    ctx.body = {
      status: ready ? 'ready' : 'not ready',
      accepting: deps.isAccepting(),
      ...checks,
      modules: deps.modules,
      unattended_hand_overs: unattended,
      features: deps.features,
    };
  });
  router.get('/metrics', async (ctx) => {
    const given = ctx.get('Authorization');
    const allowed =
      deps.metricsToken === undefined ? isOfThisMachine(ctx) : isSame(given, `Bearer ${deps.metricsToken}`);
    if (!allowed) throw new Problem('not_signed_in');
    ctx.type = deps.metrics.registry.contentType;
    ctx.body = await deps.metrics.registry.metrics();
  });
  return router;
}
