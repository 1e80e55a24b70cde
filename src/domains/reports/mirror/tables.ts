import type { MirrorColumn, MirrorTable } from '../../../databases/mirror/mirror.types.js';
import { toCents } from '../../../lib/money.js';
import { localMillis } from '../rollups/clocks.js';
import { hourOf, weekdayOf } from '../rollups/hours.js';
import { dayNumber } from '../rollups/periods.js';

const text = (name: string): MirrorColumn => ({ name, type: 'text', from: name });
const integer = (name: string): MirrorColumn => ({ name, type: 'integer', from: name });

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

/** Of an amount, its cents. */
const cents = (name: string, from: string): MirrorColumn => ({
  ...{ name, from, type: 'bigint' },
  of(value) {
    try {
      return Number(toCents(String(value)));
    } catch {
      throw new Error(`${from} is no amount of money`);
    }
  },
});

/** A list or an object that is only handed on. */
const json = (name: string): MirrorColumn => ({
  ...{ name, from: name, type: 'text' },
  of: (value) => JSON.stringify(value),
});

/** The months from January of the year 0 to that of the calendar in `zone`. */
function monthNumber(instant: Date, zone: string): number {
  const local = new Date(localMillis(instant, zone));
  return local.getUTCFullYear() * 12 + local.getUTCMonth();
}

/** `YYYY-MM` of a month's number. */
export const monthText = (number: number): string =>
  `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`;

const places = ['patient_id', 'doctor_id', 'hospital_id', 'department_id'].map(text);
const day = (instant: Date): number => dayNumber(instant, 'UTC');

/** Of something that is known by its calendar days. */
const days: readonly MirrorColumn[] = [
  time('start_ms', 'start_date', 'bigint', milliseconds),
  time('start_day', 'start_date', 'integer', day),
  time('end_day', 'end_date', 'integer', day),
];

/**
 * What the mirror holds. Instants are whole milliseconds since 1970; beside them stands what the clocks of the reports' zone
 * show then, by our one calendar, so that no engine needs one of its own. A day is the number of days since 1970.
 */
export function mirrorTables(zone: string): readonly MirrorTable[] {
  const localDay = (instant: Date): number => dayNumber(instant, zone);
  return [
    {
      name: 'appointments',
      collection: 'appointments',
      key: 'appointment_id',
      columns: [
        ...places,
        ...['status', 'disease', 'disease_code'].map(text),
        time('date_ms', 'date', 'bigint', milliseconds),
        time('local_month', 'date', 'integer', (instant) => monthNumber(instant, zone)),
        time('local_day', 'date', 'integer', localDay),
        time('local_weekday', 'date', 'integer', (instant) => weekdayOf(instant, zone)),
        time('local_hour', 'date', 'integer', (instant) => hourOf(instant, zone)),
        time('slot_end_ms', 'slot_end', 'bigint', milliseconds),
        time('ended_day', 'ended_at', 'integer', localDay),
        time('created_ms', 'created_at', 'bigint', milliseconds),
        time('created_day', 'created_at', 'integer', localDay),
      ],
    },
    {
      name: 'prescriptions',
      collection: 'prescriptions',
      key: 'prescription_id',
      columns: [
        ...places,
        ...['drug', 'drug_code', 'disease', 'disease_code'].map(text),
        cents('cents', 'cost'),
        ...days,
      ],
    },
    {
      name: 'diagnoses',
      collection: 'patients',
      each: 'diagnoses',
      key: 'patient_id',
      columns: [text('disease'), { ...text('disease_code'), from: 'code' }, ...days],
    },
    {
      name: 'doctors',
      collection: 'doctors',
      key: 'doctor_id',
      columns: [
        ...['name', 'specialty', 'hospital_id', 'department_id'].map(text),
        ...['slot_minutes', 'slot_capacity'].map(integer),
        time('registration_expiry', 'registration_expiry', 'bigint', milliseconds),
        ...['availability', 'leave_days'].map(json),
      ],
    },
    {
      name: 'departments',
      collection: 'departments',
      key: 'department_id',
      columns: ['hospital_id', 'operating_start_hour', 'operating_end_hour'].map(text),
    },
    {
      name: 'hospitals',
      collection: 'hospitals',
      key: 'hospital_id',
      columns: [text('time_zone')],
    },
  ];
}
