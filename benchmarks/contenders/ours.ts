import type { BenchSystem } from '../servers.js';
import type { Shot } from '../load/load.js';
import { ask, readTopDoctors, type Contender } from './contender.js';
import { inTurns, year, type Report, type Sample } from './questions.js';
import type { People } from './sample.js';

export const reportPaths: Readonly<Record<Report, string>> = {
  'top-doctors': `/api/reports/top-doctors?from=${year.from}&to=${year.to}`,
  monthly: `/api/reports/monthly-appointments-trend?from=${year.from}&to=${year.to}`,
};

/** The same but for some seconds less of the period: no two of a day's worth are one question. */
function anewPath(report: Report, n: number): string {
  const from = new Date(Date.parse(year.from) + (n % 86_400) * 1000).toISOString().replace('.000', '');
  return reportPaths[report].replace(`from=${year.from}`, `from=${from}`);
}

export interface Ours extends Contender {
  /** Questions of which none was asked before: nothing that is kept answers them. */
  readonly anew: Readonly<Record<Report, (n: number) => Shot>>;
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

interface Answer {
  readonly patient_id: string;
  readonly items: readonly { readonly appointment_id: string }[];
  readonly rows: readonly Readonly<Record<string, number>>[];
}

const readers = {
  patient: ({ patient_id }: Answer) => patient_id,
  list: ({ items }: Answer) => items.map(({ appointment_id }) => appointment_id),
  book: () => 'booked',
  'top-doctors': ({ rows }: Answer) => readTopDoctors(rows),
  monthly: ({ rows }: Answer) =>
    rows
      .filter(({ total }) => total! > 0)
      .map(({ month, completed, cancelled }) => [month, completed, cancelled]),
};

/** Our API, a process as `npm start` runs it, asked by people who have signed in. */
export async function startOurs(
  system: BenchSystem,
  sample: Sample,
  people: People,
  settings: Readonly<Record<string, string>> = {},
  { name = 'ours', root }: { readonly name?: string; readonly root?: string } = {},
): Promise<Ours> {
  const api = await system.startApi({ MAX_BOOKINGS: '1000', LOG_LEVEL: 'error', ...settings }, root);
  const [patient, list] = [inTurns(sample.patients), inTurns(sample.lists)];
  const [reader, booker] = [inTurns(people.readers), inTurns(people.bookers)];
  const booking = sample.bookings();
  const get = (n: number, path: string): Shot => ({ path, headers: bearer(reader(n)) });
  let asked = 0;
  const anew = (report: Report) => (n: number) => get(n, anewPath(report, asked++));
  return {
    ...{ name, url: api.url, pid: api.pid },
    shots: {
      patient: (n) => get(n, `/api/patients/${patient(n)}`),
      list: (n) => get(n, `/api/appointments?${new URLSearchParams({ ...list(n), limit: '20' }).toString()}`),
      book() {
        const { patient, doctor_id, date } = booking();
        const body = JSON.stringify({ doctor_id, date });
        return { method: 'POST', path: '/api/appointments', headers: bearer(booker(patient)), body };
      },
      'top-doctors': (n) => get(n, reportPaths['top-doctors']),
      monthly: (n) => get(n, reportPaths.monthly),
    },
    anew: { 'top-doctors': anew('top-doctors'), monthly: anew('monthly') },
    read: (question, body) => readers[question](body as Answer),
    stop: () => api.stop(),
  };
}

/** What answers a report of ours: the definition itself, or what was computed before. */
export async function engineOf(ours: Contender): Promise<string> {
  const response = await ask(ours, 'monthly');
  const { provenance } = (await response.json()) as { provenance?: { engine?: string } };
  return provenance?.engine ?? 'unknown';
}
