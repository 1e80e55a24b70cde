import { createHash } from 'node:crypto';
import { idPattern } from '../../../lib/fields.js';
import { money, toCents, type Money } from '../../../lib/money.js';
import { isInYears } from '../../../lib/time.js';
import type { Mapped, Row } from './imports.types.js';

/** A value that can't be used. The message is the row's reason: it names the column, never the value. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

type Read<T> = <C extends string>(row: Row<C>, column: C) => T;

const maxText = 1000;
/** What `numeric(12,2)` holds. */
const maxCents = 999_999_999_999n;

/** The text, or null for an empty field. */
export const text: Read<string | null> = (row, column) => {
  const value = row[column];
  if (value.length > maxText) throw new Unusable(`${column} is longer than ${maxText} characters`);
  return value === '' ? null : value;
};

export const requiredText: Read<string> = (row, column) => {
  const value = text(row, column);
  if (value === null || value.trim() === '') throw new Unusable(`${column} is empty`);
  return value;
};

/** An id of theirs, kept as it is. */
export const foreignId: Read<string> = (row, column) => {
  const value = row[column];
  if (!idPattern.test(value))
    throw new Unusable(value === '' ? `${column} is empty` : `${column} is not an id`);
  return value;
};

/** The time, or undefined for text that names none; a day that the calendar does not have would roll over otherwise. */
function parseInstant(value: string): Date | undefined {
  const date = new Date(value);
  return isInYears(date.getUTCFullYear()) && date.getUTCDate() === Number(value.slice(8, 10))
    ? date
    : undefined;
}

/** ISO 8601 in UTC, such as `2024-02-12T10:00:40Z`. */
export const instant: Read<Date> = (row, column) => {
  const value = requiredText(row, column);
  const valid = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value);
  const date = valid ? parseInstant(value) : undefined;
  if (!date) throw new Unusable(`${column} is not a UTC time`);
  return date;
};

export const optionalInstant: Read<Date | null> = (row, column) =>
  row[column] === '' ? null : instant(row, column);

/** A calendar day `2024-02-12`: midnight UTC. */
export const day: Read<Date> = (row, column) => {
  const value = requiredText(row, column);
  const date = /^\d{4}-\d\d-\d\d$/.test(value) ? parseInstant(`${value}T00:00:00Z`) : undefined;
  if (!date) throw new Unusable(`${column} is not a day`);
  return date;
};

export const optionalDay: Read<Date | null> = (row, column) => (row[column] === '' ? null : day(row, column));

/** An exact amount, not negative. */
export const amount: Read<Money> = (row, column) => {
  const value = requiredText(row, column);
  if (!/^\d{1,10}(\.\d{1,2}0*)?$/.test(value) || toCents(value) > maxCents) {
    throw new Unusable(`${column} is not an amount of money`);
  }
  return money(value);
};

/** Degrees of latitude (`limit` 90) or longitude (180); null when it is empty or no such number. */
export function degrees(value: string, limit: 90 | 180): number | null {
  const number = Number(value);
  return value !== '' && Math.abs(number) <= limit ? number : null;
}

/** Hexadecimal digits that depend on the parts and their order only: for ids that the files do not have. */
export function digest(parts: readonly string[], length: number): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
}

/** A whole number of 0 to `below` - 1 that depends on the text only. */
export const pick = (of: string, below: number): number => Number.parseInt(digest([of], 12), 16) % below;

/** Runs a mapper; an unusable value is the row's rejection. */
export function tryMap<T>(map: () => Mapped<T>): Mapped<T> {
  try {
    return map();
  } catch (error) {
    if (error instanceof Unusable) return { rejected: error.message };
    throw error;
  }
}

/**
 * A copy with memory of its own. A text that was cut out of a file's text keeps all of that alive: what stays in a map
 * for the whole run must be copied.
 */
export const ownText = (value: string): string => Buffer.from(value).toString();

/** Gives equal texts as one shared copy. */
export function createTextKeeper(): (value: string) => string {
  const kept = new Map<string, string>();
  return (value) => {
    const found = kept.get(value);
    if (found !== undefined) return found;
    const copy = ownText(value);
    kept.set(copy, copy);
    return copy;
  };
}
