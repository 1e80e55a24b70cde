import { ratio, type Money } from '../../../lib/money.js';

/** `part / whole` to 4 decimals, half up; null when there is nothing to divide by. */
export const rate = (part: number, whole: number): number | null =>
  whole === 0 ? null : Number(ratio(BigInt(part), BigInt(whole), 4));

/** A rate as a chart shows it: of a hundred. */
export const percent = (value: number | null): number | null =>
  value === null ? null : Number((value * 100).toFixed(2));

/** An amount as a chart shows it; figures themselves never become floats. */
export const chartAmount = (amount: Money | null): number | null => (amount === null ? null : Number(amount));

export const sumOf = <Row>(rows: readonly Row[], figure: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + figure(row), 0);

export const weekdays = [
  ...['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
] as const;

export const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);

/** From the first to the last month that there is anything of, without a gap. */
export function monthsBetween(found: readonly string[]): string[] {
  const sorted = [...found].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  const months: string[] = [];
  for (let month = first; month !== undefined && month <= last!;) {
    months.push(month);
    const [year, number] = month.split('-').map(Number) as [number, number];
    month = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  }
  return months;
}

/**
 * What bars are called: each by the first of its words, and those that would be called alike by more of them, for as long as that
 * tells them apart.
 */
export function toldApart(bars: readonly (readonly (string | null)[])[]): string[] {
  const words = bars.map((bar) => bar.filter((word) => word !== null));
  const call = (count: number): string[] => words.map((bar) => bar.slice(0, count).join(', '));
  const called = call(1);
  const isTwice = (name: string): boolean => called.indexOf(name) !== called.lastIndexOf(name);
  for (let count = 2; count <= Math.max(0, ...words.map((bar) => bar.length)); count++) {
    const alike = called.map(isTwice);
    call(count).forEach((name, at) => {
      if (alike[at]) called[at] = name;
    });
  }
  return called;
}

/** How many bars of a ranking can be told apart on a chart. */
export const chartRows = 20;
