import fc from 'fast-check';
import { Decimal128, type Document } from 'mongodb';
import { appointmentStatuses } from '../../src/domains/clinical/appointments/appointments.types.js';

/* Records by chance, and what becomes of them: few patients, doctors and diseases over two and a half years, so that they meet. */

const day = 86_400_000;
const start = Date.parse('2023-10-01T00:00:00Z');
const spanDays = 900;

const days = fc.nat(spanDays).map((n) => new Date(start + n * day));
const instants = fc.nat(spanDays * 24).map((hours) => new Date(start + hours * 3_600_000));

export const places = [
  { hospital_id: 'H1', department_id: 'DEP1' },
  { hospital_id: 'H1', department_id: 'DEP2' },
  { hospital_id: 'H2', department_id: 'DEP3' },
] as const;

/** A code with two names, a name without a code, a code without a name, nothing. */
const named = fc.constantFrom(
  { disease: 'Asthma', disease_code: 'J45' },
  { disease: 'Asthma bronchiale', disease_code: 'J45' },
  { disease: 'Asthma', disease_code: null },
  { disease: 'Flu', disease_code: null },
  { disease: null, disease_code: 'E11' },
  { disease: null, disease_code: null },
);
const diagnosed = fc.constantFrom(
  { disease: 'Asthma', code: 'J45' },
  { disease: 'Asthma bronchiale', code: 'J45' },
  { disease: 'Flu', code: null },
);

const patient_id = fc.nat(11).map((n) => `P${n}`);
const doctor_id = fc.nat(4).map((n) => `D${n}`);
/** Most doctors stay at one place. */
const placeOf = (doctor: string, moved: boolean) =>
  places[(Number(doctor.slice(1)) + Number(moved)) % places.length]!;
const moved = fc.nat(7).map((n) => n === 0);
const length = fc.option(fc.integer({ min: -3, max: 250 }), { freq: 4 });

const later = (from: Date, amount: number | null, unit: number): Date | null =>
  amount === null ? null : new Date(from.getTime() + amount * unit);

const who = fc
  .record({ patient_id, doctor_id, moved })
  .map(({ moved: isMoved, ...ids }) => ({ ...ids, ...placeOf(ids.doctor_id, isMoved) }));

export const visit: fc.Arbitrary<Document> = fc
  .record({ who, named, date: instants, hours: length, status: fc.constantFrom(...appointmentStatuses) })
  .map(({ who: ids, named: names, date, hours, status }) => ({
    ...ids,
    ...names,
    ...{ date, status, ended_at: later(date, hours, 3_600_000), version: 1 },
    slot_end: hours === null ? null : later(date, hours % 4, 15 * 60_000),
    ...{ reason: null, history: [], reschedules: [], payment: null, consultation_fee: null },
    ...{ created_at: later(date, (hours ?? 0) * -12, 3_600_000), updated_at: new Date(start) },
  }));

export const prescribed: fc.Arbitrary<Document> = fc
  .record({ who, named, from: fc.option(days, { freq: 9 }), length, cents: fc.nat(1_000_000) })
  .map(({ who: ids, named: names, from, length: long, cents }) => ({
    ...ids,
    ...names,
    ...{ start_date: from, end_date: from && later(from, long, day), version: 1 },
    // A code with two names, a name with and without a code.
    ...{ drug: `Drug ${cents % 4}`, drug_code: cents % 5 > 2 ? null : `C${(cents % 4) >> 1}` },
    ...{ dosage: null, frequency: null, appointment_id: null },
    cost: Decimal128.fromString((cents / 100).toFixed(2)),
    ...{ created_at: new Date(start), updated_at: new Date(start) },
  }));

const diagnosis: fc.Arbitrary<Document> = fc
  .record({ diagnosed, start_date: days, length })
  .map(({ diagnosed: names, start_date, length: long }) => ({
    ...names,
    ...{ start_date, end_date: later(start_date, long, day) },
  }));

const sick: fc.Arbitrary<Document> = fc
  .array(diagnosis, { maxLength: 5 })
  .map((diagnoses) => ({ diagnoses, name: 'Pat', version: 1, created_at: new Date(start) }));

export type Collection = 'appointments' | 'prescriptions' | 'patients';

/** What happens to a document, whether it is there or not. */
export type Step =
  | { readonly do: 'put'; readonly of: Collection; readonly id: string; readonly document: Document }
  | { readonly do: 'set'; readonly of: Collection; readonly id: string; readonly fields: Document }
  | { readonly do: 'remove'; readonly of: Collection; readonly id: string };

const ids = { appointments: fc.nat(59), prescriptions: fc.nat(39), patients: fc.nat(11) } as const;
const idIn = (of: Collection): fc.Arbitrary<string> => ids[of].map((n) => `${of[0]!.toUpperCase()}${n}`);

const put = (of: Collection, document: fc.Arbitrary<Document>): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant('put' as const), of: fc.constant(of), id: idIn(of), document });
const set = (of: Collection, fields: fc.Arbitrary<Document>): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant('set' as const), of: fc.constant(of), id: idIn(of), fields });
const remove = (of: Collection): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant('remove' as const), of: fc.constant(of), id: idIn(of) });

/** Book, prescribe, diagnose, complete or cancel, reschedule, correct, remove. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: put('appointments', visit) },
  {
    weight: 6,
    arbitrary: set('appointments', fc.record({ status: fc.constantFrom(...appointmentStatuses) })),
  },
  { weight: 3, arbitrary: set('appointments', fc.record({ date: instants })) },
  { weight: 2, arbitrary: set('appointments', named) },
  { weight: 2, arbitrary: set('appointments', fc.constantFrom(...places)) },
  { weight: 2, arbitrary: remove('appointments') },
  { weight: 4, arbitrary: put('prescriptions', prescribed) },
  { weight: 3, arbitrary: set('prescriptions', fc.record({ start_date: days, end_date: fc.option(days) })) },
  { weight: 2, arbitrary: set('prescriptions', named) },
  { weight: 1, arbitrary: remove('prescriptions') },
  { weight: 4, arbitrary: put('patients', sick) },
  { weight: 1, arbitrary: remove('patients') },
);
