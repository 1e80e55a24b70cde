import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../../../lib/actor.js';
import { createKnown, freshMs } from '../../../lib/known.js';

/** Until every process has forgotten: a timer may end a millisecond before its time. */
const forgottenMs = freshMs + 10;

/**
 * Who is behind a session, as far as this process knows (`createKnown`). Where other processes live, forgetting ends when they
 * have forgotten too: what ends a session or an account is answered when it is so everywhere.
 */
export function createActors(
  load: (session_id: string) => Promise<Actor | null>,
  areOthers: () => Promise<boolean>,
  now = () => performance.now(),
) {
  const known = createKnown(load, now);
  const elsewhere = async (): Promise<void> => {
    if (await areOthers()) await sleep(forgottenMs);
  };
  return {
    of: known.of,
    forget(session_id: string): Promise<void> {
      known.forget(session_id);
      return elsewhere();
    },
    /** For what concerns a user, whose sessions are not known here, and is rare: everybody is asked for once more. */
    forgetAll(): Promise<void> {
      known.forgetAll();
      return elsewhere();
    },
  };
}
