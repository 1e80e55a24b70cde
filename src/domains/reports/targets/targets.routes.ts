import { defineRoute, type AnyRoute } from '../../../http/route.js';
import {
  targetBody,
  targetPage,
  targetParams,
  targetPatch,
  targetResponse,
  targetsQuery,
} from './targets.schema.js';
import type { TargetsService } from './targets.service.js';
import type { Target } from './targets.types.js';

const tag = 'report targets';
const share = { permission: 'reports:share' } as const;
const one = { path: '/report-targets/:target_id', tag, params: targetParams } as const;

/** As it is told: how it stands beside it. */
function shown({ standing, question_key: _key, ...target }: Target) {
  return { ...target, is_met: standing?.is_met ?? null, since: standing?.since ?? null };
}

export const targetRoutes = (targets: TargetsService['forActors']): AnyRoute[] => [
  defineRoute({
    ...{ method: 'get', path: '/report-targets', operationId: 'listReportTargets', tag, ...share },
    audit: 'none',
    summary: 'Targets of figures, the newest first',
    ...{ query: targetsQuery, response: targetPage, derived: true },
    problems: ['invalid_cursor'],
    async handle({ actor, query }) {
      const { items, next_cursor } = await targets.list(actor, query);
      return { items: items.map(shown), next_cursor };
    },
  }),
  defineRoute({
    ...{ method: 'post', path: '/report-targets', operationId: 'createReportTarget', tag, ...share },
    audit: 'none',
    summary: 'Set a target: a number that a figure is to reach, or not to exceed',
    description:
      'Of a report, a place and a period: days, or a period in words that moves on with the calendar. It stands beside the ' +
      'figure on the page and in the chart, and its recipients are told each time that the figure crosses it, once.',
    ...{ body: targetBody, status: 201, response: targetResponse },
    problems: ['already_exists', 'too_many_targets'],
    location: ({ target_id }) => `/report-targets/${target_id}`,
    handle: async ({ actor, body }) => shown(await targets.create(actor, body)),
  }),
  defineRoute({
    ...{ ...one, method: 'get', operationId: 'getReportTarget', ...share },
    audit: 'none',
    summary: 'A target, and whether it is met',
    ...{ response: targetResponse, derived: true },
    problems: ['not_found'],
    handle: async ({ actor, params }) => shown(await targets.get(actor, params.target_id)),
  }),
  defineRoute({
    ...{ ...one, method: 'patch', operationId: 'updateReportTarget', ...share },
    audit: 'none',
    summary: 'Change the number of a target, or who is told',
    ...{ body: targetPatch, response: targetResponse },
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, body, ifMatch }) =>
      shown(await targets.change(actor, params.target_id, body, ifMatch)),
  }),
  defineRoute({
    ...{ ...one, method: 'delete', operationId: 'deleteReportTarget', ...share },
    audit: 'none',
    summary: 'Remove a target',
    problems: ['not_found', 'stale_version'],
    handle: async ({ actor, params, ifMatch }) => targets.remove(actor, params.target_id, ifMatch),
  }),
];
