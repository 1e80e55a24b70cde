import { Problem } from './errors.js';
import { isStorable } from './text.js';

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

/** Beyond what either store holds: about the years -1100 and 5100. */
const farthestMs = 1e14;

/** A scalar that both stores take, or undefined for anything else that a client may have put there. */
function storable(value: unknown): Position['value'] | undefined {
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value === 'string') return isStorable(value) ? value : undefined;
  const day = (value as { d?: unknown } | undefined)?.d;
  const date = new Date(typeof day === 'string' ? day : NaN);
  return Math.abs(date.getTime()) < farthestMs ? date : undefined;
}

/** Reads a cursor back, or throws `invalid_cursor`. Only scalars come out: nothing a client made becomes an operator. */
export function decodeCursor(sort: string, cursor: string): Position {
  try {
    const { s, v, i } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Partial<Encoded>;
    const [value, id] = [storable(v), storable(i)];
    if (s !== sort || value === undefined || typeof id !== 'string') throw new Error();
    return { value, id };
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
