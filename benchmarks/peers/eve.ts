import { freePort } from '../../src/databases/embedded/processes.js';
import { withDatabase } from '../servers.js';
import { startChild } from '../contenders/child.js';
import { readMonths, readTopDoctors, type Contender, type Records } from '../contenders/contender.js';
import { copyRecords } from './copies.js';
import { versions } from './install.js';
import { inTurns, type BookingWish, type ListWish, type Sample } from '../contenders/questions.js';

export const workers = 2;

/** RFC 1123, as Eve reads and writes times. */
const dateOf = (value: Date | string): string => new Date(value).toUTCString();

export const listQuery = ({ doctor_id, from, to }: ListWish): string =>
  new URLSearchParams({
    where: JSON.stringify({ doctor_id, date: { $gte: dateOf(from), $lt: dateOf(to) } }),
    max_results: '20',
    sort: '-date',
  }).toString();

export function bookingBody(
  { patient, doctor_id, date }: BookingWish,
  patientId: (n: number) => string,
): string {
  const visit = { patient_id: patientId(patient), doctor_id, date: dateOf(date), status: 'scheduled' };
  return JSON.stringify({
    ...{ ...visit, department_id: doctor_id, hospital_id: doctor_id },
    ...{ disease: null, reason: null },
  });
}

/** Of a year by month and status; Eve gives 25 unless asked for more. */
const allRows = 'max_results=100';

type Rows = readonly Readonly<Record<string, unknown>>[];

const itemsOf = (body: unknown): Rows => (body as { _items: Rows })._items;

const readers = {
  patient: (body: unknown) => (body as { _id: string })._id,
  list: (body: unknown) => itemsOf(body).map(({ _id }) => _id),
  book: () => 'booked',
  'top-doctors': (body: unknown) => readTopDoctors(itemsOf(body)),
  monthly: (body: unknown) => readMonths(itemsOf(body)),
};

/** Eve on a copy of the records, behind gunicorn with two sync workers. */
export async function startEve(
  { client, mongodbUri, database, dataDir: cwd }: Records,
  sample: Sample,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<Contender> {
  const own = `${database}_eve`;
  const now = new Date();
  // Of the length of a SHA-1: Eve computes it for each answer when it is not stored.
  await copyRecords(client, database, own, { _created: now, _updated: now, _etag: 'e'.repeat(40) });
  const port = await freePort();
  const gunicorn = ['--bind', `127.0.0.1:${port}`, '--workers', String(workers), '--log-level', 'error'];
  const child = await startChild({
    name: 'Eve',
    words: ['python3', '-m', 'gunicorn', ...gunicorn, '--chdir', import.meta.dirname, 'eve_server:app'],
    // What Python compiles for itself does not belong in our folder.
    env: { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    settings: { port, mongodb_uri: withDatabase(mongodbUri, own) },
    ...{ cwd, signal },
  });
  const [patient, list] = [inTurns(sample.patients), inTurns(sample.lists)];
  const booking = sample.bookings();
  const headers = { Accept: 'application/json' };
  return {
    ...child,
    name: `Eve ${versions.eve}, ${workers} workers`,
    shots: {
      patient: (n) => ({ path: `/patients/${patient(n)}`, headers }),
      list: (n) => ({ path: `/appointments?${listQuery(list(n))}`, headers }),
      book: () => ({
        ...{ method: 'POST', path: '/appointments', headers },
        body: bookingBody(booking(), patient),
      }),
      'top-doctors': () => ({ path: `/top-doctors?${allRows}`, headers }),
      monthly: () => ({ path: `/monthly?${allRows}`, headers }),
    },
    read: (question, answer) => readers[question](answer),
  };
}
