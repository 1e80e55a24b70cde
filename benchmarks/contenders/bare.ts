import { fileURLToPath } from 'node:url';
import type { Db } from 'mongodb';
import { nodeWords } from '../../scripts/compile.mjs';
import { freePort } from '../../src/databases/embedded/processes.js';
import { mongoIndexDescription } from '../../src/databases/mongo/mongo-index.js';
import { appointmentModel } from '../../src/domains/clinical/appointments/appointments.model.js';
import { startChild } from './child.js';
import { readMonths, readTopDoctors, type Contender, type Records } from './contender.js';
import { inTurns, type Sample } from './questions.js';

export const bareName = 'bare node:http';
const claimingName = 'bare, slot claimed';
const server = fileURLToPath(new URL('bare-server.ts', import.meta.url));

type Rows = readonly Readonly<Record<string, unknown>>[];

const readers = {
  patient: (body: unknown) => (body as { _id: string })._id,
  list: (body: unknown) => (body as Rows).map(({ _id }) => _id),
  book: () => 'booked',
  'top-doctors': (body: unknown) => readTopDoctors(body as Rows),
  monthly: (body: unknown) => readMonths(body as Rows),
};

/** What a server without rules stores of a booking: as much as ours does of the visit itself. */
function bookingBody(sample: Sample): () => string {
  const next = sample.bookings();
  const patientId = inTurns(sample.patients);
  return () => {
    const { patient, doctor_id, date } = next();
    const visit = { patient_id: patientId(patient), doctor_id, date, status: 'scheduled', disease: null };
    return JSON.stringify({ ...visit, department_id: doctor_id, hospital_id: doctor_id, reason: null });
  };
}

/** The indexes that ours has, so that a booking costs the same writes. */
export async function indexAppointments(db: Db): Promise<void> {
  const { collection, indexes } = appointmentModel;
  await db.collection(collection).createIndexes(indexes.map(mongoIndexDescription));
}

/**
 * node:http and the driver on our own collections. Bookings go elsewhere: ours are in our reports. With `claimsSlots` a booking is
 * promised what ours promises: nobody else has the slot, and both are with a majority or neither is there.
 */
export async function startBare(
  { client, mongodbUri, database, dataDir: cwd }: Records,
  sample: Sample,
  signal: AbortSignal,
  { claimsSlots = false } = {},
): Promise<Contender> {
  const bookings_database = `${database}_${claimsSlots ? 'claimed' : 'bare'}`;
  await indexAppointments(client.db(bookings_database));
  const child = await startChild({
    name: 'bare',
    words: [process.execPath, ...nodeWords(server)],
    settings: {
      ...{ port: await freePort(), mongodb_uri: mongodbUri, bookings_database },
      claims_slots: claimsSlots,
    },
    ...{ cwd, signal },
  });
  const [patient, list] = [inTurns(sample.patients), inTurns(sample.lists)];
  const body = bookingBody(sample);
  return {
    ...child,
    name: claimsSlots ? claimingName : bareName,
    shots: {
      patient: (n) => ({ path: `/patients/${patient(n)}` }),
      list: (n) => ({ path: `/appointments?${new URLSearchParams({ ...list(n) }).toString()}` }),
      book: () => ({ method: 'POST', path: '/appointments', body: body() }),
      'top-doctors': () => ({ path: '/reports/top-doctors' }),
      monthly: () => ({ path: '/reports/monthly' }),
    },
    read: (question, answer) => readers[question](answer),
  };
}
