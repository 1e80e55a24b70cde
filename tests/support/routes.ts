import type { AnyRoute } from '../../src/http/route.js';
import { roles, type Role } from '../../src/lib/actor.js';
import { mayUse } from '../../src/lib/permissions.js';
import type { Answer, Ask, TestApi } from './api.js';

/* What tests over all routes share. */

/** `GET /patients/:patient_id` */
export const nameOf = ({ method, path }: AnyRoute): string => `${method.toUpperCase()} ${path}`;

/** The route's address, naming records that do not exist. */
export const addressOf = ({ path }: AnyRoute): string => path.replaceAll(/:\w+/g, 'none-such');

/** A role that may use the route: the admin where there is a choice. */
function someRole({ permission }: AnyRoute): Role {
  const role = (['admin', ...roles] as const).find((candidate) => mayUse(candidate, permission));
  if (!role) throw new Error(`nobody may use ${permission}`);
  return role;
}

/** Asks the route as somebody who may; an empty body where it takes one and none is given. */
export async function ask(
  api: TestApi,
  route: AnyRoute,
  { query = '', ...rest }: Ask & { query?: string } = {},
): Promise<Answer> {
  const body = route.body && rest.body === undefined && rest.raw === undefined ? { body: {} } : {};
  const token = route.permission === 'public' ? undefined : await api.as(someRole(route));
  return api.request(route.method.toUpperCase(), addressOf(route) + query, { token, ...body, ...rest });
}

/** Signing out ends the token that everything else is asked with: it comes last. */
export const signOutLast = (routes: readonly AnyRoute[]): AnyRoute[] =>
  routes.toSorted((a, b) => Number(a.operationId === 'logout') - Number(b.operationId === 'logout'));
