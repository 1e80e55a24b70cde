import { hash, type KeyObject } from 'node:crypto';
import jwt from 'koa-jwt';
import type { Middleware } from 'koa';

/** What the middleware must know of the tokens that we sign (`domains/identity/accounts/tokens.ts`). */
interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** The key that the token's header names; undefined when the header is not one of ours. */
  keyOf(header: unknown): KeyObject | undefined;
  /** Whether all claims are there that we always set. */
  isComplete(claims: unknown): boolean;
}

/** Tokens whose signature is remembered; a process that serves more users at a time checks some of them again. */
const maxVerified = 10_000;

/**
 * Remembers for a bearer token that its signature was good, by its digest: of what decides over a token, only the time
 * changes, and that is looked at each time. Whether the session still stands is not asked here.
 */
function rememberVerified(verify: Middleware): Middleware {
  const verified = new Map<string, { readonly exp: number }>();
  return async (ctx, next) => {
    const digest = hash('sha256', ctx.header.authorization ?? '', 'base64');
    const claims = verified.get(digest);
    if (claims && Math.floor(Date.now() / 1000) < claims.exp) {
      ctx.state['claims'] = claims;
    } else {
      verified.delete(digest);
      await verify(ctx, () => Promise.resolve());
      verified.set(digest, ctx.state['claims'] as { exp: number });
      // A map keeps the order of insertion: the first is the oldest.
      if (verified.size > maxVerified) verified.delete(verified.keys().next().value!);
    }
    await next();
  };
}

/**
 * Puts the verified claims of the bearer token, or of the one in the `cookie` where one is named, into
 * `ctx.state.claims`, or throws a 401 that says nothing of why.
 * The key is a KeyObject: jsonwebtoken tries a string as a public key first, which costs 50 times the verification.
 */
export function verifyToken(rules: TokenRules, cookie?: string): Middleware {
  // koa-jwt's types know of no KeyObject; it hands the key to jsonwebtoken as it is.
  const secret = (header: unknown): Promise<string> =>
    Promise.resolve(rules.keyOf(header) as unknown as string);
  const verify = jwt({
    secret,
    key: 'claims',
    issuer: rules.issuer,
    audience: rules.audience,
    algorithms: [...rules.algorithms],
    isRevoked: (_ctx, claims) => Promise.resolve(!rules.isComplete(claims)),
    passthrough: false,
    ...(cookie === undefined ? {} : { cookie }),
  });
  return cookie === undefined ? rememberVerified(verify) : verify;
}
