import type { Cell } from './rollup.definition.js';

/*
 * The figures of disease-trends, as they are kept: for each disease a histogram of how many treatments took so many whole days, in
 * documents of a hundred days each (`bars.17`), and one document (`block: null`) of what is counted beside it. A disease is its
 * code, or its name where it has none. Which names a code goes by is counted too: each has a document for `records` alone.
 */

export interface Disease {
  readonly disease_code: string | null;
  readonly disease: string | null;
}

/** A patient's treatments for a disease that began in one period. */
interface Treatments {
  readonly key: Disease;
  /** Whole days of those that have ended. */
  readonly days: readonly number[];
  readonly open: number;
  /** The names of the records that they are told from. */
  readonly names: readonly (string | null)[];
}

const blockDays = 100;

/** The `disease` of a key is null where there is a code. */
export const diseaseOf = (code: string | null | undefined, name: string | null | undefined): Disease => ({
  disease_code: code ?? null,
  disease: code == null ? (name ?? null) : null,
});

/** The cells of one patient's treatments; `prefix` is the part of the key before the disease. */
export function treatmentCells(
  { key: { disease_code, disease }, days, open, names }: Treatments,
  prefix: Cell['key'] = [],
): Cell[] {
  const key = (name: string | null, block: number | null) => [...prefix, disease_code, name, block];
  return [
    ...days.map((n) => ({ key: key(disease, Math.floor(n / blockDays)), figures: { [`bars.${n}`]: 1 } })),
    ...names.map((name) => ({ key: key(name, null), figures: { records: 1 } })),
    { key: key(disease, null), figures: { patients: days.length > 0 ? 1 : 0, open_excluded: open } },
  ];
}
