import { DateTime } from 'luxon';
import type { Document } from 'mongodb';
import { toCents } from '../../src/lib/money.js';

/* What the pipelines say, said again in plain loops over the documents: slow, obvious, and not the same code. */

interface Asked {
  from: Date | null;
  to: Date | null;
  hospital_ids?: readonly string[] | undefined;
  department_ids?: readonly string[] | undefined;
  doctor_ids?: readonly string[] | undefined;
}

function isAsked(document: Document, date: Date | null, asked: Asked): boolean {
  if ((asked.from || asked.to) && !date) return false;
  if (asked.from && date! < asked.from) return false;
  if (asked.to && date! >= asked.to) return false;
  if (asked.hospital_ids && !asked.hospital_ids.includes(document['hospital_id'])) return false;
  if (asked.department_ids && !asked.department_ids.includes(document['department_id'])) return false;
  return !asked.doctor_ids || asked.doctor_ids.includes(document['doctor_id']);
}

const keyOf = (code: string | null, name: string | null): string =>
  code === null ? `name ${name}` : `code ${code}`;

/** From day to day of the calendar in `zone`. */
const daysBetween = (a: Date, b: Date, zone: string): number => {
  const midnight = (date: Date): DateTime => DateTime.fromJSDate(date, { zone }).startOf('day');
  return Math.round(midnight(b).diff(midnight(a), 'days').days);
};

export function topDoctors(
  appointments: readonly Document[],
  asked: Asked & { by: 'patients' | 'appointments'; status: string; limit: number },
) {
  const doctors = new Map<string, { patients: Set<string>; appointments: number }>();
  for (const one of appointments) {
    if (one['status'] !== asked.status || !isAsked(one, one['date'], asked)) continue;
    const figures = doctors.get(one['doctor_id']) ?? { patients: new Set<string>(), appointments: 0 };
    figures.patients.add(one['patient_id']);
    figures.appointments += 1;
    doctors.set(one['doctor_id'], figures);
  }
  const other = asked.by === 'patients' ? 'appointments' : 'patients';
  return [...doctors]
    .map(([doctor_id, f]) => ({ doctor_id, patients: f.patients.size, appointments: f.appointments }))
    .sort((a, b) => b[asked.by] - a[asked.by] || b[other] - a[other] || (a.doctor_id < b.doctor_id ? -1 : 1))
    .slice(0, asked.limit);
}

export function months(appointments: readonly Document[], asked: Asked & { timeZone: string }) {
  const counts: Record<string, number> = {};
  for (const one of appointments) {
    if (!isAsked(one, one['date'], asked)) continue;
    const key = `${DateTime.fromJSDate(one['date'], { zone: asked.timeZone }).toFormat('yyyy-MM')} ${one['status']}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export function costs(prescriptions: readonly Document[], asked: Asked) {
  const sums: Record<string, { prescriptions: number; cents: bigint; patients: Set<string> }> = {};
  for (const one of prescriptions) {
    if (one['disease'] === null && one['disease_code'] === null) continue;
    if (!isAsked(one, one['start_date'], asked)) continue;
    const sum = (sums[keyOf(one['disease_code'], one['disease'])] ??= {
      prescriptions: 0,
      cents: 0n,
      patients: new Set(),
    });
    sum.prescriptions += 1;
    sum.cents += toCents(one['cost'].toString());
    sum.patients.add(one['patient_id']);
  }
  return Object.fromEntries(
    Object.entries(sums).map(([key, { patients, ...rest }]) => [key, { ...rest, patients: patients.size }]),
  );
}

interface Treatment {
  key: string;
  patient_id: string;
  days: number | null;
}

export interface Duration {
  days: number[];
  patients: Set<string>;
  open: number;
}

function byDisease(treatments: readonly Treatment[]): Record<string, Duration> {
  const diseases: Record<string, Duration> = {};
  for (const { key, patient_id, days } of treatments) {
    const disease = (diseases[key] ??= { days: [], patients: new Set(), open: 0 });
    if (days === null) disease.open += 1;
    else {
      disease.days.push(days);
      disease.patients.add(patient_id);
    }
  }
  for (const disease of Object.values(diseases)) disease.days.sort((a, b) => a - b);
  return diseases;
}

interface Spell {
  start: Date;
  /** null: has not ended. */
  end: Date | null;
}

function episodes(spells: readonly Spell[], gapDays: number, zone: string): (number | null)[] {
  const found: { first: Date; last: Date | null }[] = [];
  for (const { start, end } of [...spells].sort((a, b) => a.start.getTime() - b.start.getTime())) {
    const current = found.at(-1);
    if (!current || (current.last && daysBetween(current.last, start, zone) > gapDays)) {
      found.push({ first: start, last: end });
    } else if (!end || !current.last) current.last = null;
    else if (end > current.last) current.last = end;
  }
  return found.map(({ first, last }) => last && daysBetween(first, last, zone));
}

function joined(
  documents: readonly Document[],
  spell: (document: Document) => Spell,
  gapDays: number,
  zone: string,
): Record<string, Duration> {
  const groups: Record<string, Document[]> = {};
  for (const one of documents)
    (groups[`${keyOf(one['disease_code'], one['disease'])}|${one['patient_id']}`] ??= []).push(one);
  return byDisease(
    Object.entries(groups).flatMap(([group, members]) => {
      const [key, patient_id] = group.split('|') as [string, string];
      return episodes(members.map(spell), gapDays, zone).map((days) => ({ key, patient_id, days }));
    }),
  );
}

const hasDisease = (one: Document): boolean => one['disease'] !== null || one['disease_code'] !== null;

export const trends = {
  diagnoses: (patients: readonly Document[], asked: Asked) =>
    byDisease(
      patients.flatMap(({ _id, diagnoses }) =>
        (diagnoses as Document[])
          .filter((one) => isAsked(one, one['start_date'], { from: asked.from, to: asked.to }))
          .map(({ code, disease, start_date, end_date }) => ({
            key: keyOf(code, disease),
            patient_id: String(_id),
            days: end_date && daysBetween(start_date, end_date, 'UTC'),
          })),
      ),
    ),
  prescriptions: (documents: readonly Document[], asked: Asked & { gapDays: number }) =>
    joined(
      documents.filter(
        (one) => hasDisease(one) && one['start_date'] && isAsked(one, one['start_date'], asked),
      ),
      (one) => ({ start: one['start_date'], end: one['end_date'] }),
      asked.gapDays,
      'UTC',
    ),
  appointments: (documents: readonly Document[], asked: Asked & { gapDays: number; timeZone: string }) =>
    joined(
      documents.filter(
        (one) => hasDisease(one) && one['status'] === 'completed' && isAsked(one, one['date'], asked),
      ),
      (one) => ({ start: one['date'], end: one['ended_at'] ?? one['date'] }),
      asked.gapDays,
      asked.timeZone,
    ),
};
