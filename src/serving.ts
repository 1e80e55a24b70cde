import type Koa from 'koa';
import packageJson from '../package.json' with { type: 'json' };
import { createApp } from './app.js';
import type { Parts, Surroundings } from './composition.js';
import { unattended } from './contracts/hand-overs.js';
import { documentRoutes } from './http/documents.js';
import { createLimits } from './http/limits.js';
import { createMetrics } from './http/metrics.js';
import { verifyToken } from './http/middleware/verify-token.js';
import { mount } from './http/mount.js';
import { openApiDocument } from './http/openapi.js';
import { probeRoutes } from './http/probes.js';
import { within } from './lib/within.js';
import { pageRoutes } from './web/index.js';

/** What the pages may use: of records that are somebody's, the public doors only. */
export const doorsOf = (parts: Parts) => ({
  ...{ hospitals: parts.hospitals, departments: parts.departments, doctors: parts.doctors },
  accounts: parts.accounts.forActors,
  sessions: parts.sessions.forActors,
  invitations: parts.invitations.forActors,
  recovery: parts.recovery.forActors,
  secondFactor: parts.secondFactor.forActors,
  administration: parts.administration.forActors,
  profile: parts.profile.forActors,
  providerLogin: parts.providerLogin.forActors,
  appointments: parts.appointments.forActors,
  billing: parts.billing.forActors,
  payments: parts.payments.forActors,
  notifications: parts.notifications.forActors,
  webhooks: parts.webhooks.forActors,
  webhookDeliveries: parts.webhookDeliveries.forActors,
  waitingList: parts.waitingList.forActors,
  catalogue: parts.reports.reports,
  reports: parts.reports.forActors,
  drills: parts.drills.forActors,
  savedReports: parts.savedReports.forActors,
  deliveries: parts.deliveries.forActors,
  targets: parts.targets.forActors,
  reportLinks: parts.reportLinks.forActors,
  timeline: parts.timeline.forActors,
  emergencyAccess: parts.emergencyAccess.forActors,
  operations: parts.operations.forActors,
  auditTrail: parts.trail.forActors,
  rendering: parts.rendering,
});

/** The HTTP side of the parts. `isAccepting` turns false when a stop is asked for. */
export function createHttp(parts: Parts, around: Surroundings, isAccepting: () => boolean): Koa {
  const { stores, config, logger } = around;
  const metrics = createMetrics(() => parts.reconciliation.last(), parts.mirror?.seen);
  const limits = createLimits(stores.connection, config.limits);
  const answers = (probe: PromiseLike<unknown>): Promise<boolean> =>
    within(
      2_000,
      Promise.resolve(probe).then(
        () => true,
        () => false,
      ),
      () => false,
    );
  const check = async (): Promise<Record<string, boolean>> => ({
    mongodb: await answers(stores.connection.db!.admin().command({ ping: 1 })),
    postgres: await answers(stores.knex.raw('select 1')),
  });
  const api = mount(parts.routes, {
    limits,
    writeTimes: parts.writeTimes,
    features: config.features,
    trail: parts.audit,
    verifyToken: verifyToken(parts.tokens),
    actorOf: (claims) => parts.sessions.actorOf(claims),
  });
  const pages = pageRoutes({
    ...doorsOf(parts),
    ...{ limits, logger, clock: around.clock, writeTimes: parts.writeTimes, modules: config.modules },
    trail: parts.audit,
    actorOf: parts.sessions.actorOf,
    verifyCookie: (cookie) => verifyToken(parts.tokens, cookie),
    features: config.features,
    secure: config.production || config.tls !== undefined,
    currency: config.payments.currency,
    takesCards: config.payments.provider !== null,
    bookingDays: config.bookingDays,
    refundPolicy: config.refundPolicy,
    publicUrl: config.publicUrl,
    timeZone: config.hospitalTimeZone,
    reportTimeZone: config.reportTimeZone,
  });
  const routers = [
    api,
    pages,
    probeRoutes({
      ...{ metrics, metricsToken: config.metricsToken, features: config.features },
      ...{ isAccepting, check, modules: config.modules },
      unattended: () =>
        within<readonly string[], undefined>(
          2_000,
          parts.processes
            .runningModules()
            .then((running) => unattended(new Set([...running, ...config.modules]))),
          () => undefined,
        ).catch(() => undefined),
    }),
    documentRoutes(() => openApiDocument(parts.allRoutes, packageJson.version)),
  ];
  // A write that is tried again takes 30 s, a report its own limit in each of the stores at the same time.
  const answerMs = (config.reports.seconds + 40) * 1_000;
  return createApp({ logger, metrics, trustedProxyHops: config.trustedProxyHops, answerMs, routers });
}
