import type Router from '@koa/router';
import type { Middleware } from 'koa';
import type { Limits } from '../http/limits.js';
import type { Logger } from '../lib/logger.js';
import type { WriteTimes } from '../lib/write-time.js';
import { accountPages } from './account/account.routes.js';
import { appointmentPages } from './booking/appointments.routes.js';
import { bookingPages } from './booking/booking.routes.js';
import { noticePages } from './account/notices.routes.js';
import { paperPages } from './booking/papers.routes.js';
import { createKit } from './kit.js';
import { reportPages } from './reports/reports.routes.js';
import { savedReportPages } from './reports/saved-reports.routes.js';
import { servePages } from './serve-pages.js';
import { createPageSessions } from './account/session.js';
import type { WebDeps } from './web.deps.js';

export interface PagesOptions extends WebDeps {
  readonly limits: Limits;
  readonly writeTimes: WriteTimes;
  readonly logger: Logger;
  /** See `PageSessionDeps`. */
  verifyCookie(cookie: string): Middleware;
  /** Served over HTTPS. */
  readonly secure: boolean;
}

/** WEB-1, WEB-3: the pages, server-rendered and without a script. */
export function pageRoutes({
  limits,
  writeTimes,
  logger,
  verifyCookie,
  secure,
  ...deps
}: PagesOptions): Router {
  const kit = createKit(deps);
  const pages = [
    ...bookingPages(kit),
    ...accountPages(deps),
    ...appointmentPages(kit),
    ...paperPages(deps),
    ...noticePages(deps),
    ...reportPages(deps),
    ...savedReportPages(deps),
  ];
  return servePages(pages, {
    sessions: createPageSessions({ sessions: deps.sessions, limits, verifyCookie, secure }),
    limits,
    writeTimes,
    logger,
    async viewerOf(actor) {
      const { name } = await deps.accounts.me(actor);
      const { items } = await deps.notifications.list(actor, { limit: 100, unread: true });
      return { name, unread: items.length, role: actor.role };
    },
  });
}
