import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { poll } from '../../../src/databases/embedded/processes.js';

export interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it does with a request that it has read; 204 unless a test says otherwise. */
  respond: (response: ServerResponse, request: IncomingMessage) => void;
  /** Resolves when it has got so many. Throws when it has not in time. */
  hasGot(count: number): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

export const answer =
  (status: number, headers: Record<string, string> = {}): Receiver['respond'] =>
  (response) =>
    void response.writeHead(status, headers).end();

export const neverAnswer: Receiver['respond'] = () => undefined;

/** A real server of the test's own, which keeps what is posted to it. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      receiver.received.push({ id: String(request.headers['webhook-id']), headers: request.headers, body });
      receiver.respond(response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    respond: answer(204),
    async hasGot(count) {
      const isThere = await poll(() => Promise.resolve(receiver.received.length >= count), 30_000);
      if (!isThere) throw new Error(`the receiver has got ${receiver.received.length} of ${count}`);
      return receiver.received;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** As the specification has a receiver do it; written for the test, and shares nothing with what signs. */
export const isSigned = ({ headers, body }: Received, secret: string): boolean => {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
};
