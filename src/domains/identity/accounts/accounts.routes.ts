import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  loginBody,
  pairResponse,
  refreshBody,
  registerBody,
  sessionPage,
  sessionParams,
  sessionQuery,
  signedInResponse,
  userResponse,
} from './accounts.schema.js';
import type { AccountsService } from './accounts.service.js';
import { emailKey } from './email.js';
import type { SessionsService } from './sessions.service.js';

const tag = 'accounts';

export const accountRoutes = (
  accounts: AccountsService['forActors'],
  sessions: SessionsService['forActors'],
): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/auth/register',
    operationId: 'register',
    tag,
    summary: 'Make an account and sign in to it',
    description:
      'Give `name`, or `first_name` and `last_name`. Anybody may become a `patient` (may give `date_of_birth` or ' +
      '`age`, and `sex`; a patient record is made and linked), a `vendor` (needs `business_name`, ' +
      '`business_registration` and `service_areas`) or a `customer` (needs `type`). Any other role needs the token ' +
      'of an admin; a `doctor` may be linked to a record by `doctor_id`. A field of another role is refused. ' +
      'A password has 12 characters, or 8 with three of lower case, upper case, digits and others, and at most 72 ' +
      'bytes; it is not a common one and does not contain the name of the email.',
    permission: 'public',
    limit: 'auth',
    body: registerBody,
    status: 201,
    response: signedInResponse,
    problems: ['weak_password', 'forbidden', 'email_taken', 'already_exists', 'unknown_reference'],
    handle: async ({ body, actor, request }) => accounts.register(actor, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/login',
    operationId: 'login',
    ignoresToken: true,
    tag,
    summary: 'Sign in with email and password',
    permission: 'public',
    limit: 'login',
    limitKey: ({ email }) => emailKey(email),
    body: loginBody,
    response: signedInResponse,
    problems: ['wrong_credentials'],
    handle: async ({ actor, body, request }) => accounts.login(actor, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/refresh',
    operationId: 'refresh',
    ignoresToken: true,
    tag,
    summary: 'Change a refresh token for a new pair',
    description:
      'A refresh token works once. Showing it a second time ends its session: one of the two who have it stole it.',
    permission: 'public',
    limit: 'auth',
    body: refreshBody,
    response: pairResponse,
    problems: ['refresh_token_refused'],
    handle: async ({ actor, body, request }) => sessions.refresh(actor, body.refresh_token, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/logout',
    operationId: 'logout',
    tag,
    summary: 'End this session and all its tokens',
    permission: 'signed-in',
    limit: 'auth',
    handle: async ({ actor, request }) => sessions.logout(actor, request),
  }),
  defineRoute({
    method: 'get',
    path: '/auth/sessions',
    operationId: 'listSessions',
    tag,
    summary: 'Your open sessions, newest first',
    permission: 'signed-in',
    query: sessionQuery,
    response: sessionPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => sessions.listOwn(actor, query),
  }),
  defineRoute({
    method: 'delete',
    path: '/auth/sessions/:session_id',
    operationId: 'endSession',
    tag,
    summary: 'End one of your sessions',
    permission: 'signed-in',
    limit: 'auth',
    params: sessionParams,
    problems: ['not_found'],
    handle: async ({ actor, params, request }) => sessions.endOwn(actor, params.session_id, request),
  }),
  defineRoute({
    method: 'get',
    path: '/users/me',
    operationId: 'getMe',
    tag,
    summary: 'Your own account',
    permission: 'signed-in',
    response: userResponse,
    handle: async ({ actor }) => accounts.me(actor),
  }),
];
