import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { invalidField, Problem } from '../../../lib/errors.js';
import type { Infer } from '../../../lib/fields.js';
import { decodeCursor, toPage, type Page } from '../../../lib/page.js';
import type { BreakGlass } from '../emergency-access/index.js';
import { typesFor } from './timeline.policy.js';
import type { TimelineRepository } from './timeline.repository.js';
import type { timelineQuery } from './timeline.schema.js';
import { moneyTypes, type EventQuery, type TimelineEvent } from './timeline.types.js';

export interface TimelineDeps {
  readonly timeline: TimelineRepository;
  /** What Postgres knows, in the same order. */
  moneyEvents(query: EventQuery): Promise<TimelineEvent[]>;
  /** Throws what reading the record throws. */
  readable(actor: Actor, patient_id: string, glass?: BreakGlass): Promise<unknown>;
}

const sort = '-at';

const isBefore = (a: TimelineEvent, b: TimelineEvent): number =>
  b.at.getTime() - a.at.getTime() || (a.event_id < b.event_id ? 1 : -1);

export function createTimelineService({ timeline, moneyEvents, readable }: TimelineDeps) {
  const forActors = publicDoor({
    /**
     * PAT-3: a page out of both stores. Each is asked for a whole page from the same moment on, so the newest of both are among what
     * comes. Throws `not_found`, `break_glass_needed`, `patient_merged`, `invalid_cursor`, `invalid_request`.
     */
    async list(
      actor: Actor,
      patient_id: string,
      { limit, cursor, since, until, type }: Infer<typeof timelineQuery>,
      glass?: BreakGlass,
    ): Promise<Page<TimelineEvent>> {
      if (since && until && until <= since) throw invalidField('/query/until', 'must be after since');
      const last = cursor === undefined ? undefined : decodeCursor(sort, cursor);
      if (last && !(last.value instanceof Date)) throw new Problem('invalid_cursor');
      await readable(actor, patient_id, glass);
      const types = typesFor(actor, type === undefined ? undefined : [type]);
      const before = last && { at: last.value as Date, event_id: last.id };
      const query = { patient_id, types, since, until, before, limit: limit + 1 };
      const isOfMoney = types.some((one) => moneyTypes.includes(one));
      const [care, money] = await Promise.all([timeline.list(query), isOfMoney ? moneyEvents(query) : []]);
      const events = [...care, ...money].sort(isBefore);
      return toPage(events, limit, sort, ({ at, event_id }) => ({ value: at, id: event_id }));
    },
  });
  return { forActors };
}

export type TimelineService = ReturnType<typeof createTimelineService>;
