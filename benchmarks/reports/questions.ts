import type { Connection } from 'mongoose';

/** One thing to ask of a report, the same at every size. */
export interface Question {
  readonly name: string;
  /** With the query. */
  readonly path: string;
}

/** The last of the two years that the records are of. */
const year = { from: '2025-01-01', to: '2026-01-01' } as const;
const bothYears = { from: '2024-01-01', to: '2026-01-01' } as const;
const month = { from: '2025-06-01', to: '2025-07-01' } as const;
/** Begins and ends within a year. */
const run = { from: '2024-05-01', to: '2025-08-01' } as const;

type Query = Readonly<Record<string, string>>;

const question = (report: string, words: string, query: Query): Question => {
  const text = new URLSearchParams(query).toString();
  return { name: `${report}, ${words}`, path: `/api/reports/${report}${text && `?${text}`}` };
};

/** Some of each report. The department has three doctors at every size. */
export async function questionsOn(connection: Connection): Promise<Question[]> {
  const departments = connection.db!.collection<{ _id: string }>('departments');
  const { _id: department_id } = (await departments.findOne({}, { sort: { _id: 1 } }))!;
  return [
    question('top-doctors', 'all time', {}),
    question('top-doctors', 'a year', year),
    question('top-doctors', 'a month', month),
    question('top-doctors', 'a year by appointments', { ...year, by: 'appointments' }),
    question('top-doctors', '15 months', run),
    question('top-doctors', '15 months of a department', { ...run, department_id }),
    question('monthly-appointments-trend', 'both years', bothYears),
    question('monthly-appointments-trend', 'a year', { year: '2025' }),
    question('monthly-appointments-trend', 'a month', month),
    question('monthly-appointments-trend', 'a year of a department', { ...year, department_id }),
    ...['prescriptions', 'appointments', 'diagnoses'].flatMap((basis) => [
      question('disease-trends', `${basis}, all time`, { basis }),
      question('disease-trends', `${basis}, a year`, { basis, ...year }),
    ]),
    ...['weekday', 'hour', 'lead_time'].map((by) =>
      question('no-show-rate', `a year by ${by.replace('_', ' ')}`, { by, ...year }),
    ),
    ...['department', 'month'].map((by) => question('waiting-times', `a year by ${by}`, { by, ...year })),
    question('patient-flow', 'a year', year),
    question('new-and-returning-patients', 'a year', year),
    question('returning-patients', 'of both years', { ...bothYears, until: '2025-12' }),
    question('doctor-utilisation', 'a year', year),
    question('doctor-utilisation', 'a year of a department', { ...year, department_id }),
    question('drug-spend', 'all time', {}),
    question('drug-spend', 'a year', year),
    question('average-prescription-cost', 'all time', {}),
    ...['month', 'department', 'doctor'].map((by) => question('revenue', `a year by ${by}`, { by, ...year })),
    question('revenue', 'a year by doctor of a department', { by: 'doctor', ...year, department_id }),
  ];
}

/** The same question, with more words in it. */
export const asking = ({ path }: Question, words: Query): string =>
  `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(words).toString()}`;
