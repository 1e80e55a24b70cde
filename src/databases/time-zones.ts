import type { Knex } from 'knex';
import { DateTime } from 'luxon';
import type { Connection } from 'mongoose';
import { queryLimitMs } from './mongo/mongo-model.js';

const years = { first: 1990, end: 2041 };
/** Clocks that are changed stay so for weeks: this meets each change that one store knows and another does not. */
const stepMs = 7 * 86_400_000;

/**
 * Why reports cannot count in this zone: a store does not know it, or its clocks say something else than those here, by an
 * older copy of the database. undefined when all three agree.
 */
export async function zoneDisagreement(
  { connection, knex }: { readonly connection: Connection; readonly knex: Knex },
  zone: string,
): Promise<string | undefined> {
  const instants: Date[] = [];
  for (let at = Date.UTC(years.first, 0); at < Date.UTC(years.end, 0); at += stepMs)
    instants.push(new Date(at));
  const here = instants.map((at) => DateTime.fromJSDate(at, { zone }).toFormat('yyyy-MM-dd HH:mm'));
  const first = (there: readonly string[]): string | undefined => {
    const at = there.findIndex((text, n) => text !== here[n]);
    return at < 0
      ? undefined
      : `at ${instants[at]!.toISOString()} it is ${there[at]} there, ${here[at]} here`;
  };
  const said = { timezone: zone, format: '%Y-%m-%d %H:%M' };
  const mongodb = await connection
    .db!.aggregate<{ text: string }>(
      [
        { $documents: instants.map((at) => ({ at })) },
        { $project: { text: { $dateToString: { date: '$at', ...said } } } },
      ],
      { maxTimeMS: queryLimitMs },
    )
    .toArray()
    .then((rows) => first(rows.map(({ text }) => text)))
    .catch(unknownZone);
  if (mongodb !== undefined) return `MongoDB: ${mongodb}`;
  const postgres = await knex
    .raw<{
      rows: { text: string }[];
    }>(
      `select to_char(at at time zone ?, 'YYYY-MM-DD HH24:MI') as text from unnest(?::timestamptz[]) with ordinality as t (at, n) order by n`,
      [zone, instants],
    )
    .then(({ rows }) => first(rows.map(({ text }) => text)))
    .catch(unknownZone);
  return postgres === undefined ? undefined : `Postgres: ${postgres}`;
}

/** MongoDB's 40485 and Postgres' 22023 say that there is no such zone; anything else is thrown on. */
function unknownZone(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (code === 40485 || code === '22023') return 'it does not know the zone';
  throw error;
}
