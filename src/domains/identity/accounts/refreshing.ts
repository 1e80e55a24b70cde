import type { Clock } from '../../../lib/clock.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { AuditService } from '../audit/index.js';
import type { RefreshTokenRepository, SessionRepository, UserRepository } from './accounts.repository.js';
import type { Origin, RefreshToken } from './accounts.types.js';
import { refreshTokenHash, type Holder, type Tokens } from './tokens.js';

interface RefreshingDeps {
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly refreshTokens: RefreshTokenRepository;
  readonly audit: AuditService;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** The end of a session that is used now. */
  endOf(created_at: Date, now: Date): Date;
}

/** What a refresh token was worth: a successor, the end of its session, or nothing. */
type Rotation = { holder: Holder; successor: string } | { ended: string } | null;

/** How long the answer to a refresh can be had again: it may have been lost on the way. */
const againMs = 10_000;

/** As much of it as a session keeps. */
export const agentOf = ({ user_agent }: Origin): string | null => user_agent?.slice(0, 300) ?? null;

/** AUTH-3: refresh tokens, each good for one other: see docs/decisions/0003-a-refresh-token-works-once.md. */
export function createRefreshing(deps: RefreshingDeps) {
  const { users, sessions, refreshTokens, audit, tokens, clock, endOf } = deps;

  async function keepToken(
    refresh_token: string,
    { session_id, user_id }: Pick<Holder, 'session_id' | 'user_id'>,
    now: Date,
    expires_at: Date,
    tx: MongoTransaction,
  ): Promise<void> {
    const token_hash = refreshTokenHash(refresh_token);
    const times = { issued_at: now, expires_at, rotated_at: null };
    await refreshTokens.insert({ token_hash, session_id, user_id, ...times }, tx);
  }

  /** The successor of a token that was rotated a moment ago, while nobody has used it: never one further down. */
  async function unusedSuccessor(
    shown: string,
    { rotated_at, session_id }: RefreshToken,
    tx: MongoTransaction,
  ): Promise<string | null> {
    if (!rotated_at || clock.now().getTime() - rotated_at.getTime() >= againMs) return null;
    for (const successor of tokens.successorsOf(shown)) {
      const next = await refreshTokens.find(refreshTokenHash(successor), tx);
      if (next?.session_id === session_id && next.rotated_at === null) return successor;
    }
    return null;
  }

  /** Decides what a shown refresh token is worth. A reuse is written here and refused after the commit. */
  async function rotate(shown: string, origin: Origin, tx: MongoTransaction): Promise<Rotation> {
    const now = clock.now();
    const token = await refreshTokens.find(refreshTokenHash(shown), tx);
    if (!token) return null;
    const { session_id, user_id } = token;
    const user = await users.find(user_id, tx);
    const session = await sessions.find(session_id, tx);
    if (token.rotated_at) {
      const successor = await unusedSuccessor(shown, token, tx);
      if (successor !== null && session?.user_agent === agentOf(origin))
        return session.ended_at || !user?.active
          ? null
          : { holder: { user_id, session_id, role: user.role }, successor };
      await sessions.end(session_id, 'token_reuse', now, tx);
      await audit.record(
        {
          ...{ action: 'auth.refresh_reuse', outcome: 'failure', subject: session_id },
          ...{ actor_user_id: user_id, role: user?.role ?? null },
          ...{ address: origin.address, request_id: origin.id },
        },
        tx,
      );
      return { ended: session_id };
    }
    if (!session || session.ended_at || token.expires_at <= now || !user?.active) return null;
    const expires_at = endOf(session.created_at, now);
    if (expires_at <= now) return null;
    const [successor] = tokens.successorsOf(shown) as [string];
    await refreshTokens.rotate(token.token_hash, now, tx);
    await keepToken(successor, token, now, expires_at, tx);
    await sessions.prolong(session_id, now, expires_at, tx);
    return { holder: { user_id, session_id, role: user.role }, successor };
  }

  return { keepToken, rotate };
}
