import { serialiser } from '../../../http/serialise.js';
import type { TaggedAnswer } from '../../../http/route.js';
import type { Clock } from '../../../lib/clock.js';
import { toCsv } from '../formats/csv.js';
import type { AnyReport } from '../engine/reports.definition.js';
import type { Records } from './drilldown.service.js';
import { mediaTypes, notAcceptableFormat } from '../formats/formats.js';
import { digestOf } from '../engine/reports.questions.js';
import { recordsResponse } from '../engine/reports.schema.js';
import { toXlsx } from '../formats/xlsx.js';

/** A page of records in the type that was asked for. Throws `not_acceptable` for pictures and paper. */
export function createRecordsServing({ clock }: { readonly clock: Clock }) {
  return (report: AnyReport) => {
    const write = serialiser(recordsResponse(report));
    const named = (format: string): string => `${report.id}-records.${format}`;

    async function represent(records: Records, type: string, who: string) {
      const { columns, rows, asked } = records;
      if (type === mediaTypes.csv) return { content: toCsv(columns, rows), filename: named('csv') };
      if (type === mediaTypes.xlsx) {
        const facts = { title: report.title, who, at: clock.now(), timeZone: asked.timeZone };
        return { content: await toXlsx(records, facts), filename: named('xlsx') };
      }
      const written = rows.map((row) =>
        Object.fromEntries(
          columns.map(({ name, type: kind }) => {
            const value = row[name] ?? null;
            return [name, kind === 'money' && value !== null ? Number(value) : value];
          }),
        ),
      );
      return { content: Buffer.from(JSON.stringify(write({ ...records, rows: written }))) };
    }

    return (records: Records, type: string, who: string): TaggedAnswer => {
      if (type !== 'application/json' && type !== mediaTypes.csv && type !== mediaTypes.xlsx)
        throw notAcceptableFormat('is not one of records, which are json, csv and xlsx');
      const { next_cursor } = records;
      const etag = digestOf(report.id, records.parameters, records.rows, next_cursor, type);
      return {
        ...{ etag, next_cursor },
        content: async () => ({ ...(await represent(records, type, who)), etag }),
      };
    };
  };
}

export type RecordsServing = ReturnType<typeof createRecordsServing>;
