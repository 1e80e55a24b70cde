import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createTimelineRepository } from './timeline.repository.js';
import { timelineRoutes } from './timeline.routes.js';
import { createTimelineService, type TimelineDeps, type TimelineService } from './timeline.service.js';

export type { TimelineService } from './timeline.service.js';

export function createTimeline(deps: Omit<TimelineDeps, 'timeline'> & { readonly connection: Connection }): {
  service: TimelineService;
  routes: readonly AnyRoute[];
} {
  const service = createTimelineService({ ...deps, timeline: createTimelineRepository(deps.connection) });
  return { service, routes: timelineRoutes(service.forActors) };
}
