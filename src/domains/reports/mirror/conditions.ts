import type { Scope } from '../../../../aggregations/stages/filters.js';
import type { MirrorQuery, MirrorValue } from '../../../databases/mirror/mirror.types.js';
import type { Period } from '../../../lib/period.js';

/* The conditions that all questions have, as SQL over the mirror in the words that DuckDB and Trino share. */

/** All of them; true when there is none. */
export function allOf(...conditions: readonly MirrorQuery[]): MirrorQuery {
  const asked = conditions.filter(({ text }) => text !== '');
  return {
    text: asked.map(({ text }) => text).join(' and ') || 'true',
    bindings: asked.flatMap(({ bindings }) => bindings),
  };
}

const none: MirrorQuery = { text: '', bindings: [] };

/** As `$in`: nothing is one of none. */
export function oneOf(column: string, values: readonly MirrorValue[]): MirrorQuery {
  if (values.length === 0) return { text: 'false', bindings: [] };
  if (values.length === 1) return { text: `${column} = ?`, bindings: values };
  return { text: `${column} in (${values.map(() => '?').join(', ')})`, bindings: values };
}

export const is = (column: string, value: string | undefined): MirrorQuery =>
  value === undefined ? none : { text: `${column} = ?`, bindings: [value] };

export const isAnyOf = (column: string, values: readonly string[] | undefined): MirrorQuery =>
  values ? oneOf(column, values) : none;

/** As `within` of the definitions, of a column of milliseconds. */
export const within = (column: string, { from, to }: Period): MirrorQuery =>
  allOf(
    from ? { text: `${column} >= ?`, bindings: [from.getTime()] } : none,
    to ? { text: `${column} < ?`, bindings: [to.getTime()] } : none,
  );

/** As `inScope` of the definitions. */
export const inScope = ({ hospital_ids, department_ids, doctor_ids }: Scope): MirrorQuery =>
  allOf(
    isAnyOf('hospital_id', hospital_ids),
    isAnyOf('department_id', department_ids),
    isAnyOf('doctor_id', doctor_ids),
  );
