import { setTimeout as sleep } from 'node:timers/promises';
import type { Parts } from '../../src/composition.js';
import { writeDeadlineMs } from '../../src/databases/retry.js';
import { within } from '../../src/lib/within.js';
import { atTime } from '../drill-clock.js';
import { drillAdmin, newDrillPatient, openDrillHospital } from '../drill-hospital.js';

/** A write that a caller was told is done. `key` is the words that only this write used; the id is the server's. */
export interface Acknowledged {
  readonly kind: 'patient' | 'appointment' | 'checked_in' | 'completed';
  readonly key: string;
  readonly id: string;
}

/** What the callers saw; times in ms of `performance.now()`. */
export interface Tally {
  readonly acknowledged: readonly Acknowledged[];
  readonly acknowledgedAt: readonly number[];
  readonly readAt: readonly number[];
  /** `write already_exists`, `read MongoNetworkError`, one for each call that failed. */
  readonly errors: readonly string[];
  /** Calls that had no answer by a time by which the API gives one; they are not waited for any longer. */
  readonly hung: readonly string[];
}

export interface Workload {
  readonly tally: Tally;
  /** Lets the calls in flight end; those that do not are among the hung. */
  stop(): Promise<void>;
}

class Hung extends Error {}

const slotMs = 15 * 60_000;
const dayMs = 86_400_000;
/** Windows end at 23:55 at the latest, and so does the last slot of a day. */
const slotsOfDay = 95;

/** What is retried ends, and is told, well before. */
const hungMs = writeDeadlineMs + 15_000;

const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: string };
  if (typeof code === 'string') return code;
  return [name ?? 'unknown', ...(typeof code === 'number' ? [code] : [])].join(' ');
};

/**
 * Writers that go through the API's own services as the routes do: each has a doctor and makes patients of its own, books
 * for them, and takes every appointment through its steps to the bill, when it begins (`parts` go by `drillClock`). One reader beside them reads what was booked last.
 */
export async function startWorkload(parts: Parts, writers: number): Promise<Workload> {
  const hospital = await openDrillHospital(parts);
  const doctors: string[] = [];
  while (doctors.length < writers) doctors.push(await hospital.newDoctor());
  const firstDay = Math.ceil(Date.now() / dayMs) * dayMs;
  const acknowledged: Acknowledged[] = [];
  const acknowledgedAt: number[] = [];
  const readAt: number[] = [];
  const errors: string[] = [];
  const hung: string[] = [];
  let lastBooked: string | undefined;
  let stopped = false;

  const answered = <T>(what: string, call: Promise<T>): Promise<T> =>
    within(hungMs, call, () => {
      hung.push(what);
      throw new Hung();
    });

  async function write(
    kind: Acknowledged['kind'],
    key: string,
    act: () => Promise<string>,
  ): Promise<string | undefined> {
    try {
      const id = await answered(`${kind} ${key}`, act());
      acknowledged.push({ kind, key, id });
      acknowledgedAt.push(performance.now());
      return id;
    } catch (error) {
      if (!(error instanceof Hung)) errors.push(`write ${codeOf(error)}`);
      await sleep(20);
      return undefined;
    }
  }

  async function step(id: string, key: string, status: 'checked_in' | 'completed', date: string) {
    await write(status, key, async () => {
      await atTime(new Date(date), () => parts.appointments.forActors.update(drillAdmin, id, { status }));
      return id;
    });
  }

  async function writeOn(writer: number): Promise<void> {
    let patient_id: string | undefined;
    for (let visit = 0; !stopped; visit += 1) {
      if (patient_id === undefined || visit % 5 === 0) {
        const name = `Writer ${writer} Patient ${visit}`;
        patient_id = await write('patient', name, () => newDrillPatient(parts, name));
        if (patient_id === undefined) continue;
      }
      const reason = `writer ${writer} visit ${visit}`;
      const day = firstDay + Math.floor(visit / slotsOfDay) * dayMs;
      const date = new Date(day + (visit % slotsOfDay) * slotMs).toISOString();
      const body = { doctor_id: doctors[writer]!, patient_id, date, disease: null, reason };
      const id = await write('appointment', reason, async () => {
        const booked = await parts.appointments.forActors.book(drillAdmin, {
          ...body,
          pointer: '/body/date',
        });
        return booked.appointment_id;
      });
      if (id === undefined) continue;
      lastBooked = id;
      await step(id, reason, 'checked_in', date);
      await step(id, reason, 'completed', date);
    }
  }

  async function readOn(): Promise<void> {
    while (!stopped) {
      try {
        if (lastBooked !== undefined)
          await answered(`read of ${lastBooked}`, parts.appointments.forActors.get(drillAdmin, lastBooked));
        readAt.push(performance.now());
      } catch (error) {
        if (!(error instanceof Hung)) errors.push(`read ${codeOf(error)}`);
      }
      await sleep(10);
    }
  }

  const running = [readOn(), ...doctors.map((_, writer) => writeOn(writer))];
  return {
    tally: { acknowledged, acknowledgedAt, readAt, errors, hung },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
