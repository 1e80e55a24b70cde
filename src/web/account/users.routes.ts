import type { Actor } from '../../lib/actor.js';
import { roles } from '../../lib/actor.js';
import { path } from '../../lib/html.js';
import type { RequestFacts } from '../../http/route.js';
import { flag, id, name, oneOf, optional, shape, term } from '../../lib/fields.js';
import { nextPage } from '../booking/booking.routes.js';
import { mistakesOf, type Advice } from '../mistakes.js';
import { definePage, type AnyPage, type Refusal } from '../page.js';
import type { WebDeps } from '../web.deps.js';
import { stepUpPage } from './second-factor.page.js';
import { userPage, usersPage } from './users.page.js';

const advice: Advice = {
  role: 'The account has not what this role needs.',
  hospital_id: 'Enter the id of a hospital.',
  doctor_id: 'Enter the id of a doctor.',
};

const params = shape({ user_id: id() });

/** AUTH-10 */
export const userPages = ({ accounts, administration, sessions, secondFactor }: WebDeps): AnyPage[] => {
  async function refused({ actor, params: { user_id = '' }, problem }: Refusal<'operations'>) {
    if (problem.code === 'second_factor_required')
      return stepUpPage({ next: path`/users/${user_id}`, mistakes: [] });
    return userPage(await administration.get(actor, user_id), mistakesOf(problem, advice));
  }
  /** A button on the page of a user. */
  const act = (
    name: string,
    work: (actor: Actor, user_id: string, request: RequestFacts) => Promise<unknown>,
  ): AnyPage =>
    definePage({
      method: 'post',
      path: `/users/:user_id/${name}`,
      audience: 'operations',
      audit: 'none',
      params,
      async handle({ actor, params: { user_id }, request }) {
        await work(actor, user_id, request);
        return { to: path`/users/${user_id}` };
      },
      refused,
    });
  const open = (active: boolean) => (actor: Actor, user_id: string, request: RequestFacts) =>
    administration.change(actor, user_id, { active }, undefined, request);
  return [
    definePage({
      method: 'get',
      path: '/users',
      audience: 'operations',
      audit: 'none',
      query: shape({
        q: optional(name(254)),
        role: optional(oneOf(...roles)),
        active: optional(flag()),
        cursor: optional(term(2000)),
      }),
      async handle({ actor, query: { cursor, ...search } }) {
        const page = await accounts.list(actor, { ...search, limit: 20, cursor });
        const asked = { ...search, active: search.active?.toString() };
        return {
          view: usersPage({
            users: page.items,
            search: asked,
            next: nextPage('/users', page.next_cursor, asked),
          }),
        };
      },
    }),
    definePage({
      method: 'get',
      path: '/users/:user_id',
      audience: 'operations',
      audit: 'none',
      params,
      handle: async ({ actor, params: { user_id } }) => ({
        view: userPage(await administration.get(actor, user_id), []),
      }),
    }),
    definePage({
      method: 'post',
      path: '/users/:user_id/role',
      audience: 'operations',
      audit: 'none',
      params,
      form: shape({ role: oneOf(...roles), hospital_id: optional(id()), doctor_id: optional(id()) }),
      async handle({ actor, params: { user_id }, form, request }) {
        await administration.change(actor, user_id, form, undefined, request);
        return { to: path`/users/${user_id}` };
      },
      refused,
    }),
    act('close', open(false)),
    act('open', open(true)),
    act('sign-out', (actor, user_id, request) => sessions.endAllOfUser(actor, user_id, request)),
    act('second-factor', (actor, user_id, request) => secondFactor.resetOf(actor, user_id, request)),
  ];
};
