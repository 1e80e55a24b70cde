/*
 * The limit: what node:http and the driver can do when nobody signs in, nothing is checked and nothing is kept in step. Started
 * by `bare.ts`. One process, and as many connections to MongoDB as ours has.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { MongoClient } from 'mongodb';
import type { Report } from './questions.js';
import { serverSettings } from './child.js';

interface Stored {
  readonly _id: string;
  readonly [field: string]: unknown;
}

const poolSize = 10;
const listed = 20;

const { port, mongodb_uri, bookings_database, claims_slots, reports } = serverSettings();
const client = await MongoClient.connect(mongodb_uri, {
  maxPoolSize: poolSize,
  writeConcern: { w: 'majority' },
});
const db = client.db();
const patients = db.collection<Stored>('patients');
const appointments = db.collection<Stored>('appointments');
const bookings = client.db(bookings_database).collection<Stored>('appointments');
const claims = client.db(bookings_database).collection<Stored>('slot_claims');

/** No two have one slot: the claim's id is the doctor and the time. */
const bookClaimed = (stored: Stored, slot: string): Promise<unknown> =>
  client.withSession((session) =>
    session.withTransaction(
      async () => {
        await claims.insertOne({ _id: slot, appointment_id: stored._id }, { session });
        await bookings.insertOne(stored, { session });
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    ),
  );

async function book(request: IncomingMessage): Promise<Stored> {
  const { date, ...rest } = (await json(request)) as { date: string; doctor_id: string };
  const stored = { _id: randomUUID(), ...rest, date: new Date(date) };
  if (claims_slots) await bookClaimed(stored, `${rest.doctor_id} ${date}`);
  else await bookings.insertOne(stored);
  return stored;
}

function report(name: Report): Promise<unknown> {
  const { collection, pipeline } = reports[name];
  return db
    .collection(collection)
    .aggregate([...pipeline])
    .toArray();
}

async function answerTo(request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url!, 'http://bare');
  const [, resource, id] = pathname.split('/');
  if (resource === 'patients') return patients.findOne({ _id: id! });
  if (resource === 'reports') return report(id as Report);
  if (resource !== 'appointments') return null;
  if (request.method === 'POST') return book(request);
  const [from, to] = [searchParams.get('from')!, searchParams.get('to')!].map((text) => new Date(text));
  const doctor_id = searchParams.get('doctor_id');
  return appointments
    .find({ doctor_id, date: { $gte: from, $lt: to } })
    .sort({ date: -1 })
    .limit(listed)
    .toArray();
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}

const server = createServer((request, response) => {
  answerTo(request).then(
    (value) => send(response, value === null ? 404 : request.method === 'POST' ? 201 : 200, value),
    (error: Error) => send(response, 500, { message: error.message }),
  );
});
server.listen(port, '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
