import { expect } from 'chai';
import { pino } from 'pino';
import { createHttp } from '../../src/composition.js';
import { startServer } from '../../src/http/server.js';
import { openSystem } from '../../src/system.js';
import { createTestDatabase, testConfig } from '../support/api.js';

/* Values that no log may hold. */
const canary = {
  name: 'Canary Nameless',
  email: 'canary.email@secret.example',
  password: 'Canary-Password-1',
  address: '1 Canary Street',
  disease: 'Canary fever',
  query: 'canary-query',
  phone: '+1 555 0199 777',
};

describe('the logs', () => {
  it('DBA-8: have a line for each request, by its id and route, and nothing of a person', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
    const database = await createTestDatabase();
    const config = testConfig({ POSTGRES_URI: database.uri });
    const system = await openSystem({ config, logger, dbName: database.name });
    await system.parts.accounts.createAccount({ ...canary, name: canary.name, role: 'admin' });
    const server = await startServer(
      createHttp(system.parts, system.around, () => true),
      { host: '127.0.0.1', port: 0 },
    );
    const api = async (method: string, path: string, body?: unknown, token?: string) => {
      const response = await fetch(`${server.url}/api${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        id: response.headers.get('x-request-id')!,
        body: text ? JSON.parse(text) : undefined,
      };
    };

    const signedIn = await api('POST', '/auth/login', { email: canary.email, password: canary.password });
    expect(signedIn.status).equal(200);
    const token = signedIn.body.access_token as string;
    const patient = {
      name: canary.name,
      age: 40,
      diseases: [canary.disease],
      contact: { email: canary.email, phone: canary.phone, address: canary.address },
    };
    const made = await api('POST', '/patients', patient, token);
    expect(made.status).equal(201);
    const path = `/patients/${made.body.patient_id}`;
    const answers = [
      signedIn,
      made,
      await api('GET', path, undefined, token),
      await api('GET', `/patients?q=${canary.query}`, undefined, token),
      await api('PATCH', path, { contact: { address: canary.address, email: canary.email + ' ' } }, token),
      await api('POST', '/patients', { ...patient, patient_id: made.body.patient_id }, token),
      await api('POST', '/auth/login', { email: canary.email, password: `${canary.password}!` }),
      await api('POST', '/auth/register', { ...canary, role: 'patient', age: 3 }),
      await api('POST', '/patients', `{"name": "${canary.name}"`, token),
      await api('GET', `/patients/${encodeURIComponent(canary.name)}`, undefined, token),
      await api('DELETE', path, undefined, token),
    ];
    await server.stop();

    // A database that is gone is an error that nobody foresaw: its message may hold anything.
    await system.close();
    await database.drop();

    const log = lines.join('');
    for (const { status, id } of answers) {
      const line = lines.find((candidate) => candidate.includes(id) && candidate.includes('"msg":"request"'));
      expect(line, `${status} ${id}`).to.be.a('string');
      expect(JSON.parse(line!)).to.include({ status }).and.have.property('ms');
    }
    for (const [what, value] of Object.entries(canary)) {
      expect(log.includes(value), what).equal(false);
      expect(log.includes(encodeURIComponent(value)), what).equal(false);
    }
    expect(log).not.to.include(token);
    expect(log).not.to.include(signedIn.body.refresh_token);
    expect(log).not.to.include(made.body.patient_id);
    expect(log).to.include('/patients/:patient_id');
  });
});
