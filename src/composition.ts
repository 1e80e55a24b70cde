import type { Config } from './config.js';
import type { Stores } from './stores.js';
import type Koa from 'koa';
import packageJson from '../package.json' with { type: 'json' };
import { createApp } from './app.js';
import { createTransact } from './databases/mongo.js';
import { createOutbox } from './databases/outbox.js';
import { createDepartments } from './domains/departments/index.js';
import { createHospitals } from './domains/hospitals/index.js';
import { documentRoutes } from './http/documents.js';
import { createLimits } from './http/limits.js';
import { createMetrics } from './http/metrics.js';
import { mount } from './http/mount.js';
import { openApiDocument } from './http/openapi.js';
import { probeRoutes } from './http/probes.js';
import type { AnyRoute } from './http/route.js';
import type { Clock } from './lib/clock.js';
import { createNewId } from './lib/ids.js';
import type { Logger } from './lib/logger.js';

export interface Surroundings {
  readonly stores: Pick<Stores, 'connection' | 'knex'>;
  readonly config: Config;
  /** Signs access tokens; from the configuration or generated. */
  readonly jwtSecret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Wires databases → repositories → services → routes. The only place that knows all of them. */
export function compose({ stores, config, clock, logger }: Surroundings) {
  const { connection } = stores;
  const transact = createTransact(connection);
  const newId = createNewId(clock);
  const common = { connection, transact, clock, newId, logger };
  const outbox = createOutbox({ connection, clock, newId, logger });

  const hospitals = createHospitals({
    ...common,
    timeZone: config.hospitalTimeZone,
    countDepartments: (id, tx) => departments.service.countOfHospital(id, tx),
  });
  const departments = createDepartments({
    ...common,
    hospitals: hospitals.service,
    countDoctors: () => Promise.resolve(0),
    countPatients: () => Promise.resolve(0),
  });
  return {
    hospitals: hospitals.service,
    departments: departments.service,
    outbox,
    routes: [...hospitals.routes, ...departments.routes] as readonly AnyRoute[],
  };
}

export type Parts = ReturnType<typeof compose>;

/** The HTTP side of the parts. `isAccepting` turns false when a stop is asked for. */
export function createHttp(parts: Parts, around: Surroundings, isAccepting: () => boolean): Koa {
  const { stores, config, logger } = around;
  const metrics = createMetrics();
  const limits = createLimits(stores.connection, config.limits);
  const answers = (probe: Promise<unknown>): Promise<boolean> =>
    probe.then(
      () => true,
      () => false,
    );
  const check = async (): Promise<Record<string, boolean>> => ({
    mongodb: await answers(stores.connection.db!.admin().command({ ping: 1 }, { timeoutMS: 2000 })),
    postgres: await answers(stores.knex.raw('select 1').timeout(2000)),
  });
  const api = mount(parts.routes, {
    limits,
    verifyToken: (_ctx, next) => next(),
    actorOf: () => Promise.resolve(null),
  });
  const routers = [
    api,
    probeRoutes({ metrics, metricsToken: config.metricsToken, isAccepting, check }),
    documentRoutes(openApiDocument(parts.routes, packageJson.version)),
  ];
  return createApp({ logger, metrics, trustedProxyHops: config.trustedProxyHops, routers });
}
