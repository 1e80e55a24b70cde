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

/** Answers after `?ms=`. */
function slowApp(): Koa {
  const app = new Koa();
  app.use(async (ctx) => {
    received += 1;
    await sleep(Number(ctx.query['ms'] ?? 0));
    ctx.body = 'whole';
  });
  return app;
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
    received = 0;
    const inFlight = Array.from({ length: 20 }, (_, i) => get(`${server.url}/?ms=${300 + i * 10}`));
    while (received < 20) await sleep(5);
    const stopped = server.stop();
    await sleep(10);
    expect(await failureOf(get(server.url))).equal('ECONNREFUSED');
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status, text }) => `${status} ${text}`)).deep.equal(Array(20).fill('200 whole'));
    await stopped;
  });

  it('DBA-8: tells a client that keeps its connection to take another one', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await get(server.url, agent)).connection).equal('keep-alive');
    const inFlight = get(`${server.url}/?ms=100`, agent);
    await sleep(30);
    const stopped = server.stop();
    expect((await inFlight).connection).equal('close');
    await stopped;
    agent.destroy();
  });

  it('DBA-8: answers the first request of a connection that was made just before', async () => {
    const server = await start();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    await sleep(20);
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
    expect(Date.now() - from).lessThan(2000);
    agent.destroy();
  });

  it('cuts what has not ended when the grace has', async () => {
    const server = await start(100);
    const endless = failureOf(get(`${server.url}/?ms=3000`));
    await sleep(50);
    const from = Date.now();
    await server.stop();
    expect(Date.now() - from).within(80, 2500);
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
