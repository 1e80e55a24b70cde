import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { userParams } from './accounts.schema.js';
import {
  adminUserResponse,
  bulkBody,
  bulkResponse,
  changeUserBody,
  removedResponse,
} from './administration.schema.js';
import type { AdministrationService } from './administration.service.js';

const tag = 'accounts';
const permission = 'users:manage';

/** AUTH-10 */
export const administrationRoutes = (administration: AdministrationService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/users/:user_id',
    operationId: 'getUser',
    tag,
    audit: 'none',
    summary: 'One account',
    permission,
    params: userParams,
    response: adminUserResponse,
    problems: ['not_found'],
    handle: async ({ actor, params }) => administration.get(actor, params.user_id),
  }),
  defineRoute({
    method: 'patch',
    path: '/users/:user_id',
    operationId: 'changeUser',
    tag,
    audit: 'none',
    summary: 'Change the role of an account, close it or open it again',
    description:
      'Its sessions end, and its tokens with them. The last active admin is kept (409 `last_admin`). A role that needs a record ' +
      'or details which the account has not is refused. Who has a second factor shows a code first (`POST /auth/step-up`).',
    permission,
    params: userParams,
    body: changeUserBody,
    response: adminUserResponse,
    problems: [
      'not_found',
      'stale_version',
      'last_admin',
      'unknown_reference',
      'already_exists',
      'second_factor_required',
    ],
    handle: async ({ actor, params, body, ifMatch, request }) =>
      administration.change(actor, params.user_id, body, ifMatch, request),
  }),
  defineRoute({
    method: 'post',
    path: '/users/bulk',
    operationId: 'changeUsers',
    tag,
    audit: 'none',
    summary: 'The same for up to 100 accounts, each for itself: a result or a problem per item',
    permission,
    body: bulkBody,
    response: bulkResponse,
    problems: ['second_factor_required'],
    handle: async ({ actor, body, request }) => administration.changeMany(actor, body, request),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/:user_id',
    operationId: 'removeUser',
    tag,
    audit: 'none',
    summary: 'Erase an account that nothing names; deactivate any other',
    permission,
    params: userParams,
    response: removedResponse,
    problems: ['not_found', 'last_admin', 'second_factor_required'],
    handle: async ({ actor, params, request }) => administration.remove(actor, params.user_id, request),
  }),
];
