import { DateTime, Info } from 'luxon';
import { readable } from '../../../lib/names.js';
import { hiddenText } from '../engine/reports.small-cells.js';
import type { Column, Row, Value } from '../engine/reports.types.js';

/* An answer as people read it, on a page and on paper: names in place of ids, and words in place of codes. */

/** What is called by a name, and the column that has its id. */
export const sought = { hospital: 'hospital_id', department: 'department_id', doctor: 'doctor_id' } as const;
export type Sought = keyof typeof sought;

/** The id itself for what is there no more. */
export type NameOfPlace = (kind: Sought, id: string) => Promise<string>;

interface PlaceDeps {
  readonly hospitals: { find(id: string): Promise<{ readonly name: string } | null> };
  readonly departments: {
    find(id: string): Promise<{ readonly department_name: string; readonly hospital_id: string } | null>;
  };
  readonly doctors: { find(id: string): Promise<{ readonly name: string } | null> };
}

export function createPlaceNames({ hospitals, departments, doctors }: PlaceDeps): NameOfPlace {
  return async function nameOf(kind: Sought, id: string): Promise<string> {
    if (kind === 'department') {
      const department = await departments.find(id);
      if (!department) return id;
      return `${readable(department.department_name)}, ${await nameOf('hospital', department.hospital_id)}`;
    }
    const found = await (kind === 'hospital' ? hospitals : doctors).find(id);
    return found ? readable(found.name) : id;
  };
}

const kindOf = Object.fromEntries(Object.entries(sought).map(([kind, column]) => [column, kind])) as Readonly<
  Partial<Record<string, Sought>>
>;

/** More distinct records than these are shown by their ids. */
const mostNames = 300;

/** What the name of a record may be called beside its id. */
const nameColumns: Readonly<Record<Sought, readonly string[]>> = {
  hospital: ['hospital', 'hospital_name'],
  department: ['department', 'department_name'],
  doctor: ['doctor', 'doctor_name', 'name'],
};

export const isFigure = ({ type }: Column): boolean => type in figures;

/** Whether it is the code of a name that stands beside it, and tells nothing apart that the name does not. */
function isSpareCode({ name }: Column, columns: readonly Column[], rows: readonly Row[]): boolean {
  const named = name.replace(/_code$/, '');
  if (named === name || !columns.some((column) => column.name === named)) return false;
  return new Set(rows.map((row) => row[named])).size === rows.length;
}

/**
 * An id is nothing to read: in its place is the name of what it is of. So, one column of the two where a report has both. What is
 * empty in all rows, as the parts of a key are that the question did not ask for, is left out.
 */
export function shownColumns(columns: readonly Column[], rows: readonly Row[]): Column[] {
  const filled = columns.filter(
    (column) =>
      isFigure(column) || rows.length === 0 || rows.some(({ [column.name]: value }) => value !== null),
  );
  const named = (kind: Sought): Column | undefined =>
    filled.find(({ name }) => nameColumns[kind].includes(name));
  // Departments of different hospitals have the same name: theirs is looked up, with the hospital, where no column says it.
  const departmentId = named('hospital') ? undefined : filled.find(({ name }) => name === 'department_id');
  const spare = departmentId && named('department');
  return filled.flatMap((column): Column[] => {
    if (column === spare || (column.name === 'group' && filled.some(({ name }) => name === 'label')))
      return [];
    if (column === departmentId) return [{ ...column, title: spare?.title ?? column.title }];
    const kind = kindOf[column.name];
    return (kind && named(kind)) || isSpareCode(column, filled, rows) ? [] : [column];
  });
}

/** The rows with names where these columns have ids. */
export async function withNames(
  rows: readonly Row[],
  columns: readonly Column[],
  nameOf: NameOfPlace,
): Promise<Row[]> {
  const named = new Map<string, string>();
  for (const { name } of columns) {
    const kind = kindOf[name];
    if (!kind) continue;
    const ids = [...new Set(rows.map((row) => row[name]))].filter((id) => typeof id === 'string');
    if (ids.length > mostNames) continue;
    for (const [id, text] of await Promise.all(ids.map(async (id) => [id, await nameOf(kind, id)] as const)))
      named.set(`${name} ${id}`, text);
  }
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      columns.flatMap(({ name }) => {
        const text = named.get(`${name} ${String(row[name])}`);
        return text === undefined ? [] : [[name, text]];
      }),
    ),
  }));
}

/** Both, for what is read whole. */
export async function readAnswer<
  A extends { readonly columns: readonly Column[]; readonly rows: readonly Row[] },
>(answer: A, nameOf: NameOfPlace): Promise<A> {
  const columns = shownColumns(answer.columns, answer.rows);
  return { ...answer, columns, rows: await withNames(answer.rows, columns, nameOf) };
}

const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

const months = {
  long: Info.months('long', { locale: 'en-GB' }),
  short: Info.months('short', { locale: 'en-GB' }),
};
const weekdays = Info.weekdays('long', { locale: 'en-GB' });

/** `2026-11`: `November 2026`, or `Nov 2026`. */
export const monthWords = (month: string, length: keyof typeof months = 'long'): string =>
  `${months[length][Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;

/** What is no figure, in words; undefined for a figure. */
export function wordsOf(value: Value | undefined, column: Column, timeZone: string): string | undefined {
  const { name, type, nothing = '–' } = column;
  if (value === null || value === undefined) return nothing;
  if (name === 'weekday' && typeof value === 'number') return weekdays[value - 1] ?? '–';
  if (name === 'hour' && typeof value === 'number') return `${String(value).padStart(2, '0')}:00`;
  if (value === hiddenText) return value;
  if (isFigure(column)) return undefined;
  const text = String(value);
  if (type === 'month') return monthWords(text);
  if (isoInstant.test(text))
    return DateTime.fromISO(text, { zone: timeZone, locale: 'en-GB' }).toFormat('d LLL yyyy, HH:mm');
  return readable(text);
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const twoDecimals = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percentages = new Intl.NumberFormat('en', { style: 'percent', minimumFractionDigits: 2 });

export const figures: Readonly<Record<Exclude<Column['type'], 'text' | 'month'>, (value: never) => string>> =
  {
    count: (value) => whole.format(value),
    decimal: (value) => decimals.format(value),
    // From the exact text: no float in between.
    money: (value) => twoDecimals.format(value),
    days: (value) => decimals.format(value),
    rate: (value) => percentages.format(value),
  };

/** In words and signs, without a unit. */
export const cellText = (value: Value | undefined, column: Column, timeZone: string): string =>
  wordsOf(value, column, timeZone) ??
  figures[column.type as keyof typeof figures](value as never).replace('-', '−');

/** What stands under a heading: what its numbers are in. */
export function unitOf({ type }: Column, currency: string | undefined): string | undefined {
  if (type === 'money') return currency;
  return type === 'days' ? 'days' : undefined;
}
