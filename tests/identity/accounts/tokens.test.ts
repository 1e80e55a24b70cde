import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type { Context } from 'koa';
import {
  createTokens,
  keyId,
  newRefreshToken,
  refreshTokenHash,
} from '../../../src/domains/identity/accounts/tokens.js';
import { verifyToken } from '../../../src/http/middleware/verify-token.js';

const settings = { issuer: 'iss', audience: 'aud', accessSeconds: 900 };
const oldSecret = 'the first secret, 32 characters long.';
const newSecret = 'the other secret, 32 characters long.';
const holder = { user_id: 'U1', session_id: 'S1', role: 'patient' } as const;

/** As mount.ts runs it: the claims, or the status it throws. */
async function verify(
  tokens: ReturnType<typeof createTokens>,
  token: string,
  verifier = verifyToken(tokens),
): Promise<unknown> {
  const state: Record<string, unknown> = {};
  const ctx = {
    state,
    header: { authorization: `Bearer ${token}` },
    throw(status: number, message: string) {
      throw Object.assign(new Error(message), { status });
    },
  } as unknown as Context;
  try {
    await verifier(ctx, () => Promise.resolve());
  } catch (error) {
    return (error as { status: number }).status;
  }
  return state['claims'];
}

describe('access tokens', () => {
  it('AUTH-4: carry iss, aud, sub, sid, role, exp, iat, jti and the kid and typ in their header', () => {
    const tokens = createTokens({ ...settings, secrets: { current: newSecret, previous: [] } });
    const { header, payload } = jwt.decode(tokens.issue(holder), { complete: true })!;
    expect(header).to.eql({ alg: 'HS256', typ: 'at+jwt', kid: keyId(newSecret) });
    expect(payload).to.include({ iss: 'iss', aud: 'aud', sub: 'U1', sid: 'S1', role: 'patient' });
    const { exp, iat, jti } = payload as jwt.JwtPayload;
    expect(exp! - iat!).to.equal(900);
    expect(jti).to.match(/^[0-9a-f-]{36}$/);
    expect((jwt.decode(tokens.issue(holder)) as jwt.JwtPayload).jti).to.not.equal(jti);
    expect(keyId(newSecret)).to.equal(createHash('sha256').update(newSecret).digest('hex').slice(0, 16));
  });

  it('AUTH-4: a rotated key logs nobody out, a dropped one does', async () => {
    const before = createTokens({ ...settings, secrets: { current: oldSecret, previous: [] } });
    const during = createTokens({ ...settings, secrets: { current: newSecret, previous: [oldSecret] } });
    const after = createTokens({ ...settings, secrets: { current: newSecret, previous: [] } });
    const old = before.issue(holder);
    const fresh = during.issue(holder);
    expect(await verify(before, old)).to.include({ sub: 'U1' });
    expect(await verify(during, old)).to.include({ sub: 'U1' });
    expect(await verify(during, fresh)).to.include({ sub: 'U1' });
    expect(await verify(after, old)).to.equal(401);
    expect(await verify(after, fresh)).to.include({ sub: 'U1' });
    expect(await verify(before, fresh)).to.equal(401);
  });

  it('AUTH-4: a key of ours under the kid of another one is refused', async () => {
    const tokens = createTokens({ ...settings, secrets: { current: newSecret, previous: [oldSecret] } });
    const wrong = jwt.sign({ sid: 'S1', role: 'patient' }, oldSecret, {
      header: { alg: 'HS256', typ: 'at+jwt', kid: keyId(newSecret) },
      issuer: 'iss',
      audience: 'aud',
      subject: 'U1',
      jwtid: 'j',
      expiresIn: 60,
    });
    expect(await verify(tokens, wrong)).to.equal(401);
  });

  it('AUTH-4: a signature is checked once for a token, its end each time, and what differs from it is another token', async () => {
    const tokens = createTokens({
      ...settings,
      accessSeconds: 2,
      secrets: { current: newSecret, previous: [] },
    });
    let looked = 0;
    const verifier = verifyToken({ ...tokens, keyOf: (header) => (looked++, tokens.keyOf(header)) });
    const token = tokens.issue(holder);
    const first = await verify(tokens, token, verifier);
    expect(first).to.include({ sub: 'U1', sid: 'S1' });
    expect(await verify(tokens, token, verifier)).to.eql(first);
    expect(looked).to.equal(1);
    // Its first sign: the last one has bits that say nothing.
    const forged = token.replace(/\.(.)([^.]*)$/, (_, first, rest) => `.${first === 'x' ? 'y' : 'x'}${rest}`);
    expect(await verify(tokens, forged, verifier)).to.equal(401);
    expect(looked).to.equal(2);
    // A timer may fire a millisecond before its time.
    while (Date.now() < (first as jwt.JwtPayload).exp! * 1000) await sleep(10);
    expect(await verify(tokens, token, verifier)).to.equal(401);
  });
});

describe('refresh tokens', () => {
  it('AUTH-3: are 256 random bits, of which only the SHA-256 is kept', () => {
    const token = newRefreshToken();
    expect(Buffer.from(token, 'base64url').length).to.equal(32);
    expect(newRefreshToken()).to.not.equal(token);
    expect(refreshTokenHash(token))
      .to.match(/^[0-9a-f]{64}$/)
      .and.not.include(token);
  });
});
