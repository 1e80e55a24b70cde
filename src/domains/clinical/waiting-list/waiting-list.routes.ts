import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { asTheServiceSays, ofEach, ofOne } from '../../../lib/audited.js';
import {
  joinBody,
  waitingPage,
  waitingParams,
  waitingQuery,
  waitingResponse,
} from './waiting-list.schema.js';
import type { WaitingListService } from './waiting-list.service.js';

const tag = 'waiting list';
const feature = 'waiting_list';

export const waitingListRoutes = (waitingList: WaitingListService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/waiting-list',
    operationId: 'listWaiting',
    tag,
    feature,
    audit: { action: 'waiting.list', whose: ofEach },
    summary: 'Who waits for which doctor and day, the first in the queue first',
    description: 'A patient sees only their own entries, a doctor those for oneself, an admin all.',
    permission: 'waiting-list:read',
    query: waitingQuery,
    response: waitingPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => waitingList.list(actor, query),
  }),
  defineRoute({
    method: 'post',
    path: '/waiting-list',
    operationId: 'joinWaitingList',
    tag,
    feature,
    audit: { action: 'waiting.join', whose: ofOne },
    summary: 'Wait for a slot of a doctor on a day: a patient for oneself, an admin for anyone',
    description:
      'A slot of that day that is given back is held for the one who waits first, who is notified and has some time to book it ' +
      'with the `hold_id` of the offer. Then it goes to the next.',
    permission: 'waiting-list:use',
    body: joinBody,
    status: 201,
    response: waitingResponse,
    problems: [
      ...([
        'patient_deceased',
        'not_found',
        'outside_booking_window',
        'already_waiting',
        'slots_are_free',
      ] as const),
      ...(['doctor_registration_expired', 'doctor_not_accepting', 'doctor_on_leave'] as const),
      ...(['outside_availability', 'department_closed'] as const),
    ],
    handle: async ({ actor, body }) => waitingList.join(actor, body),
  }),
  defineRoute({
    method: 'delete',
    path: '/waiting-list/:waiting_id',
    operationId: 'leaveWaitingList',
    tag,
    feature,
    audit: { action: 'waiting.leave', whose: asTheServiceSays },
    summary: 'Wait no longer: what was offered goes to the next',
    permission: 'waiting-list:use',
    params: waitingParams,
    problems: ['not_found', 'step_not_allowed', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => waitingList.leave(actor, params.waiting_id, ifMatch),
  }),
];
