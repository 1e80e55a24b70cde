import { Problem } from '../../lib/errors.js';
import { decodeCursor, toPage, type Page, type PageRequest } from '../../lib/page.js';
import type { Knex } from './postgres.js';

/**
 * A page of the rows that `query` finds, the newest first: by the column `time`, then by `id`, which is unique. Throws
 * `invalid_cursor`.
 */
export async function newestFirst<Row extends object>(
  query: Knex.QueryBuilder<Row, Row[]>,
  { time, id }: { readonly time: keyof Row & string; readonly id: keyof Row & string },
  { limit, cursor }: PageRequest,
): Promise<Page<Row>> {
  const order = [time, id].map((column) => ({ column, order: 'desc' }));
  void query.orderBy(order).limit(limit + 1);
  if (cursor !== undefined) {
    const last = decodeCursor(time, cursor);
    if (!(last.value instanceof Date)) throw new Problem('invalid_cursor');
    void query.whereRaw('(??, ??) < (?, ?)', [time, id, last.value, last.id]);
  }
  const rows = (await query) as Row[];
  return toPage(rows, limit, time, (row) => ({ value: row[time] as Date, id: row[id] as string }));
}
