import type { Knex } from 'knex';
import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { deadlines } from '../deadlines.js';

/*
 * pg waits for an answer for as long as the socket is open, and its own `query_timeout` leaves the connection to the next one
 * while the statement still runs. So every statement passes by here, and one without an answer takes its connection with
 * it: what was not committed is undone by Postgres, what was is found by its key (docs/decisions/0015).
 */

type Callback = (error: Error | null, result: unknown) => void;
type Query = (config: string | { text: string; values?: unknown[] }, callback: Callback) => unknown;

interface Watch {
  /** Destroys the connection: whatever waits for an answer of it fails with the error. */
  cut(error: Error): void;
  /** `performance.now()` when the attempt that the transaction is must be over. */
  until: number | undefined;
  /** What the transaction has set for its own statements. */
  own: number | undefined;
  isOpen: boolean;
}

const watches = new WeakMap<Client, Watch>();

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'ETIMEDOUT';
}

/** The server's limit that a statement sets for those that follow it, for reports and for what takes as long as there is data. */
function limitSetBy(text: string, values: unknown[] | undefined): number | undefined {
  if (!text.includes('statement_timeout')) return undefined;
  const set = /set local statement_timeout = (\d+)/.exec(text)?.[1];
  const ms = Number(set ?? (text.includes('set_config') ? values?.[0] : undefined));
  if (Number.isNaN(ms)) return undefined;
  const { longMs, graceMs } = deadlines();
  return ms === 0 ? longMs : ms + graceMs;
}

function limitOf(watch: Watch, text: string, values: unknown[] | undefined): number {
  if (/^begin/i.test(text)) watch.isOpen = true;
  watch.own = limitSetBy(text, values) ?? watch.own;
  if (watch.own !== undefined) return watch.own;
  const { readMs, writeMs, graceMs } = deadlines();
  const isRead = !watch.isOpen && /^\s*(select|show)\b/i.test(text);
  const left = watch.until === undefined ? Infinity : Math.max(watch.until - performance.now(), 0);
  // A write's is the server's statement_timeout too, which has the first word.
  return Math.min(isRead ? readMs : writeMs + graceMs, left);
}

/** For each connection of a pool, when it is made. */
export function watchStatements(client: Client): void {
  // The stream is another one once it speaks TLS.
  const { connection } = client as unknown as { connection: { stream: Socket } };
  const watch: Watch = {
    cut: (error) => void connection.stream.destroy(error),
    ...{ until: undefined, own: undefined, isOpen: false },
  };
  watches.set(client, watch);
  const send = client.query.bind(client) as unknown as Query;
  const query: Query = (config, callback) => {
    const { text, values } = typeof config === 'string' ? { text: config, values: undefined } : config;
    const ms = limitOf(watch, text, values);
    const isEnd = /^(commit|rollback)\b(?! to)/i.test(text);
    const timer = setTimeout(() => watch.cut(new NoAnswer(`Postgres has not answered within ${ms} ms`)), ms);
    return send(config, (error, result) => {
      clearTimeout(timer);
      if (isEnd) Object.assign(watch, { until: undefined, own: undefined, isOpen: false });
      callback(error, result);
    });
  };
  client.query = query as unknown as typeof client.query;
}

const connectionOf = (trx: Knex.Transaction): Promise<Client> =>
  (trx.client as { acquireConnection(): Promise<Client> }).acquireConnection();

interface Attempt {
  /** Refuses at its deadline. */
  readonly over: Promise<never>;
  settle(): void;
}

/**
 * Ends the transaction's connection when it has not come to its end within `ms`, whatever its work waits for; unless it has set
 * a limit for its statements, which then is the only one.
 */
export async function beginAttempt(trx: Knex.Transaction, ms: number): Promise<Attempt> {
  const watch = watches.get(await connectionOf(trx))!;
  watch.until = performance.now() + ms;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      if (watch.own !== undefined) return;
      const error = new NoAnswer(`a transaction has not come to its end within ${Math.round(ms)} ms`);
      watch.cut(error);
      reject(error);
    }, ms);
  });
  over.catch(() => undefined);
  return { over, settle: () => clearTimeout(timer) };
}
