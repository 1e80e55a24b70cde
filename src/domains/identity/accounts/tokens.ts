import {
  createHash,
  createHmac,
  createSecretKey,
  randomBytes,
  randomUUID,
  type KeyObject,
} from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Role } from '../../../lib/actor.js';

/*
 * Access tokens are JWTs by RFC 8725 and RFC 9068 (`typ: at+jwt`): one algorithm, a key named by `kid`, every claim
 * required. Refresh tokens are 256 bits that say nothing: random at a sign-in, afterwards made of the one before by a key that is in
 * no store, so that the answer to a refresh can be given again. Only their SHA-256 is stored.
 * Token times are those of the real clock, not of `lib/clock`: koa-jwt has no other.
 */
interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly accessSeconds: number;
  /**
   * `current` signs; `previous` still verify. A key is rotated by moving it from the one to the other, and dropped
   * when the last access token that it signed has expired: nobody is logged out.
   */
  readonly secrets: { readonly current: string; readonly previous: readonly string[] };
}

interface AccessClaims {
  readonly sub: string;
  readonly sid: string;
  readonly role: Role;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

export interface Holder {
  readonly user_id: string;
  readonly session_id: string;
  readonly role: Role;
}

const algorithm = 'HS256';
const type = 'at+jwt';

/** The name of a key: says which it is, and nothing of what it is. */
export const keyId = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex').slice(0, 16);

export const newRefreshToken = (): string => randomBytes(32).toString('base64url');

/** What is stored of a refresh token. It is random enough that no salt and no slow hash is needed. */
export const refreshTokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

export function createTokens({ issuer, audience, accessSeconds, secrets }: TokenSettings) {
  const keys = new Map<unknown, KeyObject>(
    [secrets.current, ...secrets.previous].map((secret) => [
      keyId(secret),
      createSecretKey(Buffer.from(secret)),
    ]),
  );
  const keyid = keyId(secrets.current);
  const signingKey = keys.get(keyid)!;

  return {
    issuer,
    audience,
    algorithms: [algorithm],
    expires_in: accessSeconds,

    /** An access token for the holder of a session, good for `expires_in` seconds. */
    issue({ user_id, session_id, role }: Holder): string {
      return jwt.sign({ sid: session_id, role }, signingKey, {
        algorithm,
        keyid,
        header: { alg: algorithm, typ: type },
        issuer,
        audience,
        subject: user_id,
        jwtid: randomUUID(),
        expiresIn: accessSeconds,
      });
    },

    /** What follows a refresh token: by the key of now, then by those before, which may have made it. */
    successorsOf: (refresh_token: string): string[] =>
      [secrets.current, ...secrets.previous].map((secret) =>
        createHmac('sha256', secret)
          .update(JSON.stringify(['successor', refresh_token]))
          .digest('base64url'),
      ),

    /** Looked up in our own set only; a header with `crit` asks for something that we do not do (RFC 7515, 4.1.11). */
    keyOf(header: unknown): KeyObject | undefined {
      const { kid, typ, alg, crit } = header as Record<string, unknown>;
      return typ === type && alg === algorithm && crit === undefined ? keys.get(kid) : undefined;
    },

    isComplete(claims: unknown): claims is AccessClaims {
      if (typeof claims !== 'object' || claims === null) return false;
      const { sub, sid, role, jti, iat, exp } = claims as Record<string, unknown>;
      const texts = [sub, sid, role, jti].every((claim) => typeof claim === 'string' && claim !== '');
      return texts && Number.isFinite(iat) && Number.isFinite(exp);
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;
