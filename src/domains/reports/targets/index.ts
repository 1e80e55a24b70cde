import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createTargetWatch, type TargetWatch, type TargetWatchDeps } from './target-watch.service.js';
import { createTargetRepository } from './targets.repository.js';
import { targetRoutes } from './targets.routes.js';
import { createTargetsService, type TargetsDeps, type TargetsService } from './targets.service.js';

export { chartGoals } from './targets.chart.js';
export type { TargetsService } from './targets.service.js';
export type { TargetWatch } from './target-watch.service.js';
export { daysOfTarget, dayText, figureOf, isMet, targetColumns } from './targets.rules.js';
export { directionWords, targetDirections } from './targets.types.js';
export type { Target } from './targets.types.js';

type Deps = Omit<TargetsDeps & TargetWatchDeps, 'targets' | 'reports'> & {
  readonly connection: Connection;
  readonly reports: TargetWatchDeps['reports'] & { readonly reports: TargetsDeps['reports'] };
};

export function createTargets({ connection, reports, ...deps }: Deps): {
  service: TargetsService;
  watch: TargetWatch;
  routes: readonly AnyRoute[];
} {
  const targets = createTargetRepository(connection);
  const service = createTargetsService({ ...deps, targets, reports: reports.reports });
  const watch = createTargetWatch({ ...deps, targets, reports });
  return { service, watch, routes: targetRoutes(service.forActors) };
}
