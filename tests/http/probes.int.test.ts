import { expect } from 'chai';
import { pino } from 'pino';
import { createHttp } from '../../src/serving.js';
import { startServer, type RunningServer } from '../../src/http/server.js';
import { openTestSystem, startApi, type TestApi } from '../support/api.js';

describe('probes', () => {
  let api: TestApi;
  before(async () => void (api = await startApi()));
  after(() => api?.stop());

  it('DBA-8: /healthz says that the process lives, /readyz that both databases answer', async () => {
    expect((await api.get('//healthz')).body).deep.equal({ status: 'ok' });
    const { status, body } = await api.get('//readyz');
    expect(status).equal(200);
    expect(body).to.include({ status: 'ready', accepting: true, mongodb: true, postgres: true });
    expect(body.features).deep.equal(api.system.around.config.features);
  });

  it('DBA-8: /metrics counts requests by the pattern of their route, never by what is in it', async () => {
    const token = await api.as('admin');
    await api.get('/hospitals/CANARY-1', { token });
    await api.get('/patients?q=CANARY', { token });
    await api.get('/no-such-CANARY');
    const { status, headers, body } = await api.get('//metrics');
    expect(status).equal(200);
    expect(headers.get('content-type')).to.match(/^text\/plain/);
    expect(body).to.match(
      /http_request_duration_seconds_count\{method="GET",route="\/hospitals\/:hospital_id",status="404"\} 1\n/,
    );
    expect(body)
      .to.include('route="unmatched",status="404"')
      .and.include('http_problems_total{code="not_found"} 2');
    expect(body).to.match(/^process_cpu_seconds_total /m);
    expect(body).not.to.include('CANARY');
  });
});

describe('probes of a server with a token for its metrics, about to stop', () => {
  let close: () => Promise<void>;
  let server: RunningServer;
  let accepting = true;
  before(async () => {
    const { system, close: closeSystem } = await openTestSystem({ METRICS_TOKEN: 'a token for the metrics' });
    const around = { ...system.around, logger: pino({ level: 'silent' }) };
    const app = createHttp(system.parts, around, () => accepting);
    server = await startServer(app, { host: '127.0.0.1', port: 0 });
    close = async () => {
      await server.stop();
      await closeSystem();
    };
  });
  after(() => close?.());

  it('DBA-8: shows the metrics to who has the token, and to nobody else', async () => {
    const statusFor = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.url}/metrics`, { headers })).status;
    expect(await statusFor({})).equal(401);
    expect(await statusFor({ authorization: 'Bearer another token altogether' })).equal(401);
    expect(await statusFor({ authorization: 'Bearer a token for the metrics' })).equal(200);
  });

  it('DBA-8: is not ready from the moment that a stop is asked for, and still answers', async () => {
    accepting = false;
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).equal(503);
    expect(await ready.json()).to.include({ status: 'not ready', accepting: false, mongodb: true });
    expect((await fetch(`${server.url}/api/hospitals`)).status).equal(200);
    expect((await fetch(`${server.url}/healthz`)).status).equal(200);
  });
});
