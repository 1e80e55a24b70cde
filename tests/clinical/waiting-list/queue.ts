import { expect } from 'chai';
import type { Answer, TestApi } from '../../support/api.js';
import { day, newPatient, type Account } from '../../support/people.js';

/* A doctor with a slot or a few a day, and patients who want them. */

export type Patient = Account & { patient_id: string };

/** In two days, on the calendar of UTC. */
export const theDay = (): string => new Date(Date.now() + 2 * day).toISOString().slice(0, 10);

/** The slots of that day, as `crowdedDoctor` has them: from 10:00 UTC, a quarter of an hour each. */
export const slotAt = (n: number, on = theDay()): string =>
  new Date(Date.parse(`${on}T10:00:00Z`) + n * 900_000).toISOString();

const everyDay = (start: string, end: string) =>
  [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));

/** With so many slots a day (one or two), each for `slot_capacity` patients. */
export async function busyDoctor(api: TestApi, slots = 1, fields: object = {}): Promise<string> {
  const availability = everyDay('10:00', slots === 1 ? '10:15' : '10:30');
  return (await api.make.doctor({ availability, ...fields })).doctor_id as string;
}

interface Queue {
  readonly doctor_id: string;
  /** All slots of the day are booked: one each, in order. */
  readonly booked: readonly { appointment_id: string; date: string }[];
  /** In the order in which they joined. */
  readonly patients: readonly Patient[];
  readonly entries: readonly string[];
}

export const join = (api: TestApi, { token }: Account, doctor_id: string, on = theDay()): Promise<Answer> =>
  api.post('/waiting-list', { token, body: { doctor_id, day: on } });

/** A doctor with no free slot on the day, for whom so many patients wait. */
export async function queueOf(api: TestApi, waiting: number, slots = 1): Promise<Queue> {
  const doctor_id = await busyDoctor(api, slots);
  const booked = [];
  for (let n = 0; n < slots; n++) {
    const { patient_id } = await api.make.patient();
    booked.push(await api.make.appointment({ doctor_id, patient_id, date: slotAt(n) }));
  }
  const patients = await Promise.all(Array.from({ length: waiting }, () => newPatient(api)));
  const entries: string[] = [];
  for (const patient of patients) {
    const { status, body } = await join(api, patient, doctor_id);
    expect(status, JSON.stringify(body)).to.equal(201);
    entries.push(body.waiting_id as string);
  }
  return { doctor_id, booked, patients, entries };
}

export const cancel = async (api: TestApi, { appointment_id }: { appointment_id: string }): Promise<Answer> =>
  api.patch(`/appointments/${appointment_id}`, {
    token: await api.as('admin'),
    body: { status: 'cancelled', cancellation_reason: 'oth-err' },
  });

/** The entry as the patient has it in the list. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test looks into any answer
export async function entryOf(api: TestApi, { token }: Account): Promise<any> {
  return (await api.get('/waiting-list', { token })).body.items.at(-1);
}

export const statuses = (api: TestApi, { patients }: Queue): Promise<string[]> =>
  Promise.all(patients.map(async (patient) => (await entryOf(api, patient)).status as string));

/** The kinds of what a patient was told, the oldest first. */
export async function noticesOf(api: TestApi, { token }: Account): Promise<string[]> {
  const { items } = (await api.get('/notifications', { token })).body;
  return items.map(({ kind }: { kind: string }) => kind).reverse();
}

/** Books with a hold or without. */
export const book = (
  api: TestApi,
  { token }: Account,
  doctor_id: string,
  date: string,
  hold_id?: string,
): Promise<Answer> =>
  api.post('/appointments', { token, body: { doctor_id, date, ...(hold_id ? { hold_id } : {}) } });

export const sweep = (api: TestApi): Promise<void> => api.system.parts.waitingList.sweep();

export async function freeSlots(api: TestApi, doctor_id: string, on = theDay()): Promise<string[]> {
  const to = new Date(Date.parse(on) + day).toISOString().slice(0, 10);
  const { body } = await api.get(`/doctors/${doctor_id}/slots?from=${on}&to=${to}`);
  return body.items.map(({ start }: { start: string }) => start);
}
