import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, type Connection } from './connection.js';
import { cpuUsOf } from './processes.js';

/*
 * A closed loop: each connection sends its next request when it has the answer to the last one. No server is asked more than
 * it answers, so rates can be compared, and a slow answer counts once, not for all who would have come meanwhile.
 */

export interface Shot {
  readonly method?: 'GET' | 'POST';
  /** With the query. ASCII, as is the body: other characters as escapes. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
}

export interface Load {
  /** `http://127.0.0.1:5000` */
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** The request of this number, from 0 on. */
  readonly shot: (n: number) => Shot;
  /** The status of a good answer. */
  readonly status: number;
  /** Processes to account for, by a name of the caller's: what they and their children spend. */
  readonly pids?: Readonly<Record<string, number | undefined>>;
  readonly signal: AbortSignal;
}

export interface Measured {
  /** Good answers. */
  readonly answers: number;
  /** Good answers a second, until the last one was there. */
  readonly per_second: number;
  readonly p50_ms: number;
  readonly p97_5_ms: number;
  /** Microseconds of processor a good answer, by the names of `pids`. */
  readonly cpu_us: Readonly<Record<string, number>>;
  /** All other answers, by their status or by what the connection failed with. */
  readonly unexpected: Readonly<Record<string, number>>;
}

/** How long requests that were sent in time may take to be answered. */
const drainMs = 120_000;
const afterFailureMs = 20;

/** A whole request of HTTP/1.1. */
export function textOf({ method = 'GET', path, headers = {}, body }: Shot, host: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${body.length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

/** By nearest rank; NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

type Cpu = Readonly<Record<string, number | undefined>>;

async function cpuOf(pids: Load['pids'] = {}): Promise<Cpu> {
  const read = async ([name, pid]: [string, number | undefined]) =>
    [name, pid === undefined ? undefined : await cpuUsOf(pid)] as const;
  return Object.fromEntries(await Promise.all(Object.entries(pids).map(read)));
}

function perAnswer(before: Cpu, after: Cpu, answers: number): Record<string, number> {
  const spent: Record<string, number> = {};
  for (const [name, us] of Object.entries(after)) {
    const start = before[name];
    if (us !== undefined && start !== undefined && answers > 0) spent[name] = (us - start) / answers;
  }
  return spent;
}

/**
 * Asks for `seconds`, then waits for what is under way: a request that is left alone would go on in the server, and cost the
 * next measurement. Throws the reason of `signal`.
 */
export async function load({
  url,
  connections,
  seconds,
  shot,
  status,
  pids,
  signal,
}: Load): Promise<Measured> {
  const { hostname, port, host } = new URL(url);
  const good = String(status);
  const latencies: number[] = [];
  const unexpected: Record<string, number> = {};
  const open: Connection[] = [];
  let sent = 0;
  let lastAt = 0;
  const before = await cpuOf(pids);
  const start = performance.now();
  const end = start + seconds * 1000;
  const stop = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000 + drainMs)]);

  async function ask(connection: Connection): Promise<void> {
    while (performance.now() < end && !stop.aborted) {
      const request = textOf(shot(sent++), host);
      const at = performance.now();
      const answer = await connection.ask(request);
      lastAt = performance.now();
      if (answer === good) latencies.push(lastAt - at);
      else unexpected[answer] = (unexpected[answer] ?? 0) + 1;
      // A server that is gone refuses at once, and would be asked as fast as the machine can.
      if (!/^\d/.test(answer)) await sleep(afterFailureMs);
    }
  }
  const closeAll = (): void => open.forEach((connection) => connection.close());
  stop.addEventListener('abort', closeAll);
  try {
    await Promise.all(
      Array.from({ length: connections }, () => {
        const connection = openConnection(hostname, Number(port));
        open.push(connection);
        return ask(connection);
      }),
    );
  } finally {
    stop.removeEventListener('abort', closeAll);
    closeAll();
  }
  signal.throwIfAborted();
  const after = await cpuOf(pids);
  return {
    answers: latencies.length,
    per_second: (latencies.length * 1000) / Math.max(1, lastAt - start),
    p50_ms: percentile(latencies, 50),
    p97_5_ms: percentile(latencies, 97.5),
    cpu_us: perAnswer(before, after, latencies.length),
    unexpected,
  };
}
