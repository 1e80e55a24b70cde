import type { Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { LastWrite } from '../../../lib/write-time.js';
import type { Asked, ReportQuery } from '../engine/reports.definition.js';
import { cursorAfter, readDrilldownCursor, recordsAfter } from './drilldown.pages.js';
import { asKnownAt } from '../engine/reports.known-at.js';
import { asBound, digestOf } from '../engine/reports.questions.js';
import type { ReportsService } from '../engine/reports.service.js';
import type { Turns } from '../engine/reports.turns.js';
import type { Provenance, ReportAnswer, ReportEngine, Row, Value } from '../engine/reports.types.js';

interface DrilldownDeps {
  readonly reports: Pick<ReportsService, 'ask'>;
  readonly engine: ReportEngine;
  readonly turns: Turns;
}

interface DrilldownOptions {
  readonly limit: number;
  /** Goes on after the last record of an earlier page. */
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly after?: LastWrite | undefined;
}

/** The records in place of the rows, and what a record's columns mean in place of the report's. */
export interface Records extends ReportAnswer {
  readonly next_cursor: string | null;
  /** There are more than these. */
  readonly isCut: boolean;
  readonly asked: Asked<ReportQuery>;
}

type Reading = Awaited<ReturnType<ReportEngine['read']>>;

const provenanceOf = (
  { id, version }: { readonly id: string; readonly version: number },
  asked: Asked<ReportQuery>,
  { name }: ReportEngine,
  { mongodb, postgres }: Reading,
): Provenance => ({
  ...{ definition: `aggregations/${id}.ts`, version, parameters: asBound(asked) },
  as_of: { mongodb: mongodb?.as_of ?? null, postgres: postgres?.as_of ?? null },
  behind_seconds: 0,
  rows_read: { mongodb: mongodb?.rows.length ?? 0, postgres: postgres?.rows['records']?.length ?? 0 },
  ...(asked.known_at && { known_at: asked.known_at }),
  ...{ engine: name, path: 'definition' },
  engine_ms: { mongodb: mongodb?.ms ?? null, postgres: postgres?.ms ?? null, merge: 0 },
});

/** REP-11: the records behind a figure. */
export function createDrilldownService({ reports, engine, turns }: DrilldownDeps) {
  const forActors = publicDoor({
    /**
     * A page of the records that the row of this key is made of, in a total order; none where there is no such row. Throws what
     * asking for the report throws, `not_found` where it has no records to show, `invalid_cursor`, and `small_count` for
     * whom small counts are hidden from: records can be counted by whatever they say.
     */
    async records(
      actor: Actor,
      id: string,
      query: ReportQuery,
      key: Readonly<Record<string, Value>>,
      { limit, cursor, signal, after }: DrilldownOptions,
    ): Promise<Records> {
      const { report, asked, hiding } = await reports.ask(id, actor, query);
      if (!report.drilldown) throw notFound('list of records');
      if (hiding) throw new Problem('small_count', 'Records tell how many there are of each kind.');
      const defined = report.drilldown(asked as never, key);
      const drill =
        'mongodb' in defined ? { ...defined, mongodb: asKnownAt(defined.mongodb, asked.known_at) } : defined;
      const list = `records ${id} ${digestOf(key)}`;
      const last = cursor === undefined ? undefined : readDrilldownCursor(list, drill, cursor);
      const sources = recordsAfter(drill, last, limit + 1);
      const options = { explain: false, signal, path: 'definition', after: after?.time } as const;
      const reading = await turns.take(signal, () => engine.read(sources, options), actor.user_id);
      const found = (reading.mongodb?.rows ?? reading.postgres?.rows['records'] ?? []) as readonly Row[];
      const rows = found.slice(0, limit);
      const isCut = found.length > limit;
      return {
        ...{ report: id, parameters: asked.query, columns: drill.columns, rows, isCut, asked },
        next_cursor: isCut ? cursorAfter(list, drill, rows.at(-1)!) : null,
        provenance: provenanceOf(report, asked, engine, reading),
      };
    },
  });

  return { forActors };
}

export type DrilldownService = ReturnType<typeof createDrilldownService>;
