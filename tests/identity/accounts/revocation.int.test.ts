import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startServer } from '../../../src/http/server.js';
import { createHttp } from '../../../src/serving.js';
import { openSystem } from '../../../src/system.js';
import { startApi, type TestApi } from '../../support/api.js';
import { testPassword } from '../../support/make.js';

/** How long another process may not know of it. */
const secondMs = 1_050;

describe('what ends a token', () => {
  let api: TestApi;
  /** The address of another process over the same databases: all that it remembers is its own. */
  let other: { readonly url: string; stop(): Promise<void> };
  before(async () => {
    api = await startApi();
    const { config, logger, stores } = api.system.around;
    const system = await openSystem({ config, logger, dbName: stores.connection.name });
    const app = createHttp(system.parts, system.around, () => true);
    const server = await startServer(app, { host: '127.0.0.1', port: 0 });
    other = {
      url: server.url,
      async stop() {
        await server.stop();
        await system.close();
      },
    };
  });
  after(async () => {
    await other.stop();
    await api.stop();
  });

  /** What each of the two processes says to the token, this one first. */
  const statuses = (token: string): Promise<number[]> =>
    Promise.all(
      [api.url, other.url].map(async (url) => {
        const response = await fetch(`${url}/api/users/me`, {
          headers: { authorization: `Bearer ${token}` },
        });
        await response.body?.cancel();
        return response.status;
      }),
    );

  /** Both processes know the token; then it ends by a request to this one. */
  async function expectEnd(token: string, end: () => Promise<{ status: number }>): Promise<void> {
    expect(await statuses(token)).to.eql([200, 200]);
    expect((await end()).status).to.equal(204);
    const [here] = await statuses(token);
    expect(here, 'at once in the process that ended it').to.equal(401);
    await sleep(secondMs);
    expect(await statuses(token), 'within a second in all').to.eql([401, 401]);
  }

  it('AUTH-3: a logout ends it at once here, within a second in another process', async () => {
    const { token } = await api.make.account('manager');
    await expectEnd(token, () => api.post('/auth/logout', { token }));
  });

  it('AUTH-3: so does ending the session from another one', async () => {
    const { token, email } = await api.make.account('manager');
    const login = await api.post('/auth/login', { body: { email, password: testPassword } });
    const { sid } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string };
    await expectEnd(token, () => api.delete(`/auth/sessions/${sid}`, { token: login.body.access_token }));
  });

  it('AUTH-3: so does showing a refresh token again after its successor was used', async () => {
    const { email } = await api.make.account('manager');
    const { body } = await api.post('/auth/login', { body: { email, password: testPassword } });
    const refresh = (refresh_token: string) => api.post('/auth/refresh', { body: { refresh_token } });
    const successor = (await refresh(body.refresh_token)).body.refresh_token as string;
    const token = (await refresh(successor)).body.access_token as string;
    await expectEnd(token, async () => {
      expect((await refresh(body.refresh_token)).status).to.equal(401);
      return { status: 204 };
    });
  });

  for (const role of ['patient', 'doctor'] as const) {
    it(`AUTH-3: so does removing the record of a ${role}, whose account is closed`, async () => {
      const record = await api.make[role]();
      const id = record[`${role}_id`] as string;
      const { token } = await api.make.account(role, { [`${role}_id`]: id });
      const admin = await api.as('admin');
      await expectEnd(token, () => api.delete(`/${role}s/${id}`, { token: admin }));
    });
  }
});
