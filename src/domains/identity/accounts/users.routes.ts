import { defineRoute, type AnyRoute } from '../../../http/route.js';
import { userPage, userQuery } from './accounts.schema.js';
import type { AccountsService } from './accounts.service.js';

/** AUTH-10: all accounts, for an admin. */
export const userRoutes = (accounts: AccountsService['forActors']): AnyRoute[] => [
  defineRoute({
    method: 'get',
    path: '/users',
    operationId: 'listUsers',
    tag: 'accounts',
    summary:
      'All accounts, the newest first; by role, whether they are active, words of the name or the email',
    permission: 'users:list',
    query: userQuery,
    response: userPage,
    problems: ['invalid_cursor'],
    handle: async ({ actor, query }) => accounts.list(actor, query),
  }),
];
