import type { AnyRoute } from '../../http/route.js';
import { createWaitingListService, type WaitingListService } from './waiting-list.service.js';

export type { WaitingListService } from './waiting-list.service.js';

export function createWaitingList(): { service: WaitingListService; routes: readonly AnyRoute[] } {
  return { service: createWaitingListService(), routes: [] };
}
