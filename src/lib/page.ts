import { Problem } from './errors.js';

/** A list's answer. `next_cursor` is null on the last page. */
export interface Page<T> {
  readonly items: T[];
  readonly next_cursor: string | null;
}

export type Direction = 1 | -1;

/** Where a page starts: after the row with these values of the sort key and the id. Dates travel as ISO text. */
export interface Position {
  readonly value: string | number | Date | null;
  readonly id: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

interface Encoded {
  s: string;
  v: string | number | null | { d: string };
  i: string;
}

/** Opaque to the client; `sort` is inside, so a cursor of one order can't be used with another. */
export function encodeCursor(sort: string, at: Position): string {
  const value = at.value instanceof Date ? { d: at.value.toISOString() } : at.value;
  const encoded: Encoded = { s: sort, v: value, i: at.id };
  return Buffer.from(JSON.stringify(encoded)).toString('base64url');
}

/** Reads a cursor back, or throws `invalid_cursor`. Only scalars come out: nothing a client made becomes an operator. */
export function decodeCursor(sort: string, cursor: string): Position {
  try {
    const { s, v, i } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Partial<Encoded>;
    if (s !== sort || typeof i !== 'string') throw new Error();
    if (v === null || typeof v === 'string' || typeof v === 'number') return { value: v, id: i };
    const date = new Date(typeof v?.d === 'string' ? v.d : NaN);
    if (Number.isNaN(date.getTime())) throw new Error();
    return { value: date, id: i };
  } catch {
    throw new Problem('invalid_cursor');
  }
}

/** Cuts `rows` (asked for with `limit + 1`) to the page, and says where the next one starts. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  sort: string,
  position: (row: T) => Position,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? encodeCursor(sort, position(last)) : null };
}
