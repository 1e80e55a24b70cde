import type { PostgresTable } from './postgres-table.js';

/**
 * One statement for rows of any number, which come as the text of a JSON array: as parameters of their own, at most 65,535 values
 * could come. `names` are the columns that are given.
 */
export function bulkInsert<Column extends string>(
  { table, columns }: PostgresTable<Column>,
  names: readonly Column[],
): string {
  const typed = names.map((name) => `${name} ${columns[name]}`).join(', ');
  return `
    insert into ${table} (${names.join(', ')})
    select ${names.join(', ')} from jsonb_to_recordset(?::jsonb) as given (${typed})`;
}
