import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { acceptBody, forgotBody } from './accounts.schema.js';
import type { RecoveryService } from './recovery.service.js';

const tag = 'accounts';

/** AUTH-12 */
export const recoveryRoutes = (recovery: RecoveryService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'post',
    path: '/auth/forgot',
    operationId: 'forgotPassword',
    ignoresToken: true,
    tag,
    audit: 'none',
    summary: 'Have a link to choose a new password sent',
    description:
      'The answer is the same whether there is such an account or not. The link works once, within 30 minutes; another one is ' +
      'sent after a minute at the earliest, and only the last one is good. Asked often, it is 429 with growing pauses, except on a ' +
      'device that has signed in before.',
    permission: 'public',
    limit: 'login',
    limitKey: (body) => recovery.counterOf(null, body),
    body: forgotBody,
    handle: async ({ actor, body, request }) => recovery.forgot(actor, body, request),
  }),
  defineRoute({
    method: 'post',
    path: '/auth/reset',
    operationId: 'resetPassword',
    ignoresToken: true,
    tag,
    audit: 'none',
    summary: 'Choose a new password by the link that was sent; all sessions end',
    permission: 'public',
    limit: 'auth',
    body: acceptBody,
    problems: ['link_not_valid', 'weak_password'],
    handle: async ({ actor, body, request }) => recovery.reset(actor, body, request),
  }),
];
