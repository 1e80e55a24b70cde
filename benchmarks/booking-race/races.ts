import { randomUUID } from 'node:crypto';
import type { Connection } from 'mongoose';
import { primaryOf, waitUntilHealthy } from '../../scripts/drill/faults.js';
import type { MongodNode } from '../../src/databases/embedded/mongod-node.js';
import { sendAll, type Answer, type Wish } from './clients.js';
import type { FreeDoctor, Hospital } from './hospital.js';
import { changesOf, judge, type Booked, type Verdict } from './verdict.js';

export interface Outcome extends Verdict {
  readonly ms: number;
}

export interface KilledOutcome extends Outcome {
  /** How many had won when the primary was killed. */
  readonly booked_before: number;
  /** The clients who were told to come again, since no primary was there in time: their answer is that of the second time. */
  readonly unavailable: number;
  /** The clients who got another answer when they sent the same again, with the same key. */
  readonly changed: Readonly<Record<string, number>>;
}

export interface Track {
  readonly urls: readonly string[];
  readonly hospital: Hospital;
  readonly connection: Connection;
  readonly nodes: readonly MongodNode[];
}

const inFlight = 200;

const storedAt = (connection: Connection, { doctor_id, slots }: FreeDoctor): Promise<Booked[]> =>
  connection
    .collection<Booked>('appointments')
    .find({ doctor_id, date: { $in: [...slots] } }, { projection: { date: 1 } })
    .toArray();

/** As many wishes as clients, over the slots in turns. */
const wishesOf = (
  { tokens }: Hospital,
  { doctor_id, slots }: FreeDoctor,
  clients: number,
  keyOf: () => string | undefined = () => undefined,
): Wish[] =>
  tokens
    .slice(0, clients)
    .map((token, index) => ({ token, doctor_id, date: slots[index % slots.length]!, key: keyOf() }));

/** `clients` patients want the slots of `doctor`, all at once. */
export async function race(
  { urls, hospital, connection }: Track,
  doctor: FreeDoctor,
  clients: number,
): Promise<Outcome> {
  const start = performance.now();
  const answers = await sendAll(urls, wishesOf(hospital, doctor, clients), inFlight);
  const ms = Math.round(performance.now() - start);
  return { ...judge(doctor.slots, answers, await storedAt(connection, doctor)), ms };
}

/**
 * The same, each client with an Idempotency-Key; when a fifth of the slots is given away the primary gets a SIGKILL. When
 * it is back, all clients send the same once more.
 */
export async function raceWithKill(
  { urls, hospital, connection, nodes }: Track,
  doctor: FreeDoctor,
  clients: number,
): Promise<KilledOutcome> {
  const wishes = wishesOf(hospital, doctor, clients, randomUUID);
  const primary = await primaryOf(nodes);
  let booked_before = 0;
  let killed: Promise<void> | undefined;
  const start = performance.now();
  const answers = await sendAll(urls, wishes, inFlight, ({ status }) => {
    if (killed || status !== 201) return;
    booked_before += 1;
    if (booked_before >= doctor.slots.length / 5) killed = primary.kill('SIGKILL');
  });
  const ms = Math.round(performance.now() - start);
  await killed;
  await primary.restart();
  // What had to be rolled back is rolled back by then.
  await waitUntilHealthy(nodes);
  const again = await sendAll(urls, wishes, inFlight);
  const isToComeAgain = ({ status }: Answer): boolean => status === 503;
  const settled = answers.map((answer, index) => (isToComeAgain(answer) ? again[index]! : answer));
  const verdict = judge(doctor.slots, settled, await storedAt(connection, doctor));
  const unavailable = answers.filter(isToComeAgain).length;
  return { ...verdict, ms, booked_before, unavailable, changed: changesOf(settled, again) };
}
