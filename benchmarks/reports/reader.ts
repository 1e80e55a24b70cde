import { randomUUID } from 'node:crypto';
import { poll } from '../../src/databases/embedded/processes.js';
import type { WriteTime } from '../../src/lib/write-time.js';
import { openConnection } from '../load/connection.js';
import { textOf } from '../load/load.js';
import type { Sized } from './systems.js';

export interface Asked {
  readonly server_ms: number;
  /** From before it was sent until the answer was whole. */
  readonly client_ms: number;
  readonly status: string;
}

const headersOf = (token: string) => ({ Authorization: `Bearer ${token}` });

/** The only one who asks, on one connection. */
export function openReader(
  { api, token, times }: Pick<Sized, 'api' | 'token' | 'times'>,
  headers: Readonly<Record<string, string>> = headersOf(token),
) {
  const { hostname, port, host } = new URL(api.url);
  const connection = openConnection(hostname, Number(port));
  return {
    async ask(path: string): Promise<Asked> {
      const id = randomUUID();
      const request = textOf({ path, headers: { ...headers, 'X-Request-Id': id } }, host);
      const start = performance.now();
      const status = await connection.ask(request);
      const client_ms = performance.now() - start;
      return { client_ms, status, server_ms: await times.of(id) };
    },
    close: () => connection.close(),
  };
}

export type Reader = ReturnType<typeof openReader>;

export interface Told {
  readonly etag: string | null;
  readonly rows: readonly object[];
  readonly receipt?: unknown;
  readonly server_ms: number;
  readonly provenance: { readonly path: string };
}

/** The whole answer. Throws when there is none. */
export async function read(
  { api, token, times }: Pick<Sized, 'api' | 'token' | 'times'>,
  path: string,
): Promise<Told> {
  const id = randomUUID();
  const response = await fetch(`${api.url}${path}`, { headers: { ...headersOf(token), 'X-Request-Id': id } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text.slice(0, 1000)}`);
  return {
    ...(JSON.parse(text) as Told),
    etag: response.headers.get('etag'),
    server_ms: await times.of(id),
  };
}

/** A question to both stores' rows that costs nothing, whoever answers it: there is no record of that day. */
const fromBoth = '/api/reports/average-prescription-cost?from=2020-01-01&to=2020-01-02';
const lookMs = 50;

/** Waits until the API's mirror answers, with everything in it that was written by `after`. Throws when that takes too long. */
export async function untilMirrored(
  { api, token }: Pick<Sized, 'api' | 'token'>,
  options: { readonly withinMs: number; readonly after?: WriteTime; readonly signal?: AbortSignal },
): Promise<void> {
  const { withinMs, after, signal } = options;
  const headers = { ...headersOf(token), ...(after !== undefined && { 'Read-After': String(after) }) };
  const isIn = async (): Promise<boolean> => {
    // Nobody else would go on with it.
    api.assertAlive();
    const response = await fetch(`${api.url}${fromBoth}`, { headers, signal: signal ?? null });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${fromBoth}: ${response.status} ${text.slice(0, 1000)}`);
    return (JSON.parse(text) as Told).provenance.path === 'mirror';
  };
  if (!(await poll(isIn, withinMs, lookMs)))
    throw new Error(`The mirror does not hold everything after ${withinMs / 1000} s.`);
}
