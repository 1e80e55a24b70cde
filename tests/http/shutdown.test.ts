import { once } from 'node:events';
import { request, Agent } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import Koa from 'koa';
import { writeDeadlineMs } from '../../src/databases/retry.js';
import { startServer, stopGraceMs } from '../../src/http/server.js';

interface Got {
  readonly status: number;
  readonly text: string;
  readonly connection: string | undefined;
}

function get(url: string, agent?: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...(agent ? { agent } : {}) }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode!, text, connection: response.headers.connection }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

let received = 0;
let open: () => void = () => undefined;
let gate = Promise.resolve();

/** Requests with `?held` are answered when `open` is called. */
function hold(): void {
  received = 0;
  gate = new Promise((resolve) => (open = resolve));
}

function slowApp(): Koa {
  const app = new Koa();
  app.use(async (ctx) => {
    received += 1;
    if ('held' in ctx.query) await gate;
    ctx.body = 'whole';
  });
  return app;
}

async function untilReceived(count: number): Promise<void> {
  while (received < count) await sleep(5);
}

const start = (graceMs?: number) => startServer(slowApp(), { host: '127.0.0.1', port: 0 }, graceMs);
const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );

describe('a stop', () => {
  it('DBA-8: waits for a write for as long as the write may take', () => {
    expect(stopGraceMs).greaterThan(writeDeadlineMs);
  });

  it('DBA-8: answers every request in flight, and takes no new connection', async () => {
    const server = await start();
    hold();
    const inFlight = Array.from({ length: 20 }, () => get(`${server.url}/?held`));
    await untilReceived(20);
    const stopped = server.stop();
    expect(await failureOf(get(server.url))).equal('ECONNREFUSED');
    open();
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status, text }) => `${status} ${text}`)).deep.equal(Array(20).fill('200 whole'));
    await stopped;
  });

  it('DBA-8: tells a client that keeps its connection to take another one', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await get(server.url, agent)).connection).equal('keep-alive');
    hold();
    const inFlight = get(`${server.url}/?held`, agent);
    await untilReceived(1);
    const stopped = server.stop();
    open();
    expect((await inFlight).connection).equal('close');
    await stopped;
    agent.destroy();
  });

  it('DBA-8: answers the first request of a connection that was made just before', async () => {
    const server = await start();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    // Connections are taken in turn: when this one is answered, ours was taken.
    await get(server.url);
    const stopped = server.stop();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString())
      .to.match(/^HTTP\/1\.1 200 OK\r\n/)
      .and.include('Connection: close');
    await stopped;
  });

  it('DBA-8: does not wait for connections that are idle', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true });
    await get(server.url, agent);
    const from = Date.now();
    await server.stop();
    expect(Date.now() - from).lessThan(stopGraceMs / 2);
    agent.destroy();
  });

  it('cuts what has not ended when the grace has', async () => {
    const server = await start(100);
    hold();
    const endless = failureOf(get(`${server.url}/?held`));
    await untilReceived(1);
    const from = Date.now();
    await server.stop();
    expect(Date.now() - from).at.least(80);
    expect(await endless).equal('ECONNRESET');
  });

  it('says which port is taken', async () => {
    const server = await start();
    const port = Number(new URL(server.url).port);
    const second = startServer(slowApp(), { host: '127.0.0.1', port });
    expect(await second.catch((error: Error) => error.message)).to.match(
      /^Port \d+ of 127\.0\.0\.1 is taken/,
    );
    await server.stop();
  });
});

describe('what is no HTTP', () => {
  it('is refused in the same form as everything else', async () => {
    const server = await start();
    const say = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let heard = '';
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
        socket.on('data', (chunk) => (heard += chunk.toString()));
        socket.on('close', () => resolve(heard));
      });
    for (const text of [
      'GET / HTTP/9.9\r\n\r\n',
      'hello\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
    ]) {
      const heard = await say(text);
      expect(heard, text)
        .to.match(/^HTTP\/1\.1 400 Bad Request\r\n/)
        .and.include('"code":"malformed_http"');
      expect(heard).to.include('Content-Type: application/problem+json');
    }
    expect(await say(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`)).to.match(/^HTTP\/1\.1 431 /);
    await server.stop();
  });
});
