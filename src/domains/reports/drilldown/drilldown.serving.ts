import { serialiser } from '../../../http/serialise.js';
import type { TaggedAnswer } from '../../../http/route.js';
import type { Asker } from '../../../lib/beside.js';
import type { Clock } from '../../../lib/clock.js';
import { toCsvFile } from '../formats/csv.js';
import type { AnyReport } from '../engine/reports.definition.js';
import { wordedRows } from '../engine/reports.small-cells.js';
import { countTable } from './drilldown.counts.js';
import type { Records } from './drilldown.service.js';
import { fileName, mediaTypes, notAcceptableFormat, type ReportRenderers } from '../formats/formats.js';
import { digestOf } from '../engine/reports.questions.js';
import { recordsResponse } from '../engine/reports.schema.js';
import type { NameOf } from '../engine/reports.serving.js';

/** Whose records they are, each once; counts are nobody's. */
export const whoseRecords = ({ rows, areCounts }: Pick<Records, 'rows' | 'areCounts'>): string[] =>
  areCounts
    ? []
    : [...new Set(rows.flatMap(({ patient_id }) => (typeof patient_id === 'string' ? [patient_id] : [])))];

/** A page of records in the type that was asked for. Throws `not_acceptable` for pictures and paper. */
export function createRecordsServing({
  clock,
  rendering,
  nameOf,
}: {
  readonly clock: Clock;
  readonly rendering: ReportRenderers;
  readonly nameOf: NameOf;
}) {
  return (report: AnyReport) => {
    const write = serialiser(recordsResponse(report));

    async function represent(records: Records, type: string, asker: Asker) {
      const { columns, asked } = records;
      const rows = records.areCounts ? wordedRows(countTable, records) : records.rows;
      const named = (format: string): string => fileName(`${report.id}-records`, asked, format);
      if (type === mediaTypes.csv) return { content: toCsvFile(columns, rows), filename: named('csv') };
      if (type === mediaTypes.xlsx) {
        const facts = {
          title: report.title,
          who: await nameOf(asker.user),
          at: clock.now(),
          timeZone: asked.timeZone,
        };
        return {
          content: await rendering.reportXlsx(asker, { ...records, rows }, facts),
          filename: named('xlsx'),
        };
      }
      const written = records.rows.map((row) =>
        Object.fromEntries(
          columns.map(({ name, type: kind }) => {
            const value = row[name] ?? null;
            return [name, kind === 'money' && value !== null ? Number(value) : value];
          }),
        ),
      );
      return { content: Buffer.from(write({ ...records, rows: written })) };
    }

    return (records: Records, type: string, asker: Asker): TaggedAnswer => {
      if (type !== 'application/json' && type !== mediaTypes.csv && type !== mediaTypes.xlsx)
        throw notAcceptableFormat('is not one of records, which are json, csv and xlsx');
      const { next_cursor } = records;
      const etag = digestOf(report.id, records.parameters, records.rows, next_cursor, type);
      return {
        ...{ etag, next_cursor, patient_ids: whoseRecords(records) },
        content: async () => ({ ...(await represent(records, type, asker)), etag }),
      };
    };
  };
}

export type RecordsServing = ReturnType<typeof createRecordsServing>;
