import { table } from '../../src/lib/table.js';

/** What a figure has to be: at `least`, or at `most`. */
export interface Goal {
  readonly what: string;
  readonly least?: number;
  readonly most?: number;
  /** Behind the figure: `×`, `µs`. */
  readonly unit: string;
  /** Null: it was not measured in this run. */
  readonly measured: number | null;
  /** Null: not measured, or the goal is not for data of this size. */
  readonly reached: boolean | null;
}

type Wanted = Pick<Goal, 'what' | 'unit'> & ({ readonly least: number } | { readonly most: number });

/** `counts`: whether this run may judge it. */
export function judge(goal: Wanted, measured: number | null, counts = true): Goal {
  const isJudged = measured !== null && counts;
  const reached = 'least' in goal ? measured! >= goal.least : measured! <= goal.most;
  return { ...goal, measured, reached: isJudged ? reached : null };
}

/** Three significant digits, without an exponent. */
export const rounded = (value: number): number =>
  Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));

const wordOf = { true: 'yes', false: 'NO', null: '' } as const;

export function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, least, most, unit, measured, reached }) => [
    what,
    least === undefined ? `≤ ${most} ${unit}` : `≥ ${least} ${unit}`,
    measured === null ? 'not measured' : `${rounded(measured)} ${unit}`,
    wordOf[`${reached}`],
  ]);
  return table(['what', 'goal', 'measured', 'reached'], rows);
}
