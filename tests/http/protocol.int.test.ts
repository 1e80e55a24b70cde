import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { startApi, type TestApi } from '../support/api.js';

const problem = 'application/problem+json';

describe('HTTP itself', () => {
  let api: TestApi;
  let token: string;
  let hospital: { hospital_id: string; version: number };

  before(async () => {
    api = await startApi();
    token = await api.as('admin');
    hospital = await api.make.hospital();
  });
  after(() => api?.stop());

  it('DOCS-3: answers 404 for what is not there, in problem+json', async () => {
    for (const path of ['/no-such', '//', '//api', '//no-such', '/hospitals/', '/patients/a/b/c/d']) {
      const { status, headers, body } = await api.get(path, { token });
      expect({ status, type: headers.get('content-type'), code: body.code }, path).deep.equal({
        status: 404,
        type: problem,
        code: 'not_found',
      });
    }
  });

  it('answers 405 with Allow for a method that the address does not take', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const { status, headers, body } = await api.request(method, '/hospitals', { token });
      expect({ status, code: body.code }).deep.equal({ status: 405, code: 'method_not_allowed' });
      expect(headers.get('allow')!.split(', ').sort()).deep.equal(['GET', 'HEAD', 'POST']);
    }
    const { status, body } = await api.request('PROPFIND', '/hospitals');
    expect({ status, code: body.code }).deep.equal({ status: 405, code: 'method_not_allowed' });
    expect((await api.post('//healthz')).status).equal(405);
    // What fetch itself refuses to send.
    for (const method of ['TRACE', 'TRACK']) {
      const { port } = new URL(api.url);
      const asking = request({
        port,
        method,
        path: '/api/hospitals',
        headers: { 'x-secret': 'of mine' },
      }).end();
      const [response] = (await once(asking, 'response')) as [IncomingMessage];
      expect(response.statusCode, method).to.be.oneOf([400, 405]);
      for await (const chunk of response) expect(String(chunk)).to.not.include('of mine');
    }
  });

  it('answers OPTIONS with Allow and without a body', async () => {
    const { status, headers, body } = await api.request('OPTIONS', `/hospitals/${hospital.hospital_id}`);
    expect(status).equal(200);
    expect(headers.get('allow')!.split(', ').sort()).deep.equal(['DELETE', 'GET', 'HEAD', 'PATCH']);
    expect(body).equal(undefined);
  });

  it('answers 406 when the client takes no format that there is', async () => {
    const { status, body } = await api.get('/hospitals', { headers: { accept: 'image/png' } });
    expect({ status, code: body.code }).deep.equal({ status: 406, code: 'not_acceptable' });
    for (const accept of ['*/*', 'application/*', 'application/json;q=0.1, text/html'])
      expect((await api.get('/hospitals', { headers: { accept } })).status, accept).equal(200);
  });

  it('answers HEAD as GET, without the body', async () => {
    const path = `/hospitals/${hospital.hospital_id}`;
    const [get, head] = [await api.get(path), await api.request('HEAD', path)];
    expect(head.status).equal(200);
    expect(head.body).equal(undefined);
    for (const name of ['etag', 'content-type', 'content-length'])
      expect(head.headers.get(name), name).equal(get.headers.get(name));
  });

  it('DBA-8: gives each request an id of its own, whichever the client sends', async () => {
    const id = '0b9d8cbb-4d5a-4e1e-9d6f-3f4f0b8f6a01';
    for (const odd of ['', 'x', 'a b', id, `${id}${id}`, "'; DROP TABLE"]) {
      const { headers } = await api.get('/hospitals', { headers: { 'x-request-id': odd } });
      expect(headers.get('x-request-id'))
        .to.match(/^[0-9a-f-]{36}$/)
        .and.not.equal(id);
    }
    const { body, headers } = await api.get('/no-such', { headers: { 'x-request-id': id } });
    expect(body.instance).equal(headers.get('x-request-id')).and.not.equal(id);
  });

  it('QUAL-3: a request line that is no address at all is a 400', async () => {
    const { port } = new URL(api.url);
    const heard = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('GET http://[::1/api/hospitals HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      );
      let all = '';
      socket.on('data', (chunk) => (all += chunk.toString()));
      socket.on('close', () => resolve(all));
    });
    expect(heard)
      .match(/^HTTP\/1\.1 400 /)
      .and.include('"code":"malformed_http"');
  });

  it('PAT-1: a patient’s record is never answered by 304: its summaries change without its version', async () => {
    const { patient_id } = await api.make.patient();
    const path = `/patients/${patient_id}`;
    const ask = () =>
      api.get(path, { token, headers: { 'if-none-match': '"v1"', 'cache-control': 'max-age=0' } });
    expect((await ask()).body.appointments).deep.equal([]);
    await api.make.appointment({ patient_id });
    const { status, headers, body } = await ask();
    expect([status, headers.get('etag'), body.appointments.length]).deep.equal([200, '"v1"', 1]);
  });

  it('DOCS-3: gives a version as ETag, answers 304 to it, and refuses a write of an older one with 412', async () => {
    const made = await api.make.hospital();
    const path = `/hospitals/${made.hospital_id}`;
    expect((await api.get(path)).headers.get('etag')).equal('"v1"');
    // fetch adds no-cache to a condition of its own unless it is told otherwise.
    const condition = { 'if-none-match': '"v1"', 'cache-control': 'max-age=0' };
    const same = await api.get(path, { headers: condition });
    expect([same.status, same.body]).deep.equal([304, undefined]);

    const write = (ifMatch: string, region: string) =>
      api.patch(path, { token, body: { region }, headers: { 'if-match': ifMatch } });
    const written = await write('"v1"', 'South');
    expect([written.status, written.headers.get('etag')]).deep.equal([200, '"v2"']);
    for (const stale of ['"v1"', '"v3"', 'W/"v2"', '"other"', '""']) {
      const { status, body } = await write(stale, 'West');
      expect({ status, code: body.code }, stale).deep.equal({ status: 412, code: 'stale_version' });
    }
    expect((await write('*', 'East')).status).equal(200);
    expect((await api.get(path)).body.region).equal('East');
    expect((await api.get(path, { headers: condition })).status).equal(200);
    const gone = await api.delete(path, { token, headers: { 'if-match': '"v1"' } });
    expect(gone.status).equal(412);
    expect((await api.get(path)).status).equal(200);
  });

  it('DOCS-3: pages through a list by the Link header, each item once', async () => {
    const region = 'Paging';
    for (let i = 0; i < 7; i++) await api.make.hospital({ region, name: `Same name` });
    const seen: string[] = [];
    let next: string | undefined = `/hospitals?limit=3&region=${region}`;
    for (let pages = 0; next; pages++) {
      expect(pages).lessThan(4);
      const { status, headers, body } = await api.get(next);
      expect(status).equal(200);
      seen.push(...(body.items as { hospital_id: string }[]).map(({ hospital_id }) => hospital_id));
      const link: RegExpExecArray | null = /^<\/api(.+)>; rel="next"$/.exec(headers.get('link') ?? '');
      expect(link === null).equal(body.next_cursor === null);
      next = link?.[1];
    }
    expect(seen).to.have.length(7);
    expect(new Set(seen).size).equal(7);
  });

  it('DOCS-3: refuses a cursor that was tampered with, of each list', async () => {
    for (let i = 0; i < 2; i++) {
      const { department_id } = await api.make.department();
      const doctor = await api.make.doctor({ department_id });
      const patient = await api.make.patient();
      const who = { doctor_id: doctor.doctor_id, patient_id: patient.patient_id };
      await api.make.appointment(who);
      await api.make.prescription(who);
    }
    const forge = (cursor: unknown): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');
    const lists = ['/hospitals', '/departments', '/doctors', '/patients', '/appointments', '/prescriptions'];
    for (const path of lists) {
      const { next_cursor } = (await api.get(`${path}?limit=1`, { token })).body;
      const real = JSON.parse(Buffer.from(next_cursor as string, 'base64url').toString());
      for (const cursor of [
        'x',
        '%00',
        forge(null),
        forge({ ...real, s: 'another' }),
        ...[{ $gt: '' }, { d: 'never' }, ['x'], true, 'a\0'].map((v) => forge({ ...real, v })),
        ...[{ $ne: 1 }, 7, null, 'x\0'].map((i) => forge({ ...real, i })),
      ]) {
        const { status, body } = await api.get(`${path}?cursor=${cursor}`, { token });
        expect(status, `${path} ${cursor}`).equal(400);
        expect(body.code, `${path} ${cursor}`).to.be.oneOf(['invalid_cursor', 'invalid_request']);
      }
      // Of the right form but the wrong type: a place in the list, or a refusal.
      for (const v of ['no date', 1e300, null, { d: '2026-01-01' }]) {
        const { status } = await api.get(`${path}?cursor=${forge({ ...real, v })}`, { token });
        expect(status, `${path} ${JSON.stringify(v)}`).to.be.oneOf([200, 400]);
      }
    }
  });

  it('S25: sends the security headers, and lets nobody keep an answer about a person', async () => {
    const answers = [
      await api.get('/users/me', { token }),
      await api.get('/no-such'),
      await api.get('/patients'),
      await api.get('//healthz'),
    ];
    for (const { headers } of answers) {
      expect(headers.get('x-content-type-options')).equal('nosniff');
      expect(headers.get('x-frame-options')).equal('DENY');
      // A year, and all names below.
      expect(headers.get('strict-transport-security')).equal('max-age=31536000; includeSubDomains');
      expect(headers.get('referrer-policy')).equal('no-referrer');
      expect(headers.get('content-security-policy')).equal(
        "default-src 'none';style-src 'unsafe-inline';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      );
      expect(headers.get('x-powered-by')).equal(null);
    }
    for (const { headers } of answers.slice(0, 3)) expect(headers.get('cache-control')).equal('no-store');
  });

  it('names the scheme with a 401, and refuses what is no token of ours', async () => {
    const tokens = [
      'Bearer',
      'Bearer x',
      'Basic YTpi',
      `Bearer ${token}x`,
      `bearer${token}`,
      'Bearer a.b.c',
      '\u00ff',
    ];
    for (const authorization of tokens) {
      for (const path of ['/users/me', '/hospitals']) {
        const { status, headers, body } = await api.get(path, { headers: { authorization } });
        expect({ status, code: body.code }, `${path} ${authorization}`).deep.equal({
          status: 401,
          code: 'not_signed_in',
        });
        expect(headers.get('www-authenticate')).to.match(/^Bearer/);
      }
    }
  });
});

describe('/docs', () => {
  let api: TestApi;
  before(async () => void (api = await startApi()));
  after(() => api?.stop());

  it('DOCS-1: is served by ourselves: neither the page nor what it loads names another origin', async () => {
    const page = await api.get('//docs');
    expect(page.status).equal(200);
    expect(page.headers.get('content-type')).to.match(/^text\/html/);
    const csp = page.headers.get('content-security-policy')!;
    expect(csp)
      .to.include("default-src 'none'")
      .and.include("script-src 'self'")
      .and.not.match(/https?:|\*/);
    expect(csp).not.to.match(/script-src[^;]*unsafe/);
    const assets = [...(page.body as string).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, href]) => href!);
    expect(assets).to.have.length(4);
    for (const asset of assets) {
      expect(asset).to.match(/^\/docs\//);
      const { status, headers } = await api.get(`/${asset}`);
      expect(status, asset).equal(200);
      expect(headers.get('content-type'), asset).to.match(
        /^(text\/css|application\/javascript|text\/javascript|image\/png)/,
      );
    }
    const css = (await api.get('//docs/swagger-ui.css')).body as string;
    const loaded = [...css.matchAll(/url\((["']?)([^)]*)/g)].map(([, , url]) => url!);
    expect(loaded.filter((url) => !url.startsWith('data:'))).deep.equal([]);
    expect((await api.get('//docs/start.js')).body).to.include("url: '/openapi.yaml'");
  });

  it('serves no other file', async () => {
    for (const path of [
      '//docs/package.json',
      '//docs/..%2fpackage.json',
      '//docs/%2e%2e/package.json',
      '//docs/index.html',
    ])
      expect((await api.get(path)).status, path).equal(404);
  });

  it('DOCS-1: serves the document as YAML and as JSON', async () => {
    const [yaml, json] = [await api.get('//openapi.yaml'), await api.get('//openapi.json')];
    expect(yaml.headers.get('content-type')).to.match(/^application\/yaml/);
    expect(yaml.body).to.match(/^openapi: 3\.1\.0\n/);
    expect(Object.keys(json.body.paths).length).equal(
      new Set(api.system.parts.routes.map(({ path }) => path)).size,
    );
  });
});
