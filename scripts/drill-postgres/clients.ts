import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { admin } from '../api-process.js';
import { callApi, isRefusedForNow, type Answer, type Ask } from '../call-api.js';

/** What a client was told of a payment; amounts as the answer had them. */
export interface AnsweredPayment {
  readonly transaction_id: string;
  readonly appointment_id: string;
  readonly fee: number;
  readonly gst: number;
  readonly total_fee: number;
}

export interface AnsweredRefund {
  readonly refund_id: string;
  readonly transaction_id: string;
  readonly amount: number;
  readonly gst: number;
}

export interface Answered {
  readonly bookings: string[];
  readonly payments: AnsweredPayment[];
  readonly refunds: AnsweredRefund[];
}

/** One answer: when it came (`performance.now()`), and after how long. `asked`: book, pay, refund or list. */
export interface Heard {
  readonly asked: string;
  readonly at: number;
  readonly ms: number;
  readonly answer: Pick<Answer, 'status' | 'code' | 'isProper503' | 'isReplayed'>;
}

export interface Clients {
  readonly told: Answered;
  readonly heard: readonly Heard[];
  /** What no client should meet: a request that was never answered for good, a refund that the answer to it does not show. */
  readonly odd: readonly string[];
  /** Lets each client come to the end of what it is at. */
  stop(): Promise<void>;
}

const slotMs = 5 * 60_000;
const dayMs = 86_400_000;
/** From 00:00 to 23:55. */
const slotsOfDay = 287;
/** How long a client asks for the same thing: longer than an outage and the API's patience together. */
const patienceMs = 120_000;

interface Person {
  readonly doctor_id: string;
  readonly patient_id: string;
}

/** A doctor and a patient for each client, so that no rule of booking stands in anybody's way. */
async function preparePeople(
  url: string,
  count: number,
  signal: AbortSignal,
): Promise<{ token: string; people: Person[] }> {
  const signedIn = await callApi(url, { method: 'POST', path: '/auth/login', body: admin }, signal);
  const token = signedIn.body['access_token'] as string;
  const make = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await callApi(url, { method: 'POST', path, body, token }, signal);
    if (answer.status !== 201)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const { hospital_id } = await make('/hospitals', {
    name: 'Drill Hospital',
    region: 'Drill',
    time_zone: 'UTC',
  });
  const { department_id } = await make('/departments', {
    ...{ hospital_id, department_name: 'Drill' },
    ...{ operating_start_hour: '00:00', operating_end_hour: '23:59' },
  });
  const availability = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '23:55' }));
  const people: Person[] = [];
  for (let client = 0; client < count; client += 1) {
    const { doctor_id } = await make('/doctors', {
      ...{ name: `Doctor ${client}`, specialty: 'Drill', department_id, availability, slot_minutes: 5 },
      ...{ registration_number: `drill-${client}`, registration_expiry: '2100-01-01' },
      // Different amounts, odd cents: a payment that stands for another one is seen.
      consultation_fee: 50 + client + 0.07,
    });
    const { patient_id } = await make('/patients', {
      name: `Patient ${client}`,
      date_of_birth: '1980-02-29',
    });
    people.push({ doctor_id: doctor_id as string, patient_id: patient_id as string });
  }
  return { token, people };
}

/** Starts `count` clients that book, pay and give back, each thing under a key of its own, and `readers` that look at the payments. */
export async function startClients(
  url: string,
  { count, readers }: { readonly count: number; readonly readers: number },
  signal: AbortSignal,
): Promise<Clients> {
  const { token, people } = await preparePeople(url, count, signal);
  const firstDay = (Math.floor(Date.now() / dayMs) + 1) * dayMs;
  const told: Answered = { bookings: [], payments: [], refunds: [] };
  const heard: Heard[] = [];
  const odd: string[] = [];
  let stopped = false;

  async function once(asked: string, ask: Ask): Promise<Answer> {
    const start = performance.now();
    const answer = await callApi(url, { ...ask, token }, signal);
    const at = performance.now();
    heard.push({ asked, at, ms: at - start, answer });
    return answer;
  }

  /** As a good client does: the same request with the same key, until it is done. undefined: it was refused, or never answered. */
  async function insist(asked: string, ask: Ask): Promise<Answer['body'] | undefined> {
    const key = randomUUID();
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer = await once(asked, { ...ask, key });
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      if (!isRefusedForNow(answer)) return undefined;
      if (performance.now() > deadline) {
        odd.push(`${asked} ${ask.path} was never answered`);
        return undefined;
      }
      await sleep(answer.retryAfterMs);
    }
  }

  async function giveBack({ transaction_id }: AnsweredPayment, amount: number): Promise<void> {
    const body = { amount, reason: 'The drill asks for it back.' };
    const answer = await insist('refund', { method: 'PATCH', path: `/transactions/${transaction_id}`, body });
    if (!answer) return;
    const known = new Set(told.refunds.map(({ refund_id }) => refund_id));
    const news = (answer['refunds'] as AnsweredRefund[]).filter(({ refund_id }) => !known.has(refund_id));
    if (news.length !== 1 || news[0]!.amount !== amount)
      odd.push(`refund ${transaction_id} is not in its answer`);
    told.refunds.push(...news);
  }

  async function visit({ doctor_id, patient_id }: Person, index: number): Promise<void> {
    const start = firstDay + Math.floor(index / slotsOfDay) * dayMs + (index % slotsOfDay) * slotMs;
    const body = { doctor_id, patient_id, date: new Date(start).toISOString() };
    const booked = await insist('book', { method: 'POST', path: '/appointments', body });
    if (!booked) return;
    const appointment_id = booked['appointment_id'] as string;
    told.bookings.push(appointment_id);
    const answer = await insist('pay', { method: 'POST', path: `/transactions/${appointment_id}`, body: {} });
    if (!answer) return;
    const payment = answer as unknown as AnsweredPayment;
    told.payments.push(payment);
    // Far less than was paid, all in all.
    for (let part = 0; part < index % 6; part += 1) await giveBack(payment, part + 0.33);
  }

  const running = [
    ...people.map(async (person) => {
      for (let index = 0; !stopped && !signal.aborted; index += 1) await visit(person, index);
    }),
    ...Array.from({ length: readers }, async () => {
      while (!stopped && !signal.aborted) {
        await once('list', { method: 'GET', path: '/transactions?limit=20' });
        await sleep(50);
      }
    }),
  ];
  return {
    ...{ told, heard, odd },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
