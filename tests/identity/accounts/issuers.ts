import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Configuration } from 'oidc-provider';

/* Those who say who somebody is: a real provider, and one that says what it is told to. */

export const clientId = 'smart-healthcare';
export const clientSecret = 'a-secret-of-the-tests';

async function listen(answer: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const stopOf = (server: Server) => async (): Promise<void> => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateJwk = { ...keys.privateKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' };
const publicJwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' };

export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
}

/** npm oidc-provider: whoever is `signedIn` has signed in there, and consented. */
export async function startProvider(redirect_uri: string) {
  const now: { signedIn: Person } = { signedIn: { sub: 's0', email: 'x@y.example', email_verified: false } };
  const people = new Map<string, Person>();
  let handle: RequestListener = () => undefined;
  const { server, url } = await listen((request, response) => handle(request, response));
  const configuration: Configuration = {
    clients: [
      {
        ...{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirect_uri] },
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    cookies: { keys: ['a-key-of-the-tests'] },
    jwks: { keys: [privateJwk] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...people.get(sub)! }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client!.clientId,
        accountId: ctx.oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  };
  const provider = new Provider(url, configuration);
  const callback = provider.callback();
  handle = (request, response) => {
    if (!request.url!.startsWith('/interaction/')) return void callback(request, response);
    people.set(now.signedIn.sub, now.signedIn);
    void provider.interactionFinished(request, response, { login: { accountId: now.signedIn.sub } });
  };
  return { url, now, stop: stopOf(server) };
}

export interface Forged {
  readonly iss?: string;
  readonly aud?: string;
  readonly nonce?: string;
  readonly exp?: number;
  readonly alg?: 'none' | 'other-key';
  readonly email_verified?: unknown;
}

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An issuer that signs what it is told to: `saying.claims` stand in its next ID token. */
export async function startForger() {
  const saying: { forged: Forged; person: Person; nonce: string; isDown?: boolean } = {
    forged: {},
    person: { sub: 's', email: 'x@y.example', email_verified: true },
    nonce: '',
  };
  const others = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let own = '';
  const idToken = (): string => {
    const { alg, ...claims } = saying.forged;
    const seconds = Math.floor(Date.now() / 1000);
    const header = base64({ alg: alg === 'none' ? 'none' : 'RS256', kid: 'k1' });
    const times = { iat: seconds, exp: seconds + 300 };
    const body = base64({
      iss: own,
      aud: clientId,
      nonce: saying.nonce,
      ...times,
      ...saying.person,
      ...claims,
    });
    const key = alg === 'other-key' ? others.privateKey : keys.privateKey;
    const signature =
      alg === 'none' ? '' : createSign('RSA-SHA256').update(`${header}.${body}`).sign(key, 'base64url');
    return `${header}.${body}.${signature}`;
  };
  const answers: Readonly<Record<string, () => object>> = {
    '/.well-known/openid-configuration': () => ({
      ...{ issuer: own, authorization_endpoint: `${own}/authorize`, token_endpoint: `${own}/token` },
      ...{ jwks_uri: `${own}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'] },
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/jwks': () => ({ keys: [publicJwk] }),
    '/token': () => ({
      ...{ access_token: randomUUID(), token_type: 'Bearer', expires_in: 60, id_token: idToken() },
    }),
  };
  const { server, url } = await listen((request, response) => {
    const answer = saying.isDown ? undefined : answers[request.url!.split('?')[0]!];
    response.writeHead(answer ? 200 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.() ?? {}));
  });
  own = url;
  return { url, saying, stop: stopOf(server) };
}

/** What GitHub answers: OAuth 2 without an ID token, and an API. */
export async function startGithub(emails: readonly { email: string; primary: boolean; verified: boolean }[]) {
  const seen: string[] = [];
  const { server, url } = await listen((request, response) => {
    const path = request.url!.split('?')[0]!;
    seen.push(`${request.method} ${path} ${request.headers.authorization ?? ''}`.trim());
    const answer: Readonly<Record<string, unknown>> = {
      '/login/oauth/access_token': {
        access_token: 'gho_1',
        token_type: 'bearer',
        scope: 'read:user,user:email',
      },
      '/api/user': { id: 4711, login: 'asha' },
      '/api/user/emails': emails,
    };
    response.writeHead(path in answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer[path] ?? {}));
  });
  return { url, seen, stop: stopOf(server) };
}
