import type { Actor, Role } from '../../../lib/actor.js';
import type { Clock } from '../../../lib/clock.js';
import { publicDoor } from '../../../lib/door.js';
import { notFound, Problem } from '../../../lib/errors.js';
import type { NewId } from '../../../lib/ids.js';
import type { Page, PageRequest } from '../../../lib/page.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditAction, AuditService } from '../audit/index.js';
import type { RefreshTokenRepository, SessionRepository, UserRepository } from './accounts.repository.js';
import type { Origin, Session } from './accounts.types.js';
import { canManageUsers } from './accounts.policy.js';
import { createActors } from './actors.js';
import { agentOf, createRefreshing } from './refreshing.js';
import { newRefreshToken, refreshTokenHash, type Holder, type Tokens } from './tokens.js';

export interface SessionsDeps {
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly refreshTokens: RefreshTokenRepository;
  readonly audit: AuditService;
  readonly tokens: Tokens;
  /** A session that is not used for as long is over. */
  readonly refreshSeconds: number;
  /** How old a session may become, however it is used. */
  readonly sessionSeconds: number;
  /** Open ones of an account; the oldest ends when there is one more. */
  readonly maxSessions: number;
  /** Those that do nothing without a second factor. */
  readonly factorRoles: readonly Role[];
  readonly transact: Transact;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Whether other processes live beside this one. */
  areOthers(): Promise<boolean>;
}

export interface TokenPair {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  refresh_token: string;
}

/** A session about to be opened. Made before the transaction, which may run twice and whose result is stored. */
export interface Grant {
  readonly session_id: string;
  readonly refresh_token: string;
}

interface SessionView extends Pick<
  Session,
  'created_at' | 'last_used_at' | 'expires_at' | 'user_agent' | 'address'
> {
  readonly id: string;
  readonly current: boolean;
}

export function createSessionsService(deps: SessionsDeps) {
  const { users, sessions, refreshTokens, audit, tokens, transact, clock } = deps;

  const demandsFactor = (role: Role): boolean => deps.factorRoles.includes(role);

  const actors = createActors(async (session_id) => {
    const session = await sessions.find(session_id);
    if (!session || session.ended_at || session.expires_at <= clock.now()) return null;
    const user = await users.find(session.user_id);
    if (!user?.active) return null;
    const { user_id, role, patient_id, doctor_id, hospital_id, second_factor_at } = user;
    const hasFactor = second_factor_at !== null;
    return {
      ...{ user_id, role, session_id, patient_id, doctor_id, hospital_id },
      ...(user.email_confirmed ? {} : { unconfirmed: true as const }),
      ...(hasFactor ? { code_given_at: session.code_given_at?.getTime() ?? 0 } : {}),
      ...(hasFactor || !demandsFactor(role) ? {} : { factor_due: true as const }),
    };
  }, deps.areOthers);

  const after = (at: Date, seconds: number): number => at.getTime() + seconds * 1000;
  /** The end of a session that is used now. */
  const endOf = (created_at: Date, now: Date): Date =>
    new Date(Math.min(after(now, deps.refreshSeconds), after(created_at, deps.sessionSeconds)));

  const pair = (holder: Holder, refresh_token: string): TokenPair => ({
    access_token: tokens.issue(holder),
    token_type: 'Bearer',
    expires_in: tokens.expires_in,
    refresh_token,
  });

  const { keepToken, rotate } = createRefreshing({ ...deps, endOf });

  /** Ends a session of `user_id`, the actor's own unless it is given; false when it is not theirs, or has ended. */
  async function end(
    session_id: string,
    end_reason: Session['end_reason'],
    action: AuditAction,
    actor: Actor,
    origin: Origin,
    user_id = actor.user_id,
  ): Promise<boolean> {
    const done = await transact(async (tx) => {
      const session = await sessions.find(session_id, tx);
      if (session?.user_id !== user_id) return false;
      if (!(await sessions.end(session_id, end_reason, clock.now(), tx))) return false;
      await audit.record(
        {
          action,
          outcome: 'success',
          actor_user_id: actor.user_id,
          role: actor.role,
          subject: session_id,
          address: origin.address,
          request_id: origin.id,
        },
        tx,
      );
      return true;
    });
    await actors.forget(session_id);
    return done;
  }

  async function listOf(actor: Actor, user_id: string, page: PageRequest): Promise<Page<SessionView>> {
    const { items, next_cursor } = await sessions.listOpen(user_id, clock.now(), page);
    const view = ({ session_id, ...session }: Session): SessionView => ({
      id: session_id,
      current: session_id === actor.session_id,
      ...session,
    });
    return { items: items.map(view), next_cursor };
  }

  async function checkMayManage(actor: Actor, user_id: string): Promise<void> {
    if (!canManageUsers(actor)) throw new Problem('forbidden');
    if (!(await users.find(user_id))) throw notFound('user');
  }

  const forActors = publicDoor({
    /**
     * AUTH-3: a new pair for a refresh token, once; within ten seconds the same again, for who has not heard the answer. Throws `refresh_token_refused`, the same for whatever reason.
     */
    async refresh(_actor: Actor | null, shown: string, origin: Origin): Promise<TokenPair> {
      const rotation = await transact((tx) => rotate(shown, origin, tx));
      if (rotation && 'holder' in rotation) return pair(rotation.holder, rotation.successor);
      if (rotation) await actors.forget(rotation.ended);
      throw new Problem('refresh_token_refused');
    },

    /** Logging out twice at once is logging out. */
    async logout(actor: Actor, origin: Origin): Promise<void> {
      await end(actor.session_id, 'logout', 'auth.logout', actor, origin);
    },

    async endOwn(actor: Actor, session_id: string, origin: Origin): Promise<void> {
      const ended = await end(session_id, 'ended_by_user', 'auth.session_ended', actor, origin);
      if (!ended) throw notFound('session');
    },

    /** A browser that signs in anew leaves no session of before open. */
    async replace(actor: Actor, origin: Origin): Promise<void> {
      await end(actor.session_id, 'replaced', 'auth.session_ended', actor, origin);
    },

    /** The actor's open sessions, newest first. */
    listOwn: (actor: Actor, page: PageRequest): Promise<Page<SessionView>> =>
      listOf(actor, actor.user_id, page),

    /** Those of anybody, for an admin. Throws `forbidden`, `not_found`. */
    async listOfUser(actor: Actor, user_id: string, page: PageRequest): Promise<Page<SessionView>> {
      await checkMayManage(actor, user_id);
      return listOf(actor, user_id, page);
    },

    async endOfUser(actor: Actor, user_id: string, session_id: string, origin: Origin): Promise<void> {
      await checkMayManage(actor, user_id);
      const args = [session_id, 'ended_by_admin', 'auth.session_ended', actor, origin, user_id] as const;
      if (!(await end(...args))) throw notFound('session');
    },

    /** AUTH-14: signs somebody out everywhere. How many sessions ended. */
    async endAllOfUser(actor: Actor, user_id: string, origin: Origin): Promise<{ ended: number }> {
      await checkMayManage(actor, user_id);
      const ended = await transact(async (tx) => {
        // Signing in locks the user too: no session opens meanwhile and stays.
        await users.lockForReference(user_id, tx);
        const ids = await sessions.endAll(user_id, 'ended_by_admin', clock.now(), tx);
        for (const session_id of ids)
          await audit.record(
            {
              ...{ action: 'auth.session_ended', outcome: 'success', subject: session_id },
              ...{ actor_user_id: actor.user_id, role: actor.role },
              ...{ address: origin.address, request_id: origin.id },
            },
            tx,
          );
        return ids.length;
      });
      await actors.forgetAll();
      return { ended };
    },

    /**
     * C9: what a request with this refresh token counts by: its session, or null for one that is of no use. A look-up, no write:
     * what somebody makes up costs nobody else anything.
     */
    async sessionOf(_actor: Actor | null, refresh_token: string): Promise<string | null> {
      const token = await refreshTokens.find(refreshTokenHash(refresh_token));
      return token && token.expires_at > clock.now() ? token.session_id : null;
    },
  });

  return {
    forActors,

    pair,
    newGrant: (): Grant => ({ session_id: deps.newId('S'), refresh_token: newRefreshToken() }),

    demandsFactor,

    /** `code_given_at`: now, where a code of the second factor was shown for it. */
    async open(
      user_id: string,
      grant: Grant,
      origin: Origin,
      tx: MongoTransaction,
      code_given_at: Date | null = null,
    ): Promise<void> {
      const { session_id, refresh_token } = grant;
      const now = clock.now();
      const { address } = origin;
      const user_agent = agentOf(origin);
      const expires_at = endOf(now, now);
      const times = { created_at: now, last_used_at: now, expires_at, ended_at: null };
      // Two sign-ins of one account come one after the other, so that the count is right.
      await users.lockForReference(user_id, tx);
      for (const oldest of await sessions.listBeyond(user_id, deps.maxSessions - 1, now, tx))
        await sessions.end(oldest.session_id, 'too_many', now, tx);
      const about = { user_agent, address, code_given_at };
      await sessions.insert({ session_id, user_id, ...times, end_reason: null, ...about }, tx);
      await keepToken(refresh_token, { session_id, user_id }, now, expires_at, tx);
    },

    /** Ends all of a user but `except`, in the transaction that changes the account. After the commit: `forgetAll`. */
    async endAll(
      user_id: string,
      end_reason: Session['end_reason'],
      tx: MongoTransaction,
      except?: string,
    ): Promise<void> {
      // Signing in locks the user too: no session opens meanwhile and stays.
      await users.lockForReference(user_id, tx);
      await sessions.endAll(user_id, end_reason, clock.now(), tx, except);
    },

    /** Ends all of a user whose account is erased, and forgets where they were. */
    async erase(user_id: string, tx: MongoTransaction): Promise<void> {
      await sessions.endAll(user_id, 'account_erased', clock.now(), tx);
      await sessions.forgetOrigins(user_id, tx);
    },

    isNewOrigin: (user_id: string, origin: Origin, tx: MongoTransaction): Promise<boolean> =>
      sessions.isNewOrigin(user_id, { user_agent: agentOf(origin), address: origin.address }, tx),

    codeGiven: (session_id: string, tx: MongoTransaction): Promise<void> =>
      sessions.codeGiven(session_id, clock.now(), tx),

    /** After a commit that changed what one session may do. */
    forget: actors.forget,

    /** After a commit that closed an account: its tokens end with this, in all processes. */
    forgetAll: actors.forgetAll,

    /** Who is behind verified claims: null when the session has ended or the account is closed. The role is the user's, now. */
    async actorOf(claims: unknown): Promise<Actor | null> {
      if (!tokens.isComplete(claims)) return null;
      const actor = await actors.of(claims.sid);
      return actor?.user_id === claims.sub ? actor : null;
    },
  };
}

export type SessionsService = ReturnType<typeof createSessionsService>;
