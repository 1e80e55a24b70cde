import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { refreshTokenHash } from '../../../src/domains/identity/accounts/tokens.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { size } from '../../support/size.js';

const password = 'Correct-Horse-9-Battery';

interface Pair {
  access_token: string;
  refresh_token: string;
}

describe('sessions', () => {
  let api: TestApi;
  let email: string;
  before(async () => (api = await startApi()));
  after(() => api.stop());
  beforeEach(async () => {
    email = `user.${randomUUID()}@test.example`;
    await api.system.parts.accounts.createAccount({ email, password, name: 'User', role: 'manager' });
  });
  afterEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;
  const login = async (headers: Record<string, string> = {}): Promise<Pair & { user: { id: string } }> => {
    const { status, body } = await api.post('/auth/login', { body: { email, password }, headers });
    expect(status).to.equal(200);
    return body;
  };
  const refresh = (refresh_token: unknown): Promise<Answer> =>
    api.post('/auth/refresh', { body: { refresh_token } });
  const isSignedIn = async (token: string): Promise<boolean> =>
    (await api.get('/users/me', { token })).status === 200;
  const sidOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).sid;
  const session = (token: string) =>
    db()
      .collection<Record<string, unknown> & { _id: string }>('sessions')
      .findOne({ _id: sidOf(token) });

  describe('POST /auth/refresh', () => {
    it('AUTH-3: gives a new pair, and both go on', async () => {
      const first = await login();
      const { status, body, headers } = await refresh(first.refresh_token);
      expect([status, headers.get('cache-control')]).to.eql([200, 'no-store']);
      expect(Object.keys(body).sort()).to.eql(['access_token', 'expires_in', 'refresh_token', 'token_type']);
      expect(body.refresh_token).to.not.equal(first.refresh_token);
      expect(sidOf(body.access_token)).to.equal(sidOf(first.access_token));
      expect(await isSignedIn(body.access_token)).to.equal(true);
      expect(await isSignedIn(first.access_token)).to.equal(true);
      expect((await refresh(body.refresh_token)).status).to.equal(200);
    });

    it('AUTH-3: a rotated token shown again ends the whole family, at once, and is audited', async () => {
      const first = await login();
      const second = (await refresh(first.refresh_token)).body as Pair;
      const third = (await refresh(second.refresh_token)).body as Pair;
      expect(await isSignedIn(third.access_token)).to.equal(true);
      const replay = await refresh(first.refresh_token);
      expect([replay.status, replay.body.code]).to.eql([401, 'refresh_token_refused']);
      for (const { access_token } of [first, second, third])
        expect(await isSignedIn(access_token)).to.equal(false);
      expect((await refresh(third.refresh_token)).status).to.equal(401);
      expect(await session(first.access_token)).to.include({ end_reason: 'token_reuse' });
      const subject = sidOf(first.access_token);
      const [event] = await db()
        .collection('audit_events')
        .find({ subject, action: 'auth.refresh_reuse' })
        .toArray();
      expect(event).to.include({ outcome: 'failure', actor_user_id: first.user.id, role: 'manager' });
    });

    it('AUTH-3: ends no other session of the user', async () => {
      const one = await login();
      const other = await login();
      const { body } = await refresh(one.refresh_token);
      await refresh(body.refresh_token);
      await refresh(one.refresh_token);
      expect(await isSignedIn(one.access_token)).to.equal(false);
      expect(await isSignedIn(other.access_token)).to.equal(true);
      expect((await refresh(other.refresh_token)).status).to.equal(200);
    });

    it('AUTH-3: 10 that show the same token at once get one and the same successor', async () => {
      for (let round = 0; round < 3; round++) {
        const { refresh_token, access_token } = await login();
        const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token)));
        expect(answers.map(({ status }) => status)).to.eql(Array(10).fill(200));
        expect(new Set(answers.map(({ body }) => body.refresh_token as string)).size).to.equal(1);
        const kept = await db()
          .collection('refresh_tokens')
          .countDocuments({ session_id: sidOf(access_token) });
        expect(kept).to.equal(2);
        for (const { body } of answers) expect(await isSignedIn(body.access_token)).to.equal(true);
        expect((await refresh(answers[0]!.body.refresh_token)).status).to.equal(200);
      }
    });

    it('AUTH-3: refuses what is no refresh token of ours, the same way', async () => {
      const { access_token, refresh_token } = await login();
      const changed = (refresh_token[0] === 'A' ? 'B' : 'A') + refresh_token.slice(1);
      const stored = refreshTokenHash(refresh_token);
      for (const shown of [
        access_token,
        changed,
        stored,
        `${refresh_token} `,
        'x',
        refresh_token.slice(0, -1),
      ]) {
        const { status, body } = await refresh(shown);
        expect([shown, status, body.code]).to.eql([shown, 401, 'refresh_token_refused']);
      }
      for (const shown of [undefined, null, '', 1, { $gt: '' }, [refresh_token], 'x'.repeat(2001)])
        expect((await refresh(shown)).status).to.equal(400);
      expect((await refresh(refresh_token)).status).to.equal(200);
    });

    it('AUTH-3: refuses a token that has expired, and keeps one that has not', async () => {
      const { refresh_token } = await login();
      const day = 86_400_000;
      api.clock.set(new Date(Date.now() + 29 * day));
      const { status, body } = await refresh(refresh_token);
      expect(status).to.equal(200);
      api.clock.set(new Date(Date.now() + (29 + 31) * day));
      expect((await refresh(body.refresh_token)).status).to.equal(401);
    });

    it('AUTH-3: refuses the token of an account that was closed', async () => {
      const { refresh_token, user } = await login();
      await db()
        .collection<{ _id: string }>('users')
        .updateOne({ _id: user.id }, { $set: { active: false } });
      expect((await refresh(refresh_token)).status).to.equal(401);
    });

    it('AUTH-3: a refresh and a logout at the same moment leave the session ended', async () => {
      for (let round = 0; round < 5; round++) {
        const { refresh_token, access_token } = await login();
        const [out, fresh] = await Promise.all([
          api.post('/auth/logout', { token: access_token }),
          refresh(refresh_token),
        ]);
        expect(out.status).to.equal(204);
        expect(fresh.status).to.be.oneOf([200, 401]);
        if (fresh.status === 200) {
          expect(await isSignedIn(fresh.body.access_token)).to.equal(false);
          expect((await refresh(fresh.body.refresh_token)).status).to.equal(401);
        }
      }
    });
  });

  describe('POST /auth/logout', () => {
    it('AUTH-3: ends this family at once, and no other', async () => {
      const { access_token, refresh_token } = await login();
      const other = await login();
      const { status, body } = await api.post('/auth/logout', { token: access_token });
      expect([status, body]).to.eql([204, undefined]);
      expect(await isSignedIn(access_token)).to.equal(false);
      expect((await refresh(refresh_token)).status).to.equal(401);
      expect(await isSignedIn(other.access_token)).to.equal(true);
      expect(await session(access_token)).to.include({ end_reason: 'logout' });
    });

    it('AUTH-3: needs a token, takes no body', async () => {
      expect((await api.post('/auth/logout')).status).to.equal(401);
      const { access_token } = await login();
      const { status } = await api.post('/auth/logout', { token: access_token, body: { all: true } });
      expect(status).to.equal(400);
      expect(await isSignedIn(access_token)).to.equal(true);
    });
  });

  describe('GET /auth/sessions', () => {
    it('AUTH-3: lists one’s own open sessions, newest first, and says which is this one', async () => {
      const phone = await login({ 'user-agent': 'phone' });
      const desk = await login({ 'user-agent': `desk ${'x'.repeat(1000)}` });
      const ended = await login();
      await api.post('/auth/logout', { token: ended.access_token });
      const { status, body } = await api.get('/auth/sessions', { token: phone.access_token });
      expect([status, body.next_cursor]).to.eql([200, null]);
      const [first, second] = body.items;
      expect(body.items.map((item: { id: string }) => item.id)).to.eql([
        sidOf(desk.access_token),
        sidOf(phone.access_token),
      ]);
      expect([first.current, second.current]).to.eql([false, true]);
      expect([second.user_agent, second.address]).to.eql(['phone', '127.0.0.1']);
      expect(first.user_agent).to.have.length(300);
      expect(Date.parse(second.expires_at) - Date.parse(second.created_at)).to.equal(2_592_000_000);
      expect(Object.keys(first).sort()).to.eql(
        ['address', 'created_at', 'current', 'expires_at', 'id', 'last_used_at', 'user_agent'].sort(),
      );
    });

    it('AUTH-3: pages; last_used_at moves with a refresh', async () => {
      const pairs = [await login(), await login(), await login()];
      const token = pairs[0]!.access_token;
      const later = new Date(Date.now() + 60_000);
      api.clock.set(later);
      await refresh(pairs[0]!.refresh_token);
      const one = await api.get('/auth/sessions?limit=2', { token });
      const two = await api.get(`/auth/sessions?limit=2&cursor=${one.body.next_cursor}`, { token });
      const items = [...one.body.items, ...two.body.items];
      expect(items.map(({ id }: { id: string }) => id)).to.eql(
        pairs.map(({ access_token }) => sidOf(access_token)).reverse(),
      );
      expect(items[2].last_used_at).to.equal(later.toISOString());
      expect((await api.get('/auth/sessions?cursor=xx', { token })).body.code).to.equal('invalid_cursor');
    });

    it('AUTH-3: needs a token', async () => {
      expect((await api.get('/auth/sessions')).status).to.equal(401);
    });
  });

  describe('DELETE /auth/sessions/{session_id}', () => {
    it('AUTH-3: ends one of one’s own, once', async () => {
      const here = await login();
      const there = await login();
      expect(await isSignedIn(there.access_token)).to.equal(true);
      const path = `/auth/sessions/${sidOf(there.access_token)}`;
      expect((await api.delete(path, { token: here.access_token })).status).to.equal(204);
      expect(await isSignedIn(there.access_token)).to.equal(false);
      expect((await refresh(there.refresh_token)).status).to.equal(401);
      expect(await isSignedIn(here.access_token)).to.equal(true);
      expect(await session(there.access_token)).to.include({ end_reason: 'ended_by_user' });
      const again = await api.delete(path, { token: here.access_token });
      expect([again.status, again.body.code]).to.eql([404, 'not_found']);
    });

    it('AUTH-3: another’s is 404, the same as one that is not there, also for an admin; 401 without a token', async () => {
      const mine = await login();
      const path = `/auth/sessions/${sidOf(mine.access_token)}`;
      const token = await api.as('admin');
      const foreign = await api.delete(path, { token });
      const missing = await api.delete('/auth/sessions/S-none', { token });
      expect(foreign.status).to.equal(404);
      expect({ ...foreign.body, instance: '' }).to.eql({ ...missing.body, instance: '' });
      expect((await api.delete(path)).status).to.equal(401);
      expect(await isSignedIn(mine.access_token)).to.equal(true);
    });
  });

  describe('GET /users/me', () => {
    it('AUTH-9: is one’s own account; 401 without a token', async () => {
      const { access_token, user } = await login();
      const { status, body, headers } = await api.get('/users/me', { token: access_token });
      expect([status, headers.get('etag')]).to.eql([200, '"v1"']);
      expect(body).to.include({ id: user.id, email, role: 'manager' });
      expect((await api.get('/users/me')).status).to.equal(401);
    });
  });

  it('AUTH-4: a role and a closing count within a second, whatever the token says', async () => {
    const { access_token, user } = await login();
    const users = db().collection<{ _id: string }>('users');
    const read = () => api.post('/hospitals', { token: access_token, body: { name: '', region: '' } });
    expect((await read()).status).to.equal(403);
    await users.updateOne({ _id: user.id }, { $set: { role: 'admin' } });
    await sleep(1050);
    expect((await read()).status).to.equal(400);
    await users.updateOne({ _id: user.id }, { $set: { active: false } });
    await sleep(1050);
    expect((await read()).status).to.equal(401);
  });

  it('AUTH-3: random chains of refresh, replay and logout end as the model says', async function () {
    this.timeout(120_000);
    type Step =
      { kind: 'refresh' } | { kind: 'replay'; which: number } | { kind: 'use' } | { kind: 'logout' };
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: fc.constant({ kind: 'refresh' } as const) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay' as const), which: fc.nat() }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'use' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'logout' } as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        // However slow the machine is, a chain takes no time.
        api.clock.set(new Date());
        let { access_token, refresh_token } = (await login()) as Pair;
        // The model: is the family open, which tokens were rotated.
        let open = true;
        const rotated: string[] = [];
        for (const each of steps) {
          if (each.kind === 'refresh') {
            const { status, body } = await refresh(refresh_token);
            expect(status).to.equal(open ? 200 : 401);
            if (!open) continue;
            rotated.push(refresh_token);
            ({ access_token, refresh_token } = body as Pair);
          } else if (each.kind === 'replay' && rotated.length > 0) {
            const which = each.which % rotated.length;
            const { status, body } = await refresh(rotated[which]);
            // The last one gives the same again; one before it ends the family.
            const isAgain = open && which === rotated.length - 1;
            expect(status).to.equal(isAgain ? 200 : 401);
            if (isAgain) expect((body as Pair).refresh_token).to.equal(refresh_token);
            else open = false;
          } else if (each.kind === 'use') {
            expect(await isSignedIn(access_token)).to.equal(open);
          } else if (each.kind === 'logout') {
            const { status } = await api.post('/auth/logout', { token: access_token });
            expect(status).to.equal(open ? 204 : 401);
            open = false;
          }
        }
        expect(await isSignedIn(access_token)).to.equal(open);
        expect((await session(access_token))!['ended_at'] === null).to.equal(open);
      }),
      { numRuns: size({ usual: 40, long: 200 }) },
    );
  });
});
