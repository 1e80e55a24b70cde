import type {
  AppendedTable,
  CollectionTable,
  MirrorColumn,
  MirrorTables,
} from '../../../databases/mirror/mirror.types.js';
import { toCents } from '../../../lib/money.js';
import { dayNumber, hourOf, localMillis, weekdayOf } from './calendar.js';

const text = (name: string): MirrorColumn => ({ name, type: 'text', from: name });
const word = (name: string): MirrorColumn => ({ name, type: 'word', from: name });
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

const places = ['patient_id', 'doctor_id', 'hospital_id', 'department_id'].map(word);
const day = (instant: Date): number => dayNumber(instant, 'UTC');

/** Of something that is known by its calendar days. */
const days: readonly MirrorColumn[] = [
  time('start_ms', 'start_date', 'bigint', milliseconds),
  time('start_day', 'start_date', 'integer', day),
  time('end_day', 'end_date', 'integer', day),
];

/** Made of whole milliseconds since 1970. */
const ofMillis = (name: string, from: string, of: (instant: Date) => number): MirrorColumn => ({
  ...{ name, from, type: 'integer' },
  of: (millis) => of(new Date(millis as number)),
});

const whole = (name: string): MirrorColumn => ({ name, from: name, type: 'bigint' });

/** Of Postgres: an amount `numeric(12,2)` is so many cents, an instant so many milliseconds. */
const centsOf = (column: string): string => `(100 * ${column})::bigint as cents`;
const millisOf = (column: string): string => `(1000 * extract(epoch from ${column}))::bigint`;

const ledgerTables = (zone: string): readonly AppendedTable[] => [
  {
    name: 'bills',
    ...{ key: 'bill_id', keyType: 'none' },
    of: ['billing'],
    // PAT-7: a merge, and its undo, move bills to another patient.
    rewrites: 'select count(*) + count(undone_at) from patient_merges',
    rows: `select id as bill_id, patient_id, doctor_id, hospital_id, department_id, kind, disease, disease_code, ${centsOf('total_cost')},
      ${millisOf('created_at')} as created_ms, written_by
    from billing`,
    columns: [
      ...[...places, ...['kind', 'disease', 'disease_code'].map(word)],
      ...['cents', 'created_ms'].map(whole),
    ],
  },
  {
    name: 'ledger',
    ...{ key: 'entry_number', keyType: 'none' },
    of: ['ledger_entries'],
    rows: `select entry_number, hospital_id, department_id, doctor_id, kind, account, ${centsOf('amount')},
      ${millisOf('posted_at')} as posted_ms, written_by
    from ledger_places`,
    columns: [
      ...['hospital_id', 'department_id', 'doctor_id', 'kind', 'account'].map(word),
      ...['cents', 'posted_ms'].map(whole),
      ofMillis('local_month', 'posted_ms', (instant) => monthNumber(instant, zone)),
    ],
  },
];

/**
 * What the mirror holds. Instants are whole milliseconds since 1970; beside them stands what the clocks of the reports' zone
 * show then, by our one calendar, so that no engine needs one of its own. A day is the number of days since 1970.
 */
export const mirrorTables = (zone: string): MirrorTables => ({
  mongodb: recordTables(zone),
  postgres: ledgerTables(zone),
});

function recordTables(zone: string): readonly CollectionTable[] {
  const localDay = (instant: Date): number => dayNumber(instant, zone);
  return [
    {
      name: 'appointments',
      collection: 'appointments',
      key: 'appointment_id',
      columns: [
        ...places,
        ...['status', 'disease', 'disease_code'].map(word),
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
        ...['drug', 'drug_code', 'disease', 'disease_code'].map(word),
        cents('cents', 'cost'),
        ...days,
      ],
    },
    {
      name: 'diagnoses',
      collection: 'patients',
      each: 'diagnoses',
      key: 'patient_id',
      keyType: 'word',
      columns: [word('disease'), { ...word('disease_code'), from: 'code' }, ...days],
    },
    {
      name: 'doctors',
      collection: 'doctors',
      key: 'doctor_id',
      keyType: 'word',
      columns: [
        ...['name', 'specialty'].map(text),
        ...['hospital_id', 'department_id'].map(word),
        ...['slot_minutes', 'slot_capacity'].map(integer),
        time('registration_expiry', 'registration_expiry', 'bigint', milliseconds),
        ...['availability', 'leave_days'].map(json),
      ],
    },
    {
      name: 'departments',
      collection: 'departments',
      key: 'department_id',
      keyType: 'word',
      columns: [
        { ...text('name'), from: 'department_name' },
        word('hospital_id'),
        ...['operating_start_hour', 'operating_end_hour'].map(text),
      ],
    },
    {
      name: 'hospitals',
      collection: 'hospitals',
      key: 'hospital_id',
      keyType: 'word',
      columns: ['name', 'time_zone'].map(text),
    },
  ];
}
