import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type Koa from 'koa';

export interface RunningServer {
  readonly url: string;
  /** Takes no new connection, answers what is in flight, and closes within `graceMs`. */
  stop(): Promise<void>;
}

/** Longer than the deadline of a write (30 s), so that a slow answer is ours and not the socket's. */
const requestTimeoutMs = 40_000;

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server.address() as AddressInfo;
}

/**
 * Serves the app. Throws with a clear line when the port is taken. `graceMs` bounds a stop; connections that are still
 * busy then are cut.
 */
export async function startServer(
  app: Koa,
  at: { host: string; port: number },
  graceMs = 25_000,
): Promise<RunningServer> {
  const handle = app.callback();
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: 10_000, keepAliveTimeout: 5_000 },
    (request, response) => void handle(request, response),
  );
  const address = await listen(server, at.host, at.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${at.port} of ${at.host} is taken by another program; set PORT to a free one.`);
  });
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${host}:${address.port}`,
    async stop() {
      let closed = false;
      const done = new Promise<void>((resolve) => server.close(() => resolve())).then(() => (closed = true));
      const deadline = Date.now() + graceMs;
      // close() waits for idle keep-alive sockets too; each that falls idle is closed as it does.
      while (!closed && Date.now() < deadline) {
        server.closeIdleConnections();
        await Promise.race([done, sleep(20)]);
      }
      server.closeAllConnections();
      await done;
    },
  };
}
