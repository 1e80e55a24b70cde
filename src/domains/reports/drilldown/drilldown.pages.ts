import { Problem } from '../../../lib/errors.js';
import { decodeCursor, encodeCursor } from '../../../lib/page.js';
import type { Drilldown } from '../engine/reports.definition.js';
import type { Row, Sources, Value } from '../engine/reports.types.js';

/** The values of the columns that order the records, of the last one seen. */
type Last = readonly Value[];

const isValue = (value: unknown): value is string | number | null =>
  value === null || typeof value === 'string' || typeof value === 'number';

/** Where the page after `row` begins. `list` names the list, so that a cursor of another one is refused. */
export function cursorAfter(list: string, { order }: Drilldown, row: Row): string {
  const [first, ...others] = order.map((name) => row[name] ?? null);
  return encodeCursor(list, { value: first ?? null, id: JSON.stringify(others) });
}

/** Throws `invalid_cursor`. */
export function readDrilldownCursor(list: string, drill: Drilldown, cursor: string): Last {
  const { value, id } = decodeCursor(list, cursor);
  let others: unknown;
  try {
    others = JSON.parse(id);
  } catch {
    throw new Problem('invalid_cursor');
  }
  const last = [value, ...(Array.isArray(others) ? (others as unknown[]) : [])];
  const isNumber = (one: unknown): boolean => /^\d{1,18}$/.test(String(one));
  const isLast =
    last.length === drill.order.length && last.every(isValue) && ('mongodb' in drill || last.every(isNumber));
  if (!isLast) throw new Problem('invalid_cursor');
  return last;
}

/** Of records as they are shown. Expressions, for they compare with what is missing too: it comes first. */
function isAfter(order: readonly string[], last: Last): unknown {
  const cases = order.map((name, at) => ({
    $and: [
      ...order.slice(0, at).map((before, n) => ({ $eq: [`$${before}`, { $literal: last[n] }] })),
      { $gt: [`$${name}`, { $literal: last[at] }] },
    ],
  }));
  return { $or: cases };
}

/** The first `count` records, or those after `last`. */
export function recordsAfter(drill: Drilldown, last: Last | undefined, count: number): Sources {
  const { order } = drill;
  if ('mongodb' in drill) {
    const after = last ? [{ $match: { $expr: isAfter(order, last) } }] : [];
    const pipeline = [...drill.mongodb.pipeline, ...after, { $limit: count }];
    return { mongodb: { ...drill.mongodb, pipeline } };
  }
  const { text, bindings } = drill.postgres;
  const numbers = order.map((name) => `${name}::bigint`).join(', ');
  const after = last ? ` where (${numbers}) > (${order.map(() => '?::bigint').join(', ')})` : '';
  return {
    postgres: {
      records: {
        text: `select * from (${text}) as records${after} order by ${numbers} limit ?`,
        bindings: [...bindings, ...(last ?? []), count],
      },
    },
  };
}

/** Of a list that is computed as a whole: where the page after the first `count` rows begins. */
export const cursorAt = (list: string, count: number): string =>
  encodeCursor(list, { value: count, id: 'row' });

/** Throws `invalid_cursor`. */
export function readCursorAt(list: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const { value } = decodeCursor(list, cursor);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Problem('invalid_cursor');
  return value;
}
