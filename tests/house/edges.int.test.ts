import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import { startServer } from '../../src/http/server.js';
import type { AnyRoute } from '../../src/http/route.js';
import { openDesk } from '../money/payments/desk.js';
import { startApi, type TestApi } from '../support/api.js';
import { ask, addressOf, nameOf } from '../support/routes.js';

describe('every address', function () {
  this.timeout(120_000);
  let api: TestApi;
  let routes: readonly AnyRoute[];

  before(async () => {
    api = await startApi();
    routes = api.system.parts.routes;
  });
  after(() => api?.stop());

  it('DOCS-3: allows the methods that are registered for it, those of no neighbour, and refuses the rest with 405', async () => {
    const token = await api.as('admin');
    const methods = new Map<string, string[]>();
    for (const { path: written, method } of routes) {
      // Whatever a method calls its parameters, it is one address.
      const path = written.replaceAll(/:\w+/g, ':id');
      const all = methods.get(path) ?? [];
      methods.set(path, [...all, ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
    }
    expect(methods.size).greaterThan(60);
    const wrong: string[] = [];
    for (const [path, registered] of methods) {
      const address = addressOf({ path } as AnyRoute);
      const wanted = registered.toSorted().join();
      const refused = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].filter(
        (method) => !registered.includes(method),
      );
      for (const method of refused) {
        const { status, headers, body } = await api.request(method, address, { token });
        const allow = headers.get('allow')?.split(', ').sort().join();
        const isRight =
          allow === wanted &&
          (method === 'OPTIONS'
            ? status === 200
            : status === 405 && (method === 'HEAD' || body.code === 'method_not_allowed'));
        if (!isRight) wrong.push(`${method} ${path}: ${status} ${allow}, expected ${wanted}`);
      }
    }
    for (const page of ['/healthz', '/readyz', '/metrics', '/docs', '/openapi.json', '/book', '/sign-in']) {
      const { status, headers } = await api.request('PATCH', `/${page}`);
      const allow = headers.get('allow')?.split(', ').sort().join() ?? '';
      if (status !== 405 || !/^GET,HEAD(,POST)?$/.test(allow))
        wrong.push(`PATCH ${page}: ${status} ${allow}`);
    }
    expect(wrong.join('\n')).equal('');
  });

  it('DOCS-3: never takes an If-Match that names no version of its record for none', async () => {
    const versioned = routes.filter(({ problems }) => problems?.includes('stale_version'));
    expect(versioned).to.have.length.above(12);
    const wrong: string[] = [];
    // What is no tag at all is refused before anything is read.
    for (const route of versioned)
      for (const header of [
        '',
        ' ',
        'v1',
        '1',
        '"v1',
        '"v1", "v2"',
        '"v1","v1"',
        '*, "v1"',
        'W/v1',
        '"v1" x',
      ]) {
        const { status, body } = await ask(api, route, { headers: { 'if-match': header } });
        const pointers = (body?.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);
        // A body that is wrong too may be told first.
        if (status !== 400 || (pointers[0] !== '/header/If-Match' && !route.body))
          wrong.push(`${nameOf(route)} ${header}: ${status} ${JSON.stringify(body)}`);
      }
    expect(wrong.join('\n')).equal('');
  });

  it('DOCS-3: refuses a stale, weak or strange tag with 412 and changes nothing; takes the right one and *', async () => {
    const token = await api.as('admin');
    const patient = await api.make.patient();
    const appointment = await api.make.appointment({ patient_id: patient.patient_id });
    const records: [string, object][] = [
      [`/patients/${patient.patient_id}`, { name: 'Pat Changed' }],
      [`/appointments/${appointment.appointment_id}`, { reason: 'Changed' }],
      [`/hospitals/${(await api.make.hospital()).hospital_id}`, { region: 'South' }],
      [`/departments/${(await api.make.department()).department_id}`, { department_name: randomUUID() }],
      [`/doctors/${(await api.make.doctor()).doctor_id}`, { name: 'Dr Changed' }],
    ];
    for (const [path, body] of records) {
      const stored = (await api.get(path, { token })).body;
      for (const tag of ['"v99"', 'W/"v1"', '"x"', '""', '"v1x"', `W/"v${stored.version}"`]) {
        for (const verb of [api.patch, api.delete]) {
          const sent = verb === api.patch ? { body } : {};
          const { status, body: answer } = await verb(path, { token, ...sent, headers: { 'if-match': tag } });
          expect([status, answer.code], `${path} ${tag}`).deep.equal([412, 'stale_version']);
        }
        for (const header of ['', 'v1', '"v1", "v2"']) {
          const { status, body: answer } = await api.patch(path, {
            token,
            body,
            headers: { 'if-match': header },
          });
          expect([status, answer.errors[0].pointer], path).deep.equal([400, '/header/If-Match']);
        }
      }
      expect((await api.get(path, { token })).body, path).deep.equal(stored);
      for (const tag of [`"v${stored.version}"`, '*'])
        expect((await api.patch(path, { token, body, headers: { 'if-match': tag } })).status, path).equal(
          200,
        );
    }
  });

  it('PAT-5: lets no cache keep what it answers, but for reports without a patient in them', async () => {
    const desk = await openDesk(api);
    const { patient_id, doctor_id } = await desk.paid();
    await api.make.prescription({ patient_id, doctor_id });
    const kept: string[] = [];
    for (const route of routes) {
      // Signing out would end the token that all others are asked with.
      const own = route.operationId === 'logout' ? { token: (await api.make.account('manager')).token } : {};
      const { headers } = await ask(api, route, own);
      const cache = headers.get('cache-control');
      if (cache === 'no-store') continue;
      kept.push(nameOf(route));
      expect([route.cache, cache], nameOf(route)).deep.equal(['revalidate', 'private, no-cache']);
    }
    expect(
      kept.every((name) => /^GET \/reports\//.test(name)),
      kept.join(),
    ).equal(true);
    const token = await api.as('admin');
    for (const name of kept) {
      const path = name.slice('GET '.length);
      const { body } = await api.get(path, { token });
      const key = body.rows?.[0]?.doctor_id ? `{"doctor_id":"${body.rows[0].doctor_id}"}` : '{}';
      const { status, headers } = await api.get(`${path}?drill=${encodeURIComponent(key)}`, { token });
      expect([status < 500, headers.get('cache-control')], path).deep.equal([true, 'no-store']);
    }
  });

  it('PAT-5: an id that another patient has looks like a slot that somebody was quicker for', async () => {
    const doctor = await api.make.doctor();
    const [theirs, removed] = [
      await api.make.appointment({ doctor_id: doctor.doctor_id, appointment_id: randomUUID() }),
      await api.make.appointment({ doctor_id: doctor.doctor_id, appointment_id: randomUUID() }),
    ];
    const me = await api.make.patient();
    const { token } = await api.make.account('patient', { patient_id: me.patient_id });
    const free = async (): Promise<string[]> =>
      (await api.get(`/doctors/${doctor.doctor_id}/slots`)).body.items.map(
        ({ start }: { start: string }) => start,
      );
    const book = async (date: string, appointment_id: string) => {
      const body = { doctor_id: doctor.doctor_id, date, appointment_id };
      const answer = await api.post('/appointments', { token, body });
      const { code, title, status, nearest_slots } = answer.body;
      return { status, code, title, keys: Object.keys(answer.body).sort(), nearest: nearest_slots };
    };
    const [first, second] = (await free()) as [string, string];
    const ofTaken = [await book(theirs.date, theirs.appointment_id), await book(theirs.date, randomUUID())];
    expect(ofTaken[0]).deep.equal(ofTaken[1]);
    const ofFree = await book(first, theirs.appointment_id);
    expect(ofFree).to.deep.include({ status: 409, code: 'slot_taken', keys: ofTaken[0]!.keys });
    expect(ofFree.nearest.map(({ start }: { start: string }) => start)).not.to.include(first);
    expect(await free()).to.include(first);
    // Of one's own visit one knows.
    const mine = randomUUID();
    expect(
      (
        await api.post('/appointments', {
          token,
          body: { doctor_id: doctor.doctor_id, date: first, appointment_id: mine },
        })
      ).status,
    ).equal(201);
    expect((await book(second, mine)).code).equal('already_exists');
    // The desk knows all of them.
    const admin = await api.as('admin');
    const asked = { doctor_id: doctor.doctor_id, patient_id: me.patient_id, date: second };
    for (const { appointment_id } of [theirs, removed]) {
      const { body } = await api.post('/appointments', { token: admin, body: { ...asked, appointment_id } });
      expect(body.code).equal('already_exists');
    }
  });

  it('DBA-8: shows the metrics to a program of this machine, and to nothing that came through a proxy', async () => {
    const statusWith = async (headers: Record<string, string>): Promise<number> => {
      const asking = request(`${api.url}/metrics`, { headers }).end();
      const [response] = (await once(asking, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode!;
    };
    for (const host of ['127.0.0.1', 'localhost', 'localhost:5000', '[::1]:5000', '127.0.0.1:80'])
      expect(await statusWith({ host }), host).equal(200);
    for (const host of ['api.hospital.example', '10.0.0.5:5000', 'localhost.evil.example'])
      expect(await statusWith({ host }), host).equal(401);
    for (const name of [
      'X-Forwarded-For',
      'Forwarded',
      'X-Real-IP',
      'Via',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
    ])
      for (const value of ['127.0.0.1', '203.0.113.9', ''])
        expect(await statusWith({ [name]: value }), name).equal(401);
  });

  it('AUTH-8: the audit names a request by our id, whatever the client calls it', async () => {
    const { email } = await api.make.account('manager');
    const given = randomUUID();
    const { headers } = await api.post('/auth/login', {
      body: { email, password: 'not the right one' },
      headers: { 'x-request-id': given },
    });
    const audit = api.system.around.stores.connection.db!.collection('audit_events');
    expect(await audit.countDocuments({ request_id: given })).equal(0);
    expect(await audit.countDocuments({ request_id: headers.get('x-request-id') })).equal(1);
  });

  it('SEC-12: a head that does not come is cut at its limit, not half a minute later', async () => {
    const server = await startServer(new Koa(), { host: '127.0.0.1', port: 0 }, 1_000, 500);
    const began = performance.now();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    await once(socket, 'close');
    expect(heard).to.match(/^HTTP\/1\.1 408 /);
    // Node's own rhythm would have cut it after 30 s.
    expect(performance.now() - began).lessThan(15_000);
    await server.stop();
  });
});
