import type { Diagnosis } from './patients.types.js';

/** The distinct diseases of the diagnoses without an end, in the order of their first start. */
export function openDiseases(diagnoses: readonly Diagnosis[]): string[] {
  const open = diagnoses
    .filter(({ end_date }) => end_date === null)
    .toSorted((a, b) => a.start_date.getTime() - b.start_date.getTime());
  return [...new Set(open.map(({ disease }) => disease))];
}

/**
 * The diagnoses after a day on which exactly these diseases are open: one that is not named ends that day, a new one begins.
 * None is forgotten. The same list when nothing changes.
 */
export function withOpenDiseases(
  diagnoses: readonly Diagnosis[],
  diseases: readonly string[],
  day: Date,
): Diagnosis[] {
  const open = new Set(openDiseases(diagnoses));
  const ended = diagnoses.map((diagnosis) => {
    const ends = diagnosis.end_date === null && !diseases.includes(diagnosis.disease);
    // One that was to begin later ends as it begins.
    const end_date = diagnosis.start_date > day ? diagnosis.start_date : day;
    return ends ? { ...diagnosis, end_date } : diagnosis;
  });
  return [
    ...ended,
    ...openedOn(
      day,
      diseases.filter((disease) => !open.has(disease)),
    ),
  ];
}

/** Diseases that are only named: each is open from that day on. */
export function openedOn(day: Date, diseases: readonly string[]): Diagnosis[] {
  return [...new Set(diseases)].map((disease) => ({ disease, code: null, start_date: day, end_date: null }));
}
