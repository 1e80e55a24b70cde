import { DateTime } from 'luxon';

/*
 * Ages in full years. Days are calendar days as midnight UTC. Anyone who is born on 29 February is a year older on 1 March
 * of other years (the rule of the United Kingdom and most of the United States).
 */

/** The calendar day in `zone` at that instant. */
export function dayIn(zone: string, instant: Date): Date {
  const { year, month, day } = DateTime.fromJSDate(instant, { zone });
  return new Date(Date.UTC(year, month - 1, day));
}

/** Null when the date of birth is unknown. */
export function ageOn(today: Date, date_of_birth: Date | null): number | null {
  if (!date_of_birth) return null;
  const years = today.getUTCFullYear() - date_of_birth.getUTCFullYear();
  const hadBirthday =
    today.getUTCMonth() - date_of_birth.getUTCMonth() || today.getUTCDate() - date_of_birth.getUTCDate();
  return hadBirthday >= 0 ? years : years - 1;
}

/** The latest date of birth of somebody who is at least `age` today: the earlier ones are those who are older. */
export function latestBirth(today: Date, age: number): Date {
  return DateTime.fromJSDate(today, { zone: 'utc' }).minus({ years: age }).toJSDate();
}
