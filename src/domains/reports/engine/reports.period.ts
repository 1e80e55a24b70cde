import { DateTime } from 'luxon';
import { invalidField } from '../../../lib/errors.js';
import type { Period } from '../../../lib/period.js';
import { remembered } from '../../../lib/remembered.js';
import { isInYears, years } from '../../../lib/time.js';

const longestYears = 200;

interface PeriodText {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Throws `invalid_request` that names the field. */
export function resolveTime(
  field: 'from' | 'to' | 'as_of',
  text: string | undefined,
  zone: string,
): Date | null {
  if (text === undefined) return null;
  const time = DateTime.fromISO(text, { zone });
  if (!time.isValid || !isInYears(time.year))
    throw invalidField(`/query/${field}`, `is not a day or time between ${years.first} and ${years.last}`);
  return time.toJSDate();
}

function periodOf({ from, to }: PeriodText, zone: string): Period {
  const period = { from: resolveTime('from', from, zone), to: resolveTime('to', to, zone) };
  if (period.from && period.to) {
    if (period.from > period.to) throw invalidField('/query/from', 'is after to');
    if (period.to > DateTime.fromJSDate(period.from).plus({ years: longestYears }).toJSDate())
      throw invalidField('/query/to', `is more than ${longestYears} years after from`);
  }
  return period;
}

/**
 * The half-open period that a query means. A day is its midnight in `zone`, so that `from=2025-01-01&to=2026-01-01` is the
 * calendar year there. Throws `invalid_request` for an impossible day, `from` after `to`, or more than 200 years.
 */
export const resolvePeriod = remembered(periodOf, ({ from, to }, zone) => JSON.stringify([zone, from, to]));
