import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  acceptBody,
  linkBody,
  linkSentResponse,
  loginBody,
  pairResponse,
  refreshBody,
  registerBody,
  registeredResponse,
  sessionPage,
  sessionParams,
  sessionQuery,
  signedInResponse,
} from './accounts.schema.js';
import type { AccountsService } from './accounts.service.js';
import type { InvitationsService } from './invitations.service.js';
import type { SessionsService } from './sessions.service.js';

const tag = 'accounts';

export const accountRoutes = (
  accounts: AccountsService['forActors'],
  sessions: SessionsService['forActors'],
  invitations: InvitationsService['forActors'],
): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/auth/register',
    operationId: 'register',
    tag,
    audit: 'none',
    summary: 'Make an account and sign in to it; as an admin, invite somebody to one',
    description:
      'Give `name`, or `first_name` and `last_name`. Anybody may become a `patient` (may give `date_of_birth` or ' +
      '`age`, and `sex`; a patient record is made and linked), a `vendor` (needs `business_name`, ' +
      '`business_registration` and `service_areas`) or a `customer` (needs `type`). A field of another role is refused. ' +
      'Any other role needs the token of an admin (a `doctor` may be linked to a record by `doctor_id`, a `receptionist` needs the `hospital_id` of the desk). An account that an ' +
      'admin asks for is **invited**: the answer has no tokens, a `password` is not used, and a one-time link goes to the ' +
      'address by email; whoever opens it chooses the password. One’s own account needs a `password`, and its address is ' +
      'to be confirmed by a link; until then it books two visits at the most. A vendor sells nothing until an admin approves. ' +
      'A password has 12 characters, or 8 with three of lower case, upper case, digits and others, and at most 72 ' +
      'bytes; it is not a common one, not made of common words, names or years, and does not contain the name of the email.',
    permission: 'public',
    limit: 'auth',
    body: registerBody,
    status: 201,
    response: registeredResponse,
    problems: ['weak_password', 'forbidden', 'email_taken', 'already_exists', 'unknown_reference'],
    handle: async ({ body, actor, request }) => accounts.register(actor, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/login',
    operationId: 'login',
    ignoresToken: true,
    tag,
    audit: 'none',
    summary: 'Sign in with email and password',
    description:
      'Wrong passwords count by the account, from wherever they come, with growing pauses: 429 with `Retry-After`, the same for ' +
      'an account that does not exist. A device that has signed in before sends the `device_token` of that answer: it has a count ' +
      'of its own, so that a stranger who guesses cannot lock the owner out. Of an account with a second factor the right password is ' +
      'answered by 401 `code_required` with a `challenge_token` for `POST /auth/login/code`.',
    permission: 'public',
    limit: 'login',
    limitKey: (body) => accounts.counterOf(null, body),
    body: loginBody,
    response: signedInResponse,
    problems: ['wrong_credentials', 'code_required'],
    handle: async ({ actor, body, request }) => accounts.login(actor, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/refresh',
    operationId: 'refresh',
    ignoresToken: true,
    tag,
    audit: 'none',
    summary: 'Change a refresh token for a new pair',
    description:
      'A refresh token works once. Within ten seconds, while the new one is not used, it gives the same new one again: an answer may be ' +
      'lost. Showing it later ends its session: one of the two who have it stole it.',
    permission: 'public',
    limit: 'auth',
    limitedBy: ({ refresh_token }) => sessions.sessionOf(null, refresh_token),
    body: refreshBody,
    response: pairResponse,
    problems: ['refresh_token_refused'],
    handle: async ({ actor, body, request }) => sessions.refresh(actor, body.refresh_token, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/logout',
    operationId: 'logout',
    beforeFactor: true,
    tag,
    audit: 'none',
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
    audit: 'none',
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
    audit: 'none',
    summary: 'End one of your sessions',
    permission: 'signed-in',
    limit: 'auth',
    params: sessionParams,
    problems: ['not_found'],
    handle: async ({ actor, params, request }) => sessions.endOwn(actor, params.session_id, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/invitations/accept',
    operationId: 'acceptInvitation',
    ignoresToken: true,
    tag,
    audit: 'none',
    summary: 'Accept an invitation with a password of your own, and sign in',
    permission: 'public',
    limit: 'auth',
    body: acceptBody,
    response: signedInResponse,
    problems: ['link_not_valid', 'weak_password'],
    handle: async ({ actor, body, request }) => invitations.accept(actor, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/confirm',
    operationId: 'confirmEmail',
    ignoresToken: true,
    tag,
    audit: 'none',
    summary: 'Confirm an address by the link that was sent to it',
    permission: 'public',
    limit: 'auth',
    body: linkBody,
    problems: ['link_not_valid'],
    handle: async ({ actor, body, request }) => invitations.confirm(actor, body.token, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/confirmation',
    operationId: 'sendConfirmation',
    tag,
    audit: 'none',
    summary: 'Have the link that confirms your address sent again',
    permission: 'signed-in',
    limit: 'auth',
    response: linkSentResponse,
    problems: ['step_done'],
    handle: async ({ actor }) => invitations.sendConfirmation(actor),
  }),
];
