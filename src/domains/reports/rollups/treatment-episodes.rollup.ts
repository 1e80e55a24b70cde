import type { Document } from 'mongodb';
import { diseaseOf, treatmentCells, type Disease } from './disease-durations.js';
import { dayNumber } from './periods.js';
import type { RollupContext, UnitRecord, UnitRollup } from './rollup.definition.js';

/** Days are numbers, as `dayNumber` gives them; an end of null has not come. */
type Spell = readonly [start: number, end: number | null, name: string | null];

function spellRecord(patient_id: string, { disease_code, disease }: Disease, spell: Spell): UnitRecord {
  return { unit: JSON.stringify([patient_id, disease_code, disease]), record: JSON.stringify(spell) };
}

/** What `aggregations/stages/episodes.ts` makes of a patient's records of a disease, by whole days. */
export function joinSpells(
  spells: readonly (readonly [start: number, end: number | null])[],
  gapDays: number,
): { days: number[]; open: number } {
  const days: number[] = [];
  let current: { first: number; last: number } | undefined;
  for (const [start, end] of [...spells].sort(([a], [b]) => a - b)) {
    const last = Math.max(start, end ?? Infinity);
    if (!current) current = { first: start, last };
    else if (start - current.last > gapDays) {
      days.push(current.last - current.first);
      current = { first: start, last };
    } else current.last = Math.max(current.last, last);
  }
  if (!current) return { days, open: 0 };
  return current.last === Infinity
    ? { days, open: 1 }
    : { days: [...days, current.last - current.first], open: 0 };
}

function cells(unit: string, records: ReadonlyMap<string, number>, { gapDays }: RollupContext) {
  const [, disease_code, disease] = JSON.parse(unit) as [string, string | null, string | null];
  const spells = [...records].flatMap(([text, n]) => Array<Spell>(n).fill(JSON.parse(text) as Spell));
  const names = spells.map(([, , name]) => name);
  const joined = joinSpells(
    spells.map(([start, end]) => [start, end]),
    gapDays,
  );
  return treatmentCells({ key: { disease_code, disease }, ...joined, names });
}

const hasDisease = ({ disease, disease_code }: Document): boolean => disease != null || disease_code != null;

/** How long episodes of treatment lasted, told from prescriptions of the whole time, everywhere, by the configured gap. */
export const prescriptionEpisodes: UnitRollup = {
  version: 1,
  collection: 'rollup_prescription_episodes',
  key: ['disease_code', 'disease', 'block'],
  indexes: [],
  source: 'prescriptions',
  fields: ['patient_id', 'disease', 'disease_code', 'start_date', 'end_date'],
  records(document) {
    const { patient_id, disease, disease_code, start_date, end_date } = document;
    if (!hasDisease(document) || !(start_date instanceof Date)) return [];
    const end = end_date instanceof Date ? dayNumber(end_date, 'UTC') : null;
    const spell = [dayNumber(start_date, 'UTC'), end, (disease as string | undefined) ?? null] as const;
    return [spellRecord(patient_id as string, diseaseOf(disease_code as string, disease as string), spell)];
  },
  cells,
};

/** The same, told from visits that took place; one without an end ended on the day it began. */
export const appointmentEpisodes: UnitRollup = {
  version: 1,
  collection: 'rollup_appointment_episodes',
  key: ['disease_code', 'disease', 'block'],
  indexes: [],
  source: 'appointments',
  fields: ['patient_id', 'disease', 'disease_code', 'status', 'date', 'ended_at'],
  records(document, { timeZone }) {
    const { patient_id, disease, disease_code, status, date, ended_at } = document;
    if (status !== 'completed' || !hasDisease(document) || !(date instanceof Date)) return [];
    const end = ended_at instanceof Date && ended_at > date ? ended_at : date;
    const name = (disease as string | undefined) ?? null;
    const spell = [dayNumber(date, timeZone), dayNumber(end, timeZone), name] as const;
    return [spellRecord(patient_id as string, diseaseOf(disease_code as string, disease as string), spell)];
  },
  cells,
};
