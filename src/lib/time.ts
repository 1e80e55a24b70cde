import { DateTime } from 'luxon';

const day = String.raw`\d{4}-\d{2}-\d{2}`;
const timeOfDay = String.raw`T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`;

/** The sources of patterns for ISO 8601 as we take it. The form only: whether the calendar has the day is asked apart. */
export const iso = {
  day,
  /** Always with its offset. */
  instant: `${day}${timeOfDay}`,
  dayOrInstant: `${day}(${timeOfDay})?`,
} as const;

/** What is outside of these is a slip of the pen. Both are inside. */
export const years = { first: 1800, last: 2200 } as const;

export const isInYears = (year: number): boolean => year >= years.first && year <= years.last;

/** A time as people read it on the clock of `zone`: `Mon 1 March 2027, 10:00 (UTC+01:00)`. */
export const onClock = (date: Date, zone: string): string =>
  DateTime.fromJSDate(date, { zone }).toFormat(`ccc d MMMM yyyy, HH:mm '(UTC'ZZ')'`, { locale: 'en-GB' });
