import type { MirrorColumn, MirrorTable } from '../../../databases/mirror/mirror.types.js';
import { localMillis } from '../rollups/clocks.js';
import { hourOf, weekdayOf } from '../rollups/hours.js';
import { dayNumber } from '../rollups/periods.js';

const text = (name: string): MirrorColumn => ({ name, type: 'text', from: name });

/** Made of an instant; nothing else is one. */
const time = (
  name: string,
  from: string,
  type: MirrorColumn['type'],
  of: (instant: Date) => number,
): MirrorColumn => ({
  ...{ name, from, type },
  of(value) {
    if (!(value instanceof Date)) throw new Error(`${from} is no date`);
    return of(value);
  },
});

const milliseconds = (instant: Date): number => instant.getTime();

/** The months from January of the year 0 to that of the calendar in `zone`. */
function monthNumber(instant: Date, zone: string): number {
  const local = new Date(localMillis(instant, zone));
  return local.getUTCFullYear() * 12 + local.getUTCMonth();
}

/** `YYYY-MM` of a month's number. */
export const monthText = (number: number): string =>
  `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;

/**
 * What the mirror holds. Instants are whole milliseconds since 1970; beside them stands what the clocks of the reports' zone
 * show then, by our one calendar, so that no engine needs one of its own.
 */
export function mirrorTables(zone: string): readonly MirrorTable[] {
  return [
    {
      name: 'appointments',
      collection: 'appointments',
      key: 'appointment_id',
      columns: [
        ...['patient_id', 'doctor_id', 'hospital_id', 'department_id', 'status'].map(text),
        time('date_ms', 'date', 'bigint', milliseconds),
        time('local_month', 'date', 'integer', (instant) => monthNumber(instant, zone)),
        time('local_day', 'date', 'integer', (instant) => dayNumber(instant, zone)),
        time('local_weekday', 'date', 'integer', (instant) => weekdayOf(instant, zone)),
        time('local_hour', 'date', 'integer', (instant) => hourOf(instant, zone)),
        time('created_ms', 'created_at', 'bigint', milliseconds),
        time('created_day', 'created_at', 'integer', (instant) => dayNumber(instant, zone)),
      ],
    },
    {
      name: 'doctors',
      collection: 'doctors',
      key: 'doctor_id',
      columns: ['name', 'specialty', 'department_id'].map(text),
    },
  ];
}
