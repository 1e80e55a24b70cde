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

/** How many bars of a ranking can be told apart on a chart. */
export const chartRows = 20;
