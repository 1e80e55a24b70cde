import { DateTime } from 'luxon';
import { valuesIn } from '../../../lib/either-of.js';
import { invalidField } from '../../../lib/errors.js';
import type { DiseaseFilter } from '../../../../aggregations/stages/diseases.js';
import type { AnyReport, Asked, Merged, ReportQuery } from './reports.definition.js';
import { notesOf } from './reports.notes.js';
import { careKey } from './reports.neighbours.js';
import { countColumns, hideSmall } from './reports.small-cells.js';
import { totalsOf } from './reports.totals.js';
import {
  placeParameters,
  type Asker,
  type CountNote,
  type Row,
  type SmallCells,
  type Value,
} from './reports.types.js';

/** How small counts are hidden from anyone who asks. */
export interface Hiding {
  /** The least count that is shown. */
  readonly below: number;
  /** Of a ranked report: how many rows were asked for. All are computed, so that no limit changes what is hidden. */
  readonly limit: number | undefined;
  /** Of a report of diseases: which of them were asked for. All are computed, so that no filter changes what is hidden. */
  readonly diseases?: DiseaseFilter | undefined;
}

/** Whether small counts are hidden from somebody: admins answer for the data, and a doctor's own figures count people whom the doctor knows. */
export const hidesFrom = ({ role }: Asker, below: number): boolean =>
  below > 1 && role !== 'admin' && role !== 'doctor';

type Moments = Readonly<Partial<Record<'from' | 'to' | 'as_of', Date | null | undefined>>>;

function checkMonths(moments: Moments, zone: string): void {
  for (const [field, moment] of Object.entries(moments)) {
    const time = moment && DateTime.fromJSDate(moment, { zone });
    if (time && !time.equals(time.startOf('month')))
      throw invalidField(
        `/query/${field}`,
        'must be the first day of a month: answers a few days apart would tell small counts, which are hidden here',
      );
  }
}

/** Of several places, two answers are enough to have what they differ by. */
function checkPlaces(query: ReportQuery): void {
  for (const field of placeParameters)
    if (valuesIn(query[field]).length > 1)
      throw invalidField(
        `/query/${field}`,
        'takes one value: answers about several would tell small counts, which are hidden here',
      );
}

/** Parameters by which answers could be had that differ by few people, and that no part of a question is compared by. */
function checkCare({ query, gapDays }: Asked<ReportQuery>): void {
  const { doctor_id, as_of, gap_days } = query;
  const asked = { doctor_id, as_of, gap_days: gap_days === gapDays ? undefined : gap_days };
  for (const [field, value] of Object.entries(asked))
    if (value !== undefined)
      throw invalidField(
        `/query/${field}`,
        'cannot be asked of diseases and drugs: with it, answers would tell small counts, which are hidden here',
      );
}

/** The most rows that a ranked report can be asked for; undefined for one that is not cut. */
export function mostRows({ params }: AnyReport): number | undefined {
  const { rules = [] } = (params['limit']?.describe() ?? {}) as {
    readonly rules?: readonly { readonly name: string; readonly args?: { readonly limit?: number } }[];
  };
  return rules.find(({ name }) => name === 'max')?.args?.limit;
}

/**
 * What is computed in place of the question, and what is hidden of the answer; null for anyone who sees all. Throws
 * `invalid_request` for a period that is not of whole months, and for several values of a place.
 */
export function hidingFor(
  report: AnyReport,
  asker: Asker,
  asked: Asked<ReportQuery>,
  below: number,
): { readonly asked: Asked<ReportQuery>; readonly hiding: Hiding } | null {
  if (!hidesFrom(asker, below)) return null;
  checkPlaces(asked.query);
  checkMonths({ ...asked.period, as_of: asked.known_at }, asked.timeZone);
  checkMonths({ ...asked.days }, 'UTC');
  if (report.namesDiseases) checkCare(asked);
  const most = mostRows(report);
  const { diseases, ...rest } = asked;
  const limit = most === undefined ? undefined : Number(asked.query['limit'] ?? most);
  return {
    asked: {
      ...rest,
      diseases: undefined,
      query: most === undefined ? asked.query : { ...asked.query, limit: most },
    },
    hiding: { below, limit, ...(diseases && { diseases }) },
  };
}

interface Hidden extends Pick<Merged<Row>, 'rows' | 'receipt'> {
  readonly of: number;
  readonly totals?: Row;
  readonly rows_read: Merged<Row>['rows_read'] | null;
  readonly notes?: readonly CountNote[];
  readonly small_cells?: SmallCells;
}

const isAskedFor = ({ codes, name }: DiseaseFilter, { disease_code, disease }: Row): boolean =>
  disease_code == null ? disease === name : codes.includes(disease_code as string);

const isFew = (total: Value | undefined, below: number): boolean =>
  Number(total ?? 0) > 0 && Number(total) < below;

/**
 * What the asker gets of a merged answer. `told`: the keys of rows that other answers would tell. Totals go where a row is hidden,
 * or was cut off before: they would tell it; or where one of them is small itself; and always of diseases, for the totals of two answers may differ by few people.
 */
export function hide(
  report: AnyReport,
  merged: Merged<Row>,
  hiding: Hiding | null,
  told: ReadonlySet<string> = new Set(),
): Hidden {
  const { all, receipt, rows_read } = merged;
  const { of, totals } = all ?? { of: merged.rows.length, totals: totalsOf(report, merged.rows) };
  const noted = (shown?: object): Pick<Hidden, 'notes'> => {
    const notes = notesOf(report, shown);
    return notes.length > 0 ? { notes } : {};
  };
  const explained = { ...(receipt && { receipt }), ...noted(receipt) };
  if (!hiding) return { ...{ rows: merged.rows, of, totals, rows_read }, ...explained };
  const { below, limit, diseases } = hiding;
  const fine = report.columns.filter((column) => column.fine).map(({ name }) => [name, null] as const);
  const coarse =
    fine.length > 0 ? merged.rows.map((row): Row => ({ ...row, ...Object.fromEntries(fine) })) : merged.rows;
  const { rows, hidden } = hideSmall(report, coarse, below, (row) => told.has(careKey(report, row)));
  const shown = rows.slice(0, rows.length - hidden);
  const isIn = (row: Row): boolean => !diseases || isAskedFor(diseases, row);
  const asked = rows.filter(isIn);
  const cut = asked.slice(0, limit);
  const hidden_rows = Math.max(0, cut.length - shown.filter(isIn).length);
  const tellsFew = countColumns(report).some(({ name }) => isFew(totals[name], below));
  const isAllSeen = !report.namesDiseases && hidden === 0 && rows.length === of && !tellsFew;
  return {
    ...{ rows: cut, of: diseases ? asked.length : of },
    ...(isAllSeen ? { totals } : {}),
    ...(isAllSeen && cut.length === rows.length ? explained : noted()),
    rows_read: isAllSeen ? rows_read : null,
    small_cells: { below, hidden_rows },
  };
}
