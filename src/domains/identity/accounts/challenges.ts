import { createHash } from 'node:crypto';
import type { Clock } from '../../../lib/clock.js';
import type { User } from './accounts.types.js';
import type { Signer } from './signer.js';

const purpose = 'challenge';
const lifeSeconds = 300;

export interface Challenge {
  readonly challenge_token: string;
  readonly expires_in: number;
}

/** A password that is changed meanwhile makes what it has opened worthless. */
const markOf = ({ password_hash }: Pick<User, 'password_hash'>): string =>
  createHash('sha256')
    .update(password_hash ?? '')
    .digest('base64url')
    .slice(0, 22);

/** What is given to who has shown the first factor, until they show the second: good for that, and no session. */
export function createChallenges({ signer, clock }: { signer: Signer; clock: Clock }) {
  const partsOf = (token: string): string[] => signer.read(purpose, token)?.split('/') ?? [];
  return {
    issue(user: User): Challenge {
      const until = clock.now().getTime() + lifeSeconds * 1000;
      const challenge_token = signer.sign(purpose, `${user.user_id}/${until}/${markOf(user)}`);
      return { challenge_token, expires_in: lifeSeconds };
    },

    /** Whose it is, whether it is still good or not; null when it is not one of ours. */
    userOf: (token: string): string | null => partsOf(token)[0] ?? null,

    isGood(token: string, user: User): boolean {
      const [user_id, until, mark] = partsOf(token);
      return user_id === user.user_id && Number(until) > clock.now().getTime() && mark === markOf(user);
    },
  };
}

export type Challenges = ReturnType<typeof createChallenges>;
