import type { Diagnosis } from './patients.types.js';

/** The distinct diseases of the diagnoses without an end, in the order of their first start. */
export function openDiseases(diagnoses: readonly Diagnosis[]): string[] {
  const open = diagnoses
    .filter(({ end_date }) => end_date === null)
    .toSorted((a, b) => a.start_date.getTime() - b.start_date.getTime());
  return [...new Set(open.map(({ disease }) => disease))];
}

/** Diseases that are only named: each is open from that day on. */
export function openedOn(day: Date, diseases: readonly string[]): Diagnosis[] {
  return [...new Set(diseases)].map((disease) => ({ disease, code: null, start_date: day, end_date: null }));
}
