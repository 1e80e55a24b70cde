import type Router from '@koa/router';
import type { ModuleName } from '../contracts/modules.js';
import type { Limits } from '../http/limits.js';
import type { FeatureName } from '../lib/features.js';
import type { Logger } from '../lib/logger.js';
import type { Trail } from '../lib/trail.js';
import type { WriteTimes } from '../lib/write-time.js';
import { accountPages } from './account/account.routes.js';
import { appointmentPages } from './booking/appointments.routes.js';
import { billPages } from './booking/bills.routes.js';
import { bookingPages } from './booking/booking.routes.js';
import { noticePages } from './account/notices.routes.js';
import { paperPages } from './booking/papers.routes.js';
import { createKit } from './kit.js';
import { operationsPages } from './operations/operations.routes.js';
import { reportPages } from './reports/reports.routes.js';
import { savedReportPages } from './reports/saved-reports.routes.js';
import { emergencyAccessPages } from './patients/emergency-accesses.routes.js';
import { timelinePages } from './patients/timeline.routes.js';
import type { AnyPage } from './page.js';
import { servePages } from './serve-pages.js';
import { createPageSessions, type PageSessionDeps } from './account/session.js';
import type { WebDeps } from './web.deps.js';
import { webhookPages } from './webhooks/webhooks.routes.js';

interface PagesOptions extends WebDeps, Pick<PageSessionDeps, 'actorOf' | 'verifyCookie' | 'secure'> {
  /** Those whose pages are served. */
  readonly modules: readonly ModuleName[];
  readonly limits: Limits;
  readonly trail: Trail;
  readonly writeTimes: WriteTimes;
  readonly logger: Logger;
}

const partOf = (feature: FeatureName, pages: readonly AnyPage[]): AnyPage[] =>
  pages.map((page) => ({ ...page, features: [feature, ...(page.features ?? [])] }));

/** WEB-1, WEB-3: the pages of these modules, each with the features that it is a part of. */
export function pagesOf(modules: readonly ModuleName[], deps: WebDeps): AnyPage[] {
  const kit = createKit(deps);
  const pages: Partial<Record<ModuleName, readonly AnyPage[]>> = {
    identity: accountPages(deps),
    clinical: [
      ...[...timelinePages(deps), ...emergencyAccessPages(deps)],
      ...partOf('booking_pages', [
        ...[...bookingPages(kit), ...appointmentPages(kit)],
        ...[...billPages(deps), ...paperPages(deps)],
      ]),
    ],
    messages: [...noticePages(deps), ...partOf('webhooks', webhookPages(deps))],
    exchange: operationsPages(deps),
    reports: partOf('report_pages', [
      ...reportPages(deps),
      ...partOf('saved_reports', savedReportPages(deps)),
    ]),
  };
  return modules.flatMap((name) => pages[name] ?? []);
}

/** The pages on a router, server-rendered. All of them work without a script. */
export function pageRoutes({
  modules,
  limits,
  trail,
  writeTimes,
  logger,
  actorOf,
  verifyCookie,
  secure,
  ...deps
}: PagesOptions): Router {
  return servePages(pagesOf(modules, deps), {
    sessions: createPageSessions({ sessions: deps.sessions, actorOf, limits, verifyCookie, secure }),
    limits,
    trail,
    writeTimes,
    logger,
    features: deps.features,
    async viewerOf(actor) {
      const { name } = await deps.accounts.me(actor);
      const { items } = await deps.notifications.list(actor, { limit: 100, unread: true });
      return { name, unread: items.length, role: actor.role };
    },
  });
}
