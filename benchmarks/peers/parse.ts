import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { nodeWords } from '../../scripts/compile.mjs';
import { BSON } from 'mongodb';
import { freePort } from '../../src/databases/embedded/processes.js';
import { withDatabase } from '../servers.js';
import { startChild } from '../contenders/child.js';
import { readTopDoctors, readMonths, type Contender, type Records } from '../contenders/contender.js';
import { copyRecords } from './copies.js';
import { versions } from './install.js';
import { inTurns, pipelines, type BookingWish, type Report, type Sample } from '../contenders/questions.js';

const server = fileURLToPath(new URL('parse-server.ts', import.meta.url));

const text = { type: 'String' } as const;
const date = { type: 'Date' } as const;

/** The fields that are asked by, or written. The others are read as they are. */
export const schemas: Readonly<Record<string, Readonly<Record<string, { readonly type: string }>>>> = {
  patients: { name: text },
  appointments: {
    ...{ patient_id: text, doctor_id: text, department_id: text, hospital_id: text },
    ...{ date, status: text, disease: text, reason: text },
  },
};

/** Its settings know no write concern. */
const withMajority = (uri: string): string => `${uri}${uri.includes('?') ? '&' : '?'}w=majority`;

const dateOf = (value: Date | string) => ({ __type: 'Date', iso: new Date(value).toISOString() });

export const listQuery = ({ doctor_id, from, to }: { doctor_id: string; from: string; to: string }): string =>
  new URLSearchParams({
    where: JSON.stringify({ doctor_id, date: { $gte: dateOf(from), $lt: dateOf(to) } }),
    limit: '20',
    order: '-date',
  }).toString();

/** The pipeline as Extended JSON, so that its dates are dates. */
export const reportQuery = (report: Report): string =>
  new URLSearchParams({
    pipeline: BSON.EJSON.stringify(pipelines[report].pipeline),
    ...{ rawValues: 'true', rawFieldNames: 'true' },
  }).toString();

export function bookingBody(
  { patient, doctor_id, date: at }: BookingWish,
  patientId: (n: number) => string,
): string {
  const visit = { patient_id: patientId(patient), doctor_id, date: dateOf(at), status: 'scheduled' };
  return JSON.stringify({ ...visit, department_id: doctor_id, hospital_id: doctor_id });
}

type Rows = readonly Readonly<Record<string, unknown>>[];

const readers = {
  patient: (body: unknown) => (body as { objectId: string }).objectId,
  list: (body: unknown) => (body as { results: Rows }).results.map(({ objectId }) => objectId),
  book: () => 'booked',
  'top-doctors': (body: unknown) => readTopDoctors((body as { results: Rows }).results),
  monthly: (body: unknown) => readMonths((body as { results: Rows }).results),
};

async function createSchemas(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
  for (const [className, fields] of Object.entries(schemas)) {
    const response = await fetch(`${url}/parse/schemas/${className}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ className, fields }),
    });
    if (!response.ok) throw new Error(`Parse Server refuses its schema: ${await response.text()}`);
  }
}

/** Parse Server on a copy of the records, asked as an app's client; reports with the master key, which they need. */
export async function startParse(
  { client, mongodbUri, database, dataDir: cwd }: Records,
  sample: Sample,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<Contender> {
  const own = `${database}_parse`;
  const now = new Date();
  await copyRecords(client, database, own, { _created_at: now, _updated_at: now });
  const key = randomBytes(16).toString('hex');
  const child = await startChild({
    name: 'Parse Server',
    words: [process.execPath, ...nodeWords(server)],
    env: { PEER_FOLDER: folder, PEER_KEY: key, NODE_ENV: 'production' },
    settings: { port: await freePort(), mongodb_uri: withMajority(withDatabase(mongodbUri, own)) },
    ...{ cwd, signal },
  });
  const app = { 'X-Parse-Application-Id': 'bench' };
  const master = { ...app, 'X-Parse-Master-Key': key };
  const [patient, list] = [inTurns(sample.patients), inTurns(sample.lists)];
  const booking = sample.bookings();
  try {
    await createSchemas(child.url, master);
  } catch (error) {
    await child.stop();
    throw error;
  }
  const report = (name: Report) => {
    const path = `/parse/aggregate/appointments?${reportQuery(name)}`;
    return () => ({ path, headers: master });
  };
  return {
    ...child,
    name: `Parse Server ${versions.parse}`,
    shots: {
      patient: (n) => ({ path: `/parse/classes/patients/${patient(n)}`, headers: app }),
      list: (n) => ({ path: `/parse/classes/appointments?${listQuery(list(n))}`, headers: app }),
      book: () => ({
        ...{ method: 'POST', path: '/parse/classes/appointments', headers: app },
        body: bookingBody(booking(), patient),
      }),
      'top-doctors': report('top-doctors'),
      monthly: report('monthly'),
    },
    read: (question, answer) => readers[question](answer),
  };
}
