import { randomUUID } from 'node:crypto';
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
export function openReader({ api, token, times }: Pick<Sized, 'api' | 'token' | 'times'>) {
  const { hostname, port, host } = new URL(api.url);
  const connection = openConnection(hostname, Number(port));
  return {
    async ask(path: string): Promise<Asked> {
      const id = randomUUID();
      const request = textOf({ path, headers: { ...headersOf(token), 'X-Request-Id': id } }, host);
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
  readonly provenance: {
    readonly path: string;
    readonly plans?: { readonly mongodb: unknown; readonly postgres: unknown };
  };
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
