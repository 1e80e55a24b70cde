import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../../../lib/actor.js';

/** How long a process remembers who is behind a session. */
const freshMs = 1000;
/** Until every process has forgotten: a timer may end a millisecond before its time. */
const forgottenMs = freshMs + 10;
const maxSessions = 10_000;

/**
 * Remembers for a second who is behind a session, so that most requests cost no query. What is remembered is the
 * question, not the answer: requests that come together ask once, and `forget` reaches a question still under way. Where other
 * processes live, it ends when they have forgotten too: what ends a session or an account is answered when it is so everywhere.
 * `now` is monotonic milliseconds: a clock that a test stops must not keep anybody signed in.
 */
export function createActors(
  load: (session_id: string) => Promise<Actor | null>,
  areOthers: () => Promise<boolean>,
  now = () => performance.now(),
) {
  const known = new Map<string, { readonly actor: Promise<Actor | null>; readonly until: number }>();
  const elsewhere = async (): Promise<void> => {
    if (await areOthers()) await sleep(forgottenMs);
  };
  return {
    async of(session_id: string): Promise<Actor | null> {
      const found = known.get(session_id);
      if (found && now() < found.until) return found.actor;
      const actor = load(session_id);
      known.delete(session_id);
      known.set(session_id, { actor, until: now() + freshMs });
      // A map keeps the order of insertion: the first is the oldest.
      if (known.size > maxSessions) known.delete(known.keys().next().value!);
      actor.catch(() => known.delete(session_id));
      return actor;
    },
    forget(session_id: string): Promise<void> {
      known.delete(session_id);
      return elsewhere();
    },
    /** For what concerns a user, whose sessions are not known here, and is rare: everybody is asked for once more. */
    forgetAll(): Promise<void> {
      known.clear();
      return elsewhere();
    },
  };
}
