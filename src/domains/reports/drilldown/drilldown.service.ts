import { maySeeDisease, type Actor } from '../../../lib/actor.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { LastWrite } from '../../../lib/write-time.js';
import type { AnyReport, Asked, Drilldown, ReportQuery } from '../engine/reports.definition.js';
import { countColumns, countRows, sharesOf, type Share } from './drilldown.counts.js';
import { cursorAfter, cursorAt, readCursorAt, readDrilldownCursor, recordsAfter } from './drilldown.pages.js';
import { asKnownAt } from '../engine/reports.known-at.js';
import { asBound, digestOf } from '../engine/reports.questions.js';
import type { ReportsService } from '../engine/reports.service.js';
import type { Turns } from '../engine/reports.turns.js';
import type { Provenance, ReportAnswer, ReportEngine, Row, Sources, Value } from '../engine/reports.types.js';

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
  /** They are no records, but how many there are in each hospital and month. */
  readonly areCounts: boolean;
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

const diseaseColumns: readonly string[] = ['disease', 'disease_code'];

/** What the actor may see of the records. */
const columnsFor = (actor: Actor, { columns }: Drilldown): Drilldown['columns'] =>
  maySeeDisease(actor) ? columns : columns.filter(({ name }) => !diseaseColumns.includes(name));

/** REP-11: the records behind a figure. */
export function createDrilldownService({ reports, engine, turns }: DrilldownDeps) {
  function listOf(report: AnyReport, asked: Asked<ReportQuery>, key: Readonly<Record<string, Value>>) {
    if (!report.drilldown) throw notFound('list of records');
    const defined = report.drilldown(asked as never, key);
    return 'mongodb' in defined
      ? { ...defined, mongodb: asKnownAt(defined.mongodb, asked.known_at) }
      : defined;
  }

  function read(sources: Sources, { signal, after }: DrilldownOptions, { user_id }: Actor): Promise<Reading> {
    const options = { explain: false, signal, path: 'definition', after: after?.time } as const;
    return turns.take(signal, () => engine.read(sources, options), user_id);
  }

  const forActors = publicDoor({
    /**
     * A page of the records that the row of this key is made of, in a total order; none where there is no such row. Who may see no
     * person's disease gets, of a disease or a drug, how many there are in each hospital and month. Throws what asking for the
     * report throws, `not_found` where it has no records to show, `invalid_cursor`, and `small_count` for whom small counts are
     * hidden from: records can be counted by whatever they say.
     */
    async records(
      actor: Actor,
      id: string,
      query: ReportQuery,
      key: Readonly<Record<string, Value>>,
      options: DrilldownOptions,
    ): Promise<Records> {
      const { limit, cursor } = options;
      const { report, asked, hiding } = await reports.ask(id, actor, query);
      const drill = listOf(report, asked, key);
      const list = `records ${id} ${digestOf(key)}`;
      const about = { report: id, parameters: asked.query, asked };
      if (report.namesDiseases && 'mongodb' in drill && !maySeeDisease(actor)) {
        const start = readCursorAt(list, cursor);
        const reading = await read({ mongodb: sharesOf(drill, asked.timeZone) }, options, actor);
        const shares = (reading.mongodb?.rows ?? []) as readonly Share[];
        const counts = countRows(shares, hiding?.below);
        const rows = counts.rows.slice(start, start + limit);
        const isCut = counts.rows.length > start + limit;
        const { small_cells } = counts;
        const shown = small_cells ? counts.rows.length - small_cells.hidden_rows : 0;
        const hidden_rows = Math.min(rows.length, Math.max(0, start + rows.length - shown));
        return {
          ...{ ...about, columns: countColumns, rows, isCut, areCounts: true },
          ...(small_cells && { small_cells: { ...small_cells, hidden_rows } }),
          next_cursor: isCut ? cursorAt(list, start + limit) : null,
          provenance: { ...provenanceOf(report, asked, engine, reading), rows_read: null },
        };
      }
      if (hiding) throw new Problem('small_count', 'Records tell how many there are of each kind.');
      const last = cursor === undefined ? undefined : readDrilldownCursor(list, drill, cursor);
      const reading = await read(recordsAfter(drill, last, limit + 1), options, actor);
      const found = (reading.mongodb?.rows ?? reading.postgres?.rows['records'] ?? []) as readonly Row[];
      const rows = found.slice(0, limit);
      const isCut = found.length > limit;
      return {
        ...{ ...about, columns: columnsFor(actor, drill), rows, isCut, areCounts: false },
        next_cursor: isCut ? cursorAfter(list, drill, rows.at(-1)!) : null,
        provenance: provenanceOf(report, asked, engine, reading),
      };
    },
  });

  return { forActors };
}

export type DrilldownService = ReturnType<typeof createDrilldownService>;
