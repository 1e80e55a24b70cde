import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign as signWith,
  type KeyObject,
} from 'node:crypto';
import { expect } from 'chai';
import { keyId } from '../../../src/domains/identity/accounts/tokens.js';
import { startApi, type TestApi } from '../../support/api.js';

type Json = Record<string, unknown>;

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const hmac = (input: string, secret: string | Buffer, hash = 'sha256'): string =>
  createHmac(hash, secret).update(input).digest('base64url');
const without = (from: Json, ...keys: string[]): Json =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));

describe('forged tokens', () => {
  const secret = 'the secret of this test: 32 characters';
  const previous = 'the one before it: also 32 characters';
  let api: TestApi;
  let real: { access_token: string; refresh_token: string };
  let header: Json;
  let claims: Json;
  before(async () => {
    api = await startApi({ JWT_SECRET: secret, JWT_PREVIOUS_SECRETS: previous });
    const email = `mallory.${randomUUID()}@test.example`;
    const password = 'Correct-Horse-9-Battery';
    await api.system.parts.accounts.createAccount({ email, password, name: 'Mallory', role: 'manager' });
    real = (await api.post('/auth/login', { body: { email, password } })).body;
    const [head, payload] = real.access_token.split('.');
    header = JSON.parse(Buffer.from(head!, 'base64url').toString());
    claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  });
  after(() => api.stop());

  const forge = (head: unknown, payload: unknown, key = secret, hash = 'sha256'): string => {
    const input = `${encode(head)}.${encode(payload)}`;
    return `${input}.${hmac(input, key, hash)}`;
  };
  const signed = (head: Json, key: KeyObject, hash: string | null): string => {
    const input = `${encode(head)}.${encode(claims)}`;
    return `${input}.${signWith(hash, Buffer.from(input), key).toString('base64url')}`;
  };
  const now = (): number => Math.floor(Date.now() / 1000);
  const statusOf = async (authorization: string): Promise<number> => {
    const { status, body, headers } = await api.get('/users/me', { headers: { authorization } });
    if (status === 401) {
      expect(body.code).to.equal('not_signed_in');
      expect(body).to.have.all.keys('type', 'title', 'status', 'code', 'instance');
      expect(headers.get('www-authenticate')).to.equal('Bearer');
    }
    return status;
  };

  it('AUTH-4: the forge works: what it makes of the right parts is taken', async () => {
    expect(await statusOf(`Bearer ${real.access_token}`)).to.equal(200);
    expect(await statusOf(`Bearer ${forge(header, claims)}`)).to.equal(200);
    expect(await statusOf(`bearer ${forge(header, { ...claims, jti: 'another' })}`)).to.equal(200);
    const old = { ...header, kid: keyId(previous) };
    expect(await statusOf(`Bearer ${forge(old, claims, previous)}`)).to.equal(200);
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const publicPem = createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const jwk = { kty: 'oct', k: Buffer.from('mine').toString('base64url') };

  const forgeries: [about: string, make: () => string][] = [
    ['alg none without signature', () => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`],
    ['alg None', () => `${encode({ ...header, alg: 'None' })}.${encode(claims)}.`],
    ['alg nOnE with our signature', () => forge({ ...header, alg: 'nOnE' }, claims)],
    ['alg missing', () => forge(without(header, 'alg'), claims)],
    ['alg a list', () => forge({ ...header, alg: ['HS256'] }, claims)],
    ['alg in lower case', () => forge({ ...header, alg: 'hs256' }, claims)],
    ['HS384 with our key', () => forge({ ...header, alg: 'HS384' }, claims, secret, 'sha384')],
    ['HS512 with our key', () => forge({ ...header, alg: 'HS512' }, claims, secret, 'sha512')],
    ['RS256 with a key of their own', () => signed({ ...header, alg: 'RS256' }, rsa.privateKey, 'sha256')],
    ['ES256 with a key of their own', () => signed({ ...header, alg: 'ES256' }, ec.privateKey, 'sha256')],
    ['EdDSA with a key of their own', () => signed({ ...header, alg: 'EdDSA' }, ed.privateKey, null)],
    ['HS256 with a public key as the secret', () => forge(header, claims, publicPem)],
    ['RS256 header over an HMAC of ours', () => forge({ ...header, alg: 'RS256' }, claims)],
    ['an empty secret', () => forge(header, claims, '')],
    ['another secret', () => forge(header, claims, 'x'.repeat(32))],
    ['the previous secret under the current kid', () => forge(header, claims, previous)],
    ['an unknown kid', () => forge({ ...header, kid: 'f'.repeat(16) }, claims)],
    ['no kid', () => forge(without(header, 'kid'), claims)],
    ['a kid that is a path', () => forge({ ...header, kid: '../../dev/null' }, claims, '')],
    ['a kid that is SQL', () => forge({ ...header, kid: "' or '1'='1" }, claims)],
    ['a kid of the prototype', () => forge({ ...header, kid: '__proto__' }, claims, '')],
    ['a kid in a list', () => forge({ ...header, kid: [header['kid']] }, claims)],
    ['a kid that is an object', () => forge({ ...header, kid: { $ne: '' } }, claims)],
    ['a jwk of their own', () => forge({ ...without(header, 'kid'), jwk }, claims, 'mine')],
    ['a jwk beside our kid', () => forge({ ...header, jwk }, claims, 'mine')],
    ['a jku', () => forge({ ...header, jku: 'http://127.0.0.1:1/keys', kid: 'mine' }, claims, 'mine')],
    ['an x5u', () => forge({ ...header, x5u: 'http://127.0.0.1:1/x', kid: 'mine' }, claims, 'mine')],
    ['a critical extension', () => forge({ ...header, crit: ['exp'] }, claims)],
    ['an unencoded payload (RFC 7797)', () => forge({ ...header, b64: false, crit: ['b64'] }, claims)],
    ['typ JWT', () => forge({ ...header, typ: 'JWT' }, claims)],
    ['typ missing', () => forge(without(header, 'typ'), claims)],
    ['typ of a refresh token', () => forge({ ...header, typ: 'rt+jwt' }, claims)],
    ['another iss', () => forge(header, { ...claims, iss: 'https://evil.example' })],
    ['no iss', () => forge(header, without(claims, 'iss'))],
    ['another aud', () => forge(header, { ...claims, aud: 'another-api' })],
    ['no aud', () => forge(header, without(claims, 'aud'))],
    ['expired', () => forge(header, { ...claims, exp: now() - 1 })],
    ['expired this second', () => forge(header, { ...claims, exp: now() })],
    ['no exp', () => forge(header, without(claims, 'exp'))],
    ['exp a text', () => forge(header, { ...claims, exp: '9999999999' })],
    ['exp null', () => forge(header, { ...claims, exp: null })],
    ['not yet valid', () => forge(header, { ...claims, nbf: now() + 60 })],
    ['no iat', () => forge(header, without(claims, 'iat'))],
    ['no jti', () => forge(header, without(claims, 'jti'))],
    ['an empty jti', () => forge(header, { ...claims, jti: '' })],
    ['no sub', () => forge(header, without(claims, 'sub'))],
    ['no sid', () => forge(header, without(claims, 'sid'))],
    ['no role', () => forge(header, without(claims, 'role'))],
    ['a sid that is an operator', () => forge(header, { ...claims, sid: { $gt: '' } })],
    ['a session that is not there', () => forge(header, { ...claims, sid: 'S-none' })],
    ['the session of another user', () => forge(header, { ...claims, sub: 'U-none' })],
    ['a payload that is a list', () => forge(header, [claims])],
    ['a payload that is text', () => forge(header, 'hello')],
    ['a payload of null', () => forge(header, null)],
    ['a tampered payload', () => tamper(1, { ...claims, role: 'admin' })],
    ['a tampered header', () => tamper(0, { ...header, extra: true })],
    ['a tampered signature', () => real.access_token.replace(/.(?=.{20}$)/, (c) => (c === 'A' ? 'B' : 'A'))],
    ['no signature', () => real.access_token.split('.').slice(0, 2).join('.') + '.'],
    ['two parts', () => real.access_token.split('.').slice(0, 2).join('.')],
    ['four parts', () => `${real.access_token}.x`],
    ['padding behind the signature', () => `${real.access_token}=`],
    ['the refresh token', () => real.refresh_token],
    ['nothing', () => ''],
    ['text', () => 'null'],
  ];

  function tamper(part: number, value: Json): string {
    const parts = real.access_token.split('.');
    parts[part] = encode(value);
    return parts.join('.');
  }

  for (const [about, make] of forgeries) {
    it(`AUTH-4: ${about} → 401`, async () => {
      expect(await statusOf(`Bearer ${make()}`)).to.equal(401);
    });
  }

  it('AUTH-4: no other scheme and no other place than the header → 401', async () => {
    for (const value of [
      `Basic ${real.access_token}`,
      real.access_token,
      `Bearer  ${real.access_token}`,
      'Bearer',
    ])
      expect(await statusOf(value), value).to.equal(401);
    const cookie = await api.get('/users/me', { headers: { cookie: `token=${real.access_token}` } });
    expect(cookie.status).to.equal(401);
    const query = await api.get(`/users/me?access_token=${real.access_token}`);
    expect(query.status).to.equal(401);
  });

  it('AUTH-4: the role of a token counts for nothing, the user’s does', async () => {
    const token = forge(header, { ...claims, role: 'admin' });
    const { status } = await api.post('/hospitals', { token, body: { name: 'H', region: 'R' } });
    expect(status).to.equal(403);
  });
});
