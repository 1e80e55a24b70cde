import * as openid from 'openid-client';

/** Who else may say who somebody is. */
export interface ProviderSettings {
  /** In our addresses: `google`, `github`, `openid`. */
  readonly id: string;
  /** On the button. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is kept in the browser between the two halves of a sign-in, sealed. */
export interface Flow {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Somebody as their provider knows them. `email` only where the provider has verified it. */
export interface Known {
  readonly subject: string;
  readonly email: string | null;
}

export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  /** Where the browser is sent to. */
  begin(redirect_uri: string): Promise<{ url: string; flow: Flow }>;
  /** `url`: where it came back to. Throws what openid-client throws for an answer that is not the one we asked for. */
  finish(url: URL, flow: Flow): Promise<Known>;
}

const seconds = 10;
const githubIssuer = 'https://github.com';

/** Made when it is first asked for, and again when that failed: a provider that is away keeps nobody from starting. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function beginWith(
  config: openid.Configuration,
  id: string,
  redirect_uri: string,
  scope: string,
  withNonce: boolean,
): Promise<{ url: string; flow: Flow }> {
  const flow = {
    provider: id,
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    verifier: openid.randomPKCECodeVerifier(),
  };
  const url = openid.buildAuthorizationUrl(config, {
    ...{ redirect_uri, scope, state: flow.state, code_challenge_method: 'S256' },
    code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
    ...(withNonce ? { nonce: flow.nonce } : {}),
  });
  return { url: url.href, flow };
}

/** Any issuer of OpenID Connect, found by its discovery document; the signature of its ID token is verified too. */
function openIdProvider({ id, name, issuer, clientId, clientSecret }: ProviderSettings): Provider {
  const insecure = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [];
  const config = remembered(() =>
    openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: seconds,
      execute: [openid.enableNonRepudiationChecks, ...insecure],
    }),
  );
  return {
    ...{ id, name, issuer },
    begin: async (redirect_uri) => beginWith(await config(), id, redirect_uri, 'openid email', true),
    async finish(url, { state, nonce, verifier }) {
      const tokens = await openid.authorizationCodeGrant(await config(), url, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier },
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const said =
        claims['email'] === undefined && (await config()).serverMetadata().userinfo_endpoint !== undefined
          ? await openid.fetchUserInfo(await config(), tokens.access_token, claims.sub)
          : claims;
      const { email, email_verified } = said;
      const isVerified = email_verified === true && typeof email === 'string';
      return { subject: claims.sub, email: isVerified ? email : null };
    },
  };
}

interface GithubEmail {
  readonly email: string;
  readonly primary: boolean;
  readonly verified: boolean;
}

/** OAuth 2 without OpenID Connect: who it is, and which addresses are verified, is asked for with the token. */
function githubProvider({ id, name, issuer, clientId, clientSecret }: ProviderSettings): Provider {
  const api = issuer === githubIssuer ? 'https://api.github.com' : `${issuer}/api`;
  const config = new openid.Configuration(
    {
      issuer,
      authorization_endpoint: `${issuer}/login/oauth/authorize`,
      token_endpoint: `${issuer}/login/oauth/access_token`,
    },
    clientId,
    clientSecret,
  );
  config.timeout = seconds;
  if (issuer.startsWith('http:')) openid.allowInsecureRequests(config);
  const ask = async (token: string, path: string): Promise<unknown> => {
    const headers = new Headers({ accept: 'application/vnd.github+json', 'user-agent': 'smart-healthcare' });
    const answer = await openid.fetchProtectedResource(
      config,
      token,
      new URL(api + path),
      'GET',
      null,
      headers,
    );
    if (!answer.ok) throw new Error(`GitHub answered ${answer.status}`);
    return answer.json();
  };
  return {
    ...{ id, name, issuer },
    begin: (redirect_uri) => beginWith(config, id, redirect_uri, 'read:user user:email', false),
    async finish(url, { state, verifier }) {
      const grant = { expectedState: state, pkceCodeVerifier: verifier };
      const { access_token } = await openid.authorizationCodeGrant(config, url, grant);
      const user = (await ask(access_token, '/user')) as { id: number };
      const emails = (await ask(access_token, '/user/emails')) as GithubEmail[];
      const email = emails.find(({ primary, verified }) => primary && verified)?.email ?? null;
      return { subject: String(user.id), email };
    },
  };
}

export const createProvider = (settings: ProviderSettings): Provider =>
  settings.id === 'github' ? githubProvider(settings) : openIdProvider(settings);
