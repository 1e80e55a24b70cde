import { judge, type Goal } from '../load/goals.js';
import { cellName, rateRatio, type Result } from '../contenders/measuring.js';
import { questions, type Question, type Report } from '../contenders/questions.js';

export const others = ['bare', 'parse', 'eve'] as const;
export type Other = (typeof others)[number];

/** What the servers are called in the results; those that did not run are missing. */
export type Names = Readonly<{ ours: string } & Partial<Record<Other, string>>>;

/** How many times the rate of each other server ours must have, at the least. */
const requestGoals = {
  patient: { bare: 0.65, parse: 2, eve: 2 },
  list: { bare: 0.8, parse: 2, eve: 2 },
  book: { bare: 0.25, parse: 2, eve: 2 },
} as const;

/** And that of the fastest other one, for reports that are computed anew each time, and for the same asked again. */
const reportGoals = { anew: 25, again: 200 } as const;

/** What the questions of which none was asked before are called in the results. */
export const anewName = (report: Report): string => `${report} anew`;

/** About the 400,000 for which the goals of reports were set: the more there are, the easier. */
const enoughAppointments = 390_000;

/** The least of what is known; null when nothing is. */
function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

export function goalsOf(results: readonly Result[], names: Names, appointments: number): Goal[] {
  const times = (
    question: Question,
    connections: number,
    other: Other,
    asked: string = question,
  ): number | null => {
    const name = names[other];
    if (name === undefined) return null;
    return rateRatio(
      results,
      cellName(asked, connections, names.ours),
      cellName(question, connections, name),
    );
  };
  const goals: Goal[] = [];
  for (const question of ['patient', 'list', 'book'] as const) {
    for (const other of others) {
      const what = `${questions[question].title}: × ${names[other] ?? other}`;
      const goal = { what, least: requestGoals[question][other], unit: '×' };
      goals.push(judge(goal, times(question, 32, other)));
    }
  }
  for (const question of ['top-doctors', 'monthly'] as const) {
    for (const how of ['anew', 'again'] as const) {
      const asked = how === 'anew' ? anewName(question) : question;
      for (const readers of [1, 32] as const) {
        const { title } = questions[question];
        const what = `${title}, ${how}: × the fastest other, ${readers} reader${readers === 1 ? '' : 's'}`;
        const measured = least(others.map((other) => times(question, readers, other, asked)));
        const goal = { what, least: reportGoals[how], unit: '×' };
        goals.push(judge(goal, measured, appointments >= enoughAppointments));
      }
    }
  }
  return goals;
}
