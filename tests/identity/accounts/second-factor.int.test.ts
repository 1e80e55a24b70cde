import { expect } from 'chai';
import { totpCode } from '../../../src/domains/identity/accounts/totp.js';
import { startSmtp, type TestSmtp } from '../../messages/notifications/smtp.js';
import { startApi, type Answer, type TestApi } from '../../support/api.js';
import { testPassword as password } from '../../support/make.js';
import { expectProblem } from '../../support/people.js';
import { linkOf } from './letters.js';
import type { Role } from '../../../src/lib/actor.js';

interface Enrolled {
  email: string;
  user_id: string;
  token: string;
  secret: string;
  recovery_codes: string[];
}

describe('a second factor', function () {
  this.timeout(60_000);
  let api: TestApi;
  let smtp: TestSmtp;
  before(async () => {
    smtp = await startSmtp();
    api = await startApi({ SMTP_URL: smtp.url, TRUSTED_PROXY_HOPS: '1', REFUND_APPROVAL_ABOVE: '50' });
  });
  after(async () => {
    await api?.stop();
    await smtp?.stop();
  });
  beforeEach(() => api.clock.set(undefined));

  const db = () => api.system.around.stores.connection.db!;
  /** Each code works once: the next one is of the step after. */
  const nextStep = (): void => api.clock.set(new Date(api.clock.now().getTime() + 31_000));
  const codeOf = ({ secret }: { secret: string }): string => totpCode(secret, api.clock.now());
  const login = (email: string, given = password): Promise<Answer> =>
    api.post('/auth/login', { body: { email, password: given } });
  const byCode = (
    challenge_token: string,
    code: string,
    from = '198.51.100.1',
    device_token?: string,
  ): Promise<Answer> =>
    api.post('/auth/login/code', {
      body: { challenge_token, code, ...(device_token && { device_token }) },
      headers: { 'x-forwarded-for': from },
    });
  const challenge = async (email: string): Promise<string> => {
    const answer = await login(email);
    expectProblem(answer, 401, 'code_required');
    return answer.body.challenge_token;
  };
  async function enrolled(role: Role = 'manager'): Promise<Enrolled> {
    const { email, user_id, token } = await api.make.account(role);
    const begun = await api.post('/auth/second-factor', { token, body: { password } });
    expect(begun.status).equal(201);
    const { secret } = begun.body;
    const done = await api.post('/auth/second-factor/confirm', { token, body: { code: codeOf({ secret }) } });
    expect(done.status).equal(200);
    nextStep();
    return { email, user_id, token, secret, recovery_codes: done.body.recovery_codes };
  }
  const subjectsTo = async (email: string): Promise<string[]> => {
    await api.system.parts.outboxes.mail.drain();
    return smtp.delivered.filter(({ to }) => to.includes(email)).map(({ headers }) => headers['subject']!);
  };
  const audited = async (subject: string): Promise<string[]> =>
    (await db().collection('audit_events').find({ subject }).sort({ _id: 1 }).toArray()).map(
      ({ action, outcome }) => `${action} ${outcome}`,
    );

  describe('being set up', () => {
    it('AUTH-11: is begun with the password, and shown once, as a key, an address and a picture', async () => {
      const { token, user_id } = await api.make.account('manager');
      const ask = (given: string) => api.post('/auth/second-factor', { token, body: { password: given } });
      expectProblem(await ask('Wrong-Horse-9-Battery'), 401, 'wrong_credentials');
      const { status, body } = await ask(password);
      expect(status).equal(201);
      expect(body.secret).to.match(/^[A-Z2-7]{32}$/);
      expect(body.otpauth_uri).to.include(`secret=${body.secret}`);
      expect(body.qr_svg)
        .to.match(/^<svg[^]*<\/svg>$/)
        .and.not.include('style=');
      expect((await api.get('/auth/second-factor', { token })).body).to.eql({
        ...{ since: null, is_demanded: false, recovery_codes_left: 0 },
      });
      expectProblem(await api.post('/auth/second-factor', { body: { password } }), 401, 'not_signed_in');
      // Until a code is shown, nothing asks for one.
      const user = await db().collection<{ _id: string }>('users').findOne({ _id: user_id });
      expect((await login((user as never as { email: string }).email)).status).equal(200);
    });

    it('AUTH-11: the key is in no store in the clear, nor are the recovery codes', async () => {
      const { secret, recovery_codes } = await enrolled();
      for (const { name } of await db().listCollections().toArray()) {
        const kept = JSON.stringify(await db().collection(name).find().toArray());
        for (const one of [
          secret,
          ...recovery_codes,
          ...recovery_codes.map((code) => code.replaceAll('-', '')),
        ])
          expect(kept, name).not.to.include(one);
      }
    });

    it('AUTH-11: is on when a code of it is shown; other sessions end, and the owner is told', async () => {
      const { email, token, user_id } = await api.make.account('manager');
      const other = (await login(email)).body.access_token as string;
      const confirm = (code: string) => api.post('/auth/second-factor/confirm', { token, body: { code } });
      expectProblem(await confirm('123456'), 409, 'step_not_allowed');
      const { secret } = (await api.post('/auth/second-factor', { token, body: { password } })).body;
      const right = codeOf({ secret });
      const wrong = right === '000000' ? '000001' : '000000';
      expectProblem(await confirm(wrong), 401, 'wrong_code');
      const { status, body } = await confirm(right);
      expect([status, body.recovery_codes.length]).to.eql([200, 10]);
      expectProblem(await confirm(right), 409, 'step_done');
      const again = await api.post('/auth/second-factor', { token, body: { password } });
      expectProblem(again, 409, 'step_done');
      expect((await api.get('/users/me', { token })).body.second_factor).equal(true);
      expectProblem(await api.get('/users/me', { token: other }), 401, 'not_signed_in');
      expect(await subjectsTo(email)).to.eql(['Your account has a second factor']);
      expect(await audited(user_id)).to.include('account.factor_confirmed success');
    });
  });

  describe('at a sign-in', () => {
    it('AUTH-11: the password alone opens nothing; with a code there is a session', async () => {
      const who = await enrolled();
      const refused = await login(who.email);
      expectProblem(refused, 401, 'code_required');
      expect(Object.keys(refused.body)).not.to.include('access_token');
      const { challenge_token, expires_in } = refused.body;
      expect(expires_in).equal(300);
      expectProblem(await api.get('/users/me', { token: challenge_token }), 401, 'not_signed_in');
      const asRefresh = await api.post('/auth/refresh', { body: { refresh_token: challenge_token } });
      expectProblem(asRefresh, 401, 'refresh_token_refused');
      const { status, body } = await byCode(challenge_token, codeOf(who));
      expect([status, body.user.id, body.user.second_factor]).to.eql([200, who.user_id, true]);
      expect((await api.get('/users/me', { token: body.access_token })).status).equal(200);
      expect(await audited(who.user_id)).to.include('auth.password_accepted success');
    });

    it('AUTH-11: a wrong password says nothing of a factor', async () => {
      const { email } = await enrolled();
      const { body } = await login(email, 'Wrong-Horse-9-Battery');
      expect([body.code, body.challenge_token]).to.eql(['wrong_credentials', undefined]);
    });

    it('AUTH-11: a code works once, also at ten doors at the same time', async () => {
      const who = await enrolled();
      const token = await challenge(who.email);
      const code = codeOf(who);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => byCode(token, code, `198.51.100.${n + 10}`)),
      );
      expect(answers.map(({ status }) => status).sort()).to.eql([200, ...Array<number>(9).fill(401)]);
      expectProblem(await byCode(token, code, '198.51.100.50'), 401, 'wrong_code');
      nextStep();
      expect((await byCode(token, codeOf(who))).status).equal(200);
    });

    it('AUTH-11: a recovery code stands for it once, and the owner is told', async () => {
      const who = await enrolled();
      const [first, second] = who.recovery_codes as [string, string];
      const token = await challenge(who.email);
      const answers = await Promise.all(
        Array.from({ length: 5 }, (_, n) => byCode(token, first, `198.51.100.${n + 10}`)),
      );
      expect(answers.filter(({ status }) => status === 200).length).equal(1);
      expect((await byCode(token, second.toUpperCase().replaceAll('-', ' '))).status).equal(200);
      expectProblem(await byCode(token, 'abcd-abcd-abcd-abcd'), 401, 'wrong_code');
      const { body } = await api.get('/auth/second-factor', { token: who.token });
      expect(body.recovery_codes_left).equal(8);
      expect(await subjectsTo(who.email)).to.include('A recovery code of your account was used');
    });

    it('AUTH-11: a challenge is good for five minutes, for its account, until the password changes', async () => {
      const who = await enrolled();
      const token = await challenge(who.email);
      const [text, mac] = [token.slice(0, token.lastIndexOf('.')), token.slice(token.lastIndexOf('.'))];
      const other = await enrolled();
      for (const bad of ['x', text, text.replace(who.user_id, other.user_id) + mac, who.token])
        expectProblem(await byCode(bad, codeOf(who)), 401, 'challenge_refused');
      api.clock.set(new Date(api.clock.now().getTime() + 301_000));
      expectProblem(await byCode(token, codeOf(who)), 401, 'challenge_refused');
      const late = await challenge(who.email);
      await db()
        .collection<{ _id: string }>('users')
        .updateOne({ _id: who.user_id }, { $set: { password_hash: 'another' } });
      expectProblem(await byCode(late, codeOf(who)), 401, 'challenge_refused');
    });

    it('AUTH-11, AUTH-14: after five wrong codes an address pauses; the owner’s address and device do not', async () => {
      const who = await enrolled();
      const token = await challenge(who.email);
      const known = (await byCode(token, codeOf(who), '198.51.100.7')).body.device_token;
      nextStep();
      const right = codeOf(who);
      const wrong = right === '000000' ? '000001' : '000000';
      const thief = '203.0.113.9';
      const statuses: number[] = [];
      for (let n = 0; n < 8; n++) statuses.push((await byCode(token, wrong, thief)).status);
      expect(statuses.slice(0, 5)).to.eql(Array(5).fill(401));
      expect(statuses.at(-1)).equal(429);
      // Not even with the right one, while it pauses.
      await db()
        .collection('rate_limits')
        .updateMany(
          { key: /^guess_turn:code/ },
          { $set: { expire: new Date(Date.now() + 3_600_000), points: 1 } },
        );
      expectProblem(await byCode(token, right, thief), 429, 'too_many_requests');
      expect((await byCode(token, right, thief, known)).status).equal(200);
      nextStep();
      expect((await byCode(token, codeOf(who), '198.51.100.8')).status).equal(200);
    });
  });

  describe('later on', () => {
    it('AUTH-11: new recovery codes take the place of those that are left', async () => {
      const who = await enrolled();
      const renew = (code: string) =>
        api.post('/auth/second-factor/recovery-codes', { token: who.token, body: { code } });
      expectProblem(await renew('not-a-code'), 401, 'wrong_code');
      const { status, body } = await renew(codeOf(who));
      expect([status, body.recovery_codes.length]).to.eql([200, 10]);
      const token = await challenge(who.email);
      expectProblem(await byCode(token, who.recovery_codes[0]!), 401, 'wrong_code');
      expect((await byCode(token, body.recovery_codes[0])).status).equal(200);
    });

    it('AUTH-11: is turned off by password and code together, and the owner is told', async () => {
      const who = await enrolled();
      const disable = (given: string, code: string) =>
        api.post('/auth/second-factor/disable', { token: who.token, body: { password: given, code } });
      expectProblem(await disable('Wrong-Horse-9-Battery', codeOf(who)), 401, 'wrong_credentials');
      expectProblem(await disable(password, 'abcdef'), 401, 'wrong_code');
      expect((await disable(password, codeOf(who))).status).equal(204);
      expect((await login(who.email)).status).equal(200);
      expect(await subjectsTo(who.email)).to.include('Your account has no second factor any more');
      expect(await db().collection<{ _id: string }>('second_factors').findOne({ _id: who.user_id })).equal(
        null,
      );
    });

    it('AUTH-11, AUTH-12: a reset of the password takes no factor away', async () => {
      const who = await enrolled();
      expect((await api.post('/auth/forgot', { body: { email: who.email } })).status).equal(204);
      const token = await linkOf(api, who.email, 'reset');
      const other = 'Another-Horse-9-Battery';
      expect((await api.post('/auth/reset', { body: { token, password: other } })).status).equal(204);
      const answer = await login(who.email, other);
      expectProblem(answer, 401, 'code_required');
      expect((await byCode(answer.body.challenge_token, codeOf(who))).status).equal(200);
    });

    it('AUTH-11: an admin takes away another’s, not one’s own; it is audited and told, and their sessions end', async () => {
      const who = await enrolled();
      const reset = (token: string, id = who.user_id) => api.delete(`/users/${id}/second-factor`, { token });
      expectProblem(await reset(who.token), 403, 'forbidden');
      const admin = await enrolled('admin');
      expectProblem(await reset(admin.token, admin.user_id), 403, 'same_person');
      expectProblem(await reset(admin.token, 'U-none'), 404, 'not_found');
      expect((await reset(admin.token)).status).equal(204);
      expectProblem(await reset(admin.token), 404, 'not_found');
      expectProblem(await api.get('/users/me', { token: who.token }), 401, 'not_signed_in');
      expect((await login(who.email)).status).equal(200);
      expect(await subjectsTo(who.email)).to.include('An admin has taken away your second factor');
      const event = await db()
        .collection('audit_events')
        .findOne({ action: 'account.factor_removed', subject: who.user_id });
      expect(event).to.include({ actor_user_id: admin.user_id, role: 'admin' });
    });

    it('AUTH-11: a code counts for ten minutes; then it is asked for again where much is at stake', async () => {
      const admin = await enrolled('admin');
      const later = (minutes: number) =>
        api.clock.set(new Date(api.clock.now().getTime() + minutes * 60_000));
      const victim = await enrolled();
      const reset = (id: string) => api.delete(`/users/${id}/second-factor`, { token: admin.token });
      later(11);
      expectProblem(await reset(victim.user_id), 403, 'second_factor_required');
      const stepUp = (code: string) => api.post('/auth/step-up', { token: admin.token, body: { code } });
      expectProblem(await stepUp('abcdef'), 401, 'wrong_code');
      expect((await stepUp(codeOf(admin))).status).equal(204);
      expect((await reset(victim.user_id)).status).equal(204);
      // Who has no second factor has none to show.
      const plain = await api.make.account('manager');
      expectProblem(
        await api.post('/auth/step-up', { token: plain.token, body: { code: '123456' } }),
        401,
        'wrong_code',
      );
    });
  });
});
