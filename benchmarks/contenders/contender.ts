import type { MongoClient } from 'mongodb';
import type { Shot } from '../load/load.js';
import type { Question } from './questions.js';

/** What a server of others needs to find our records, or to copy them. */
export interface Records {
  readonly client: MongoClient;
  readonly mongodbUri: string;
  readonly database: string;
  /** For files; gone at the end. */
  readonly dataDir: string;
}

/** A server that is measured. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  /** The process that answers, or the parent of those that do. */
  readonly pid: number;
  /** The requests of one question, by their number. Bookings go on where they were. */
  readonly shots: Readonly<Record<Question, (n: number) => Shot>>;
  /** What a good answer says, in a form that all servers share. */
  read(question: Question, body: unknown): unknown;
  stop(): Promise<void>;
}

export const statusOf = (question: Question): number => (question === 'book' ? 201 : 200);

type Row = Readonly<Record<string, unknown>>;

/** `[doctor_id, patients, appointments]` */
export const readTopDoctors = (rows: readonly Row[]): unknown =>
  rows.map(({ doctor_id, patients, appointments }) => [doctor_id, patients, appointments]);

/** `[month, completed, cancelled]`, from rows of a month and a status. */
export function readMonths(rows: readonly Row[]): unknown {
  const months = new Map<unknown, Record<string, number>>();
  for (const { month, status, appointments } of rows) {
    const counts = months.get(month) ?? {};
    months.set(month, { ...counts, [status as string]: appointments as number });
  }
  return [...months].map(([month, { completed = 0, cancelled = 0 }]) => [month, completed, cancelled]);
}

export async function ask({ url, shots }: Contender, question: Question): Promise<Response> {
  const { method = 'GET', path, headers = {}, body } = shots[question](0);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method, headers: { ...headers, ...type }, ...(body ? { body } : {}) });
}

/** Asks all servers the same; throws when one of them answers something else than the first. */
export async function checkAgreement(contenders: readonly Contender[], question: Question): Promise<void> {
  let first: string | undefined;
  for (const contender of contenders) {
    const response = await ask(contender, question);
    const text = await response.text();
    if (response.status !== statusOf(question))
      throw new Error(`${contender.name}, ${question}: ${response.status} ${text.slice(0, 1000)}`);
    const told = JSON.stringify(contender.read(question, JSON.parse(text)));
    first ??= told;
    if (told !== first) throw new Error(`${contender.name}, ${question}: ${told}\nand not ${first}`);
  }
}
