import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { passwordBody, profileBody, profileResponse } from './profile.schema.js';
import type { ProfileService } from './profile.service.js';
import type { RecoveryService } from './recovery.service.js';

const tag = 'accounts';

/** AUTH-9 */
export const profileRoutes = (
  profile: ProfileService['forActors'],
  recovery: RecoveryService['forActors'],
): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/users/me',
    operationId: 'getMe',
    beforeFactor: true,
    tag,
    audit: 'none',
    summary: 'Your own account',
    permission: 'signed-in',
    response: profileResponse,
    handle: async ({ actor }) => profile.get(actor),
  }),
  defineRoute({
    method: 'patch',
    path: '/users/me',
    operationId: 'changeMe',
    tag,
    audit: 'none',
    summary: 'Change what your account says of you; what is left out stays',
    description: 'A patient’s record is another one: it is changed at `/patients/{patient_id}`.',
    permission: 'signed-in',
    body: profileBody,
    response: profileResponse,
    problems: ['stale_version'],
    handle: async ({ actor, body, ifMatch, request }) => profile.update(actor, body, ifMatch, request),
  }),
  defineRoute({
    method: 'post',
    path: '/users/me/password',
    operationId: 'changePassword',
    tag,
    audit: 'none',
    summary: 'Choose another password; your other sessions end',
    permission: 'signed-in',
    limit: 'auth',
    body: passwordBody,
    problems: ['wrong_credentials', 'weak_password'],
    handle: async ({ actor, body, request }) => recovery.change(actor, body, request),
  }),
];
