import { randomUUID } from 'node:crypto';
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { Server as NetServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Koa from 'koa';
import { writeDeadlineMs } from '../databases/retry.js';
import { problems, type ProblemCode } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { readCertificate, renewals, type CertificateFiles } from './certificate.js';

export interface RunningServer {
  readonly url: string;
  /** Takes no new connection, answers what is in flight, and closes within `graceMs`. */
  stop(): Promise<void>;
}

/** For a request to arrive whole. How long an answer may take is up to the deadlines of the stores. */
const requestTimeoutMs = 40_000;

/** For its head. */
const headersTimeoutMs = 10_000;
/** How often Node looks for connections that are over one of these: it cuts no sooner. */
const checkEveryMs = 1_000;

/** What Node refuses before there is a request to hand on is answered in the same form as all other refusals. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const codes: Readonly<Record<string, ProblemCode>> = {
    HPE_HEADER_OVERFLOW: 'headers_too_large',
    ERR_HTTP_REQUEST_TIMEOUT: 'request_too_slow',
  };
  const code = codes[error.code ?? ''] ?? 'malformed_http';
  const { status, title } = problems[code];
  const body = JSON.stringify({ type: `/problems/${code}`, title, status, code, instance: randomUUID() });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nCache-Control: no-store\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** A write that is being retried ends, and is answered, within the grace of a stop. */
export const stopGraceMs = writeDeadlineMs + 5_000;

/** How long a connection that was just made has to bring its first request once a stop is asked for. */
const settleMs = 100;

interface Tls extends CertificateFiles {
  readonly logger: Logger;
  /** How often the files are looked at. */
  readonly everyMs?: number;
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** Served over HTTPS by this certificate, which is read again when it is renewed. */
  readonly tls?: Tls | undefined;
}

/** Whether over TLS or not, the same limits. */
async function serverOf(
  tls: Tls | undefined,
  headersMs: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const limits = {
    ...{ requestTimeout: requestTimeoutMs, headersTimeout: headersMs, keepAliveTimeout: 5_000 },
    connectionsCheckingInterval: checkEveryMs,
  };
  if (!tls) return { server: createServer(limits, answer), watch: undefined };
  const certificate = await readCertificate(tls);
  const server = createTlsServer({ ...limits, ...certificate }, answer);
  return { server, watch: renewals(server, tls, certificate, tls.logger, tls.everyMs) };
}

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server.address() as AddressInfo;
}

/**
 * Serves the app. Throws with a clear line when the port is taken. `graceMs` bounds a stop; connections that are still
 * busy then are cut. `headersMs` is for the head of a request to arrive.
 */
export async function startServer(
  app: Koa,
  at: Place,
  graceMs = stopGraceMs,
  headersMs = headersTimeoutMs,
): Promise<RunningServer> {
  const handle = app.callback();
  const inFlight = new Set<ServerResponse>();
  let stopping = false;
  const { server, watch } = await serverOf(at.tls, headersMs, (request, response) => {
    inFlight.add(response);
    response.once('close', () => inFlight.delete(response));
    if (stopping) response.setHeader('Connection', 'close');
    void handle(request, response);
  });
  server.on('clientError', refuseRaw);
  const address = await listen(server, at.host, at.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${at.port} of ${at.host} is taken by another program; set PORT to a free one.`);
  });
  watch?.start();
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `${at.tls ? 'https' : 'http'}://${host}:${address.port}`,
    async stop() {
      stopping = true;
      await watch?.stop();
      // Tells each client not to send its next request down a connection that is about to close.
      for (const response of inFlight) if (!response.headersSent) response.setHeader('Connection', 'close');
      let closed = false;
      // http's own close() would cut a connection whose first request is still on its way to us.
      const done = new Promise<void>((resolve) => {
        NetServer.prototype.close.call(server, () => resolve());
      }).then(() => (closed = true));
      const deadline = Date.now() + graceMs;
      await Promise.race([done, sleep(Math.min(settleMs, graceMs))]);
      // The server waits for idle keep-alive sockets too; each that falls idle is closed as it does.
      while (!closed && Date.now() < deadline) {
        server.closeIdleConnections();
        await Promise.race([done, sleep(20)]);
      }
      server.closeAllConnections();
      await Promise.race([done, sleep(settleMs, undefined, { ref: false })]);
    },
  };
}
