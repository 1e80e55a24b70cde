import type { Connection } from 'mongoose';
import type { AnyRoute } from '../../../http/route.js';
import { createOffersService, type OffersDeps, type OffersService } from './offers.service.js';
import { createWaitingListRepository } from './waiting-list.repository.js';
import { waitingListRoutes } from './waiting-list.routes.js';
import {
  createWaitingListService,
  type WaitingListDeps,
  type WaitingListService as Waiting,
} from './waiting-list.service.js';

/** Who waits, and what other domains ask of the waiting list. */
export type WaitingListService = Pick<OffersService, 'offer' | 'answered' | 'sweep'> & Waiting;

type Deps = Omit<OffersDeps & WaitingListDeps, 'entries' | 'offers'> & { readonly connection: Connection };

export function createWaitingList(deps: Deps): {
  service: WaitingListService;
  routes: readonly AnyRoute[];
} {
  const entries = createWaitingListRepository(deps.connection);
  const offers = createOffersService({ ...deps, entries });
  const waiting = createWaitingListService({ ...deps, entries, offers });
  return { service: { ...offers, ...waiting }, routes: waitingListRoutes(waiting.forActors) };
}
