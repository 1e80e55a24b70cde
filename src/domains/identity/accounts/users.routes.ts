import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  endedResponse,
  linkSentResponse,
  sessionPage,
  sessionQuery,
  userPage,
  userParams,
  userQuery,
  userResponse,
  userSessionParams,
  vendorStatusBody,
} from './accounts.schema.js';
import type { AccountsService } from './accounts.service.js';
import type { InvitationsService } from './invitations.service.js';
import type { SessionsService } from './sessions.service.js';

const tag = 'accounts';
const permission = 'users:manage';

/** What an admin does with the accounts of others. */
export const userRoutes = (
  accounts: AccountsService['forActors'],
  sessions: SessionsService['forActors'],
  invitations: InvitationsService['forActors'],
): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/users',
    operationId: 'listUsers',
    tag,
    audit: 'none',
    summary:
      'All accounts, the newest first; by role, whether they are active, words of the name, or the email',
    permission,
    query: userQuery,
    response: userPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => accounts.list(actor, query),
  }),
  defineRoute({
    method: 'post',
    path: '/users/:user_id/invitation',
    operationId: 'inviteAgain',
    tag,
    audit: 'none',
    summary: 'Send an invitation again; the link before it is good no more',
    permission,
    params: userParams,
    response: linkSentResponse,
    problems: ['not_found', 'step_done'],
    handle: async ({ actor, params, request }) => invitations.inviteAgain(actor, params.user_id, request),
  }),
  defineRoute({
    method: 'put',
    path: '/users/:user_id/vendor-status',
    operationId: 'decideVendor',
    tag,
    audit: 'none',
    summary: 'Let a vendor sell, or not',
    permission,
    params: userParams,
    body: vendorStatusBody,
    response: userResponse,
    problems: ['not_found'],
    handle: async ({ actor, params, body, request }) =>
      invitations.decideVendor(actor, params.user_id, body.status, request),
  }),
  defineRoute({
    method: 'get',
    path: '/users/:user_id/sessions',
    operationId: 'listUserSessions',
    tag,
    audit: 'none',
    summary: 'The open sessions of anybody, newest first',
    permission,
    params: userParams,
    query: sessionQuery,
    response: sessionPage,
    problems: ['not_found', 'invalid_cursor'],
    handle: async ({ actor, params, query }) => sessions.listOfUser(actor, params.user_id, query),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/:user_id/sessions',
    operationId: 'endUserSessions',
    tag,
    audit: 'none',
    summary: 'Sign somebody out everywhere',
    permission,
    params: userParams,
    response: endedResponse,
    problems: ['not_found'],
    handle: async ({ actor, params, request }) => sessions.endAllOfUser(actor, params.user_id, request),
  }),
  defineRoute({
    method: 'delete',
    path: '/users/:user_id/sessions/:session_id',
    operationId: 'endUserSession',
    tag,
    audit: 'none',
    summary: 'End a session of somebody',
    permission,
    params: userSessionParams,
    problems: ['not_found'],
    handle: async ({ actor, params, request }) =>
      sessions.endOfUser(actor, params.user_id, params.session_id, request),
  }),
];
