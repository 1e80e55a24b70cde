import type { DiseaseKey } from '../../../../aggregations/stages/diseases.js';

/** One text for a disease, its code or else its name; none of the one can be mistaken for the other. */
export const keyText = ({ disease_code, disease }: DiseaseKey): string =>
  disease_code === null ? `name ${disease}` : `code ${disease_code}`;

/** In the order of the stores, which is that of the bytes; what is missing comes last. */
export const compareTexts = (a: string | null, b: string | null): number => {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
};

/** The lesser of two names, either may be missing: which name stands for a code that goes by several. */
export const lesser = (a: string | null, b: string | null): string | null =>
  compareTexts(a, b) <= 0 ? a : b;

/** An average before it is rounded. */
export interface Fraction {
  readonly sum: bigint;
  readonly count: bigint;
}

/** Descending; an average of nothing comes last. */
function compareAverages(a: Fraction, b: Fraction): number {
  if (a.count === 0n || b.count === 0n) return Number(a.count === 0n) - Number(b.count === 0n);
  const [left, right] = [a.sum * b.count, b.sum * a.count];
  return left === right ? 0 : left > right ? -1 : 1;
}

/**
 * By the exact average, descending (two that are shown alike may differ); then by disease_code, then by disease,
 * ascending, with what is missing last.
 */
export function byAverage<R extends DiseaseKey>(average: (row: R) => Fraction) {
  return (a: R, b: R): number =>
    compareAverages(average(a), average(b)) ||
    compareTexts(a.disease_code, b.disease_code) ||
    compareTexts(a.disease, b.disease);
}
