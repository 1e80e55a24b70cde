import { expect } from 'chai';
import { pino } from 'pino';
import { createHttp } from '../../src/serving.js';
import { startServer } from '../../src/http/server.js';
import { openTestSystem } from '../support/api.js';

/* Values that no log may hold. */
const canary = {
  name: 'Canary Nameless',
  email: 'canary.email@secret.example',
  password: 'Otter-Lantern-Vivid-4',
  address: '1 Canary Street',
  disease: 'Canary fever',
  query: 'canary-query',
  phone: '+1 555 0199 777',
};

describe('the logs', () => {
  const lines: string[] = [];
  let url: string;
  let stop: () => Promise<void>;

  before(async () => {
    const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const { system, close } = await openTestSystem();
    const { email, password, name } = canary;
    await system.parts.accounts.createAccount({ email, password, name, role: 'admin' });
    const app = createHttp(system.parts, { ...system.around, logger }, () => true);
    const server = await startServer(app, { host: '127.0.0.1', port: 0 });
    url = server.url;
    stop = async () => {
      await server.stop();
      await close();
    };
  });
  after(() => stop?.());

  async function ask(method: string, path: string, body?: unknown, token?: string) {
    const response = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const id = response.headers.get('x-request-id')!;
    return { status: response.status, id, body: text ? JSON.parse(text) : undefined };
  }

  it('DBA-8: have a line for each request, by its id and route, and nothing of a person', async () => {
    const { email, password } = canary;
    const signedIn = await ask('POST', '/auth/login', { email, password });
    expect(signedIn.status).equal(200);
    const token = signedIn.body.access_token as string;
    const patient = {
      name: canary.name,
      age: 40,
      diseases: [canary.disease],
      contact: { email, phone: canary.phone, address: canary.address },
    };
    const made = await ask('POST', '/patients', patient, token);
    expect(made.status).equal(201);
    const patient_id = made.body.patient_id as string;
    const path = `/patients/${patient_id}`;
    const answers = [
      signedIn,
      made,
      await ask('GET', path, undefined, token),
      await ask('GET', `/patients?q=${canary.query}`, undefined, token),
      await ask('PATCH', path, { contact: { address: canary.address, email: `${email} ` } }, token),
      await ask('POST', '/patients', { ...patient, patient_id }, token),
      await ask('POST', '/auth/login', { email, password: `${password}!` }),
      await ask('POST', '/auth/register', { email, password, name: canary.name, age: 3 }),
      await ask('POST', '/patients', `{"name": "${canary.name}"`, token),
      await ask('GET', `/patients/${encodeURIComponent(canary.name)}`, undefined, token),
      await ask('DELETE', path, undefined, token),
    ];
    expect(answers.map(({ status }) => status)).deep.equal([
      200, 201, 200, 200, 400, 409, 401, 409, 400, 400, 204,
    ]);
    const log = lines.join('');
    for (const { status, id } of answers) {
      const line = lines.find((candidate) => candidate.includes(id) && candidate.includes('"msg":"request"'));
      expect(line, `${status} ${id}`).to.be.a('string');
      expect(JSON.parse(line!)).to.include({ status }).and.have.property('ms');
    }
    const secrets = { ...canary, token, refresh_token: signedIn.body.refresh_token as string, patient_id };
    for (const [what, value] of Object.entries(secrets)) {
      expect(log.includes(value), what).equal(false);
      expect(log.includes(encodeURIComponent(value)), what).equal(false);
    }
    expect(log).to.include('/patients/:patient_id');
  });

  it('DBA-8: have nothing of what a database says about a value that it refuses', async () => {
    const { loggable } = await import('../../src/lib/logger.js');
    const duplicate = Object.assign(new Error(`E11000 dup key: { email: "${canary.email}" }`), {
      name: 'MongoServerError',
      code: 11000,
      keyValue: { email: canary.email },
    });
    const syntax = Object.assign(new Error(`invalid input syntax for type date: "${canary.name}"`), {
      name: 'error',
      code: '22007',
      detail: canary.name,
    });
    for (const error of [duplicate, syntax]) {
      const logged = JSON.stringify(loggable(error));
      expect(logged).not.to.match(/canary/i);
      expect(logged).to.include(String(error.code));
    }
  });
});
