import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { cpuUsOf } from '../../benchmarks/load/processes.js';
import { load, percentile, type Load } from '../../benchmarks/load/load.js';

const open: Server[] = [];

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const common = { connections: 2, seconds: 0.3, status: 200, signal: new AbortController().signal } as const;
const run = (url: string, options: Partial<Load> = {}) =>
  load({ ...common, url, shot: () => ({ path: '/' }), ...options });

describe('the load of a benchmark', () => {
  after(() => open.forEach((server) => server.close()));

  it('DBA-2: counts every answer once, and sends each request as it is told to', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url} ${String(request.headers['x-who'])} ${body}`);
        response.end('{}');
      });
    });
    const measured = await run(url, {
      shot: (n) => ({ method: 'POST', path: `/${n}?a=b`, headers: { 'X-Who': 'me' }, body: `{"n":${n}}` }),
    });
    expect(measured.answers).to.equal(seen.length).and.be.greaterThan(2);
    expect(measured.unexpected).to.deep.equal({});
    expect(new Set(seen)).to.have.property('size', seen.length);
    expect(seen).to.include('POST /2?a=b me {"n":2}');
    expect(measured.p97_5_ms).to.be.at.least(measured.p50_ms);
  });

  it('DBA-2: reads bodies in chunks, bodies of several packets, and none', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/304') response.writeHead(304).end();
      else if (request.url === '/large')
        response.setHeader('content-length', 1_000_000).end('x'.repeat(1_000_000));
      else {
        // What looks like the last chunk is in the middle of one.
        response.write('0\r\n\r\n');
        setTimeout(() => response.end('the end'), 1);
      }
    });
    for (const [path, status] of [
      ['/304', 304],
      ['/large', 200],
      ['/chunks', 200],
    ] as const) {
      const measured = await run(url, { shot: () => ({ path }), status });
      expect(measured.unexpected, path).to.deep.equal({});
      expect(measured.answers, path).to.be.greaterThan(2);
    }
  });

  it('DBA-2: connects again to a server that closes after each answer', async () => {
    let connections = 0;
    const url = await serve((_, response) => void response.setHeader('connection', 'close').end('{}'));
    open.at(-1)!.on('connection', () => (connections += 1));
    const { answers, unexpected } = await run(url);
    expect(unexpected).to.deep.equal({});
    expect(answers).to.equal(connections).and.be.greaterThan(2);
  });

  it('DBA-2: tells other answers, and a server that is not there, by what they were', async () => {
    let count = 0;
    const url = await serve((_, response) => void response.writeHead(count++ % 2 ? 503 : 200).end());
    const { answers, unexpected } = await run(url);
    expect(Object.keys(unexpected)).to.deep.equal(['503']);
    expect(answers + unexpected['503']!).to.equal(count);
    const nobody = await run('http://127.0.0.1:1');
    expect(nobody.answers).to.equal(0);
    expect(Object.keys(nobody.unexpected)).to.deep.equal(['ECONNREFUSED']);
  });

  it('DBA-2: waits for what is under way, so that a slow answer counts', async () => {
    const url = await serve((_, response) => void setTimeout(() => response.end('{}'), 300));
    const { answers, per_second, p50_ms } = await run(url, { seconds: 0.1 });
    expect(answers).to.equal(2);
    expect(p50_ms).to.be.within(290, 3_000);
    expect(per_second).to.be.below(7);
  });

  it('DBA-2: accounts for the processor of the processes that it is told of', async () => {
    const url = await serve((_, response) => {
      const end = performance.now() + 20;
      while (performance.now() < end);
      response.end();
    });
    const { cpu_us } = await run(url, { pids: { server: process.pid, other: undefined } });
    expect(cpu_us['server']).to.be.greaterThan(5_000);
    expect(cpu_us).to.not.have.property('other');
    expect(await cpuUsOf(2 ** 30)).to.equal(undefined);
  });

  it('DBA-2: ends with the reason of a stop', async () => {
    const url = await serve(() => undefined);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);
    let reason: unknown;
    await run(url, { signal: controller.signal }).catch((error: unknown) => (reason = error));
    expect((reason as Error).message).to.equal('enough');
  });

  it('DBA-2: takes percentiles by the nearest rank', () => {
    const values = Array.from({ length: 40 }, (_, index) => 40 - index);
    expect([50, 97.5, 100].map((percent) => percentile(values, percent))).to.deep.equal([20, 39, 40]);
    expect(percentile([7], 97.5)).to.equal(7);
  });
});
