import type { TextSeal } from '../../../databases/sealed-text.js';
import type { Clock } from '../../../lib/clock.js';
import type { MongoTransaction } from '../../../lib/transaction.js';
import type { Origin, User } from './accounts.types.js';
import type { Devices } from './devices.js';
import type { Guesses } from './guesses.js';
import { addressKey } from '../../../http/limits.js';
import { recoveryHash } from './recovery-codes.js';
import type { SecondFactorRepository } from './second-factor.repository.js';
import { totpStep } from './totp.js';

export interface FactorCodesDeps {
  readonly factors: SecondFactorRepository;
  readonly seal: TextSeal;
  readonly devices: Devices;
  /** Few by an address, or a device that is known. */
  readonly tries: Guesses;
  /** More by an account, over all addresses that nobody knows. */
  readonly allTries: Guesses;
  readonly clock: Clock;
}

/** How a code was good. */
export type CodeKind = 'totp' | 'recovery';

/** AUTH-11: what decides whether a code is good, and how many may be tried. */
export function createFactorCodes({ factors, seal, devices, tries, allTries, clock }: FactorCodesDeps) {
  /** A stranger who tries codes pauses alone: neither the owner's device nor another address waits. */
  function countersOf({ user_id, email }: User, origin: Origin, device_token?: string) {
    const device = devices.known(email, device_token);
    const address = origin.address === null ? '' : addressKey(origin.address);
    return { own: `code|${user_id}|${device ?? address}`, all: device === null ? `codes|${user_id}` : null };
  }

  /** The step of a code by the secret of a factor; null when it is of none that counts. */
  function stepOf(sealed_secret: string, code: string): number | null {
    const opened = seal.unseal(sealed_secret);
    if (!opened) throw new Error('a second factor is sealed by no key that we have');
    return totpStep(opened.text, code, clock.now());
  }

  return {
    stepOf,

    /** Counts a try, before it is looked at. Throws `too_many_requests`. */
    async claim(user: User, origin: Origin, device_token?: string): Promise<void> {
      const { own, all } = countersOf(user, origin, device_token);
      await tries.claim(own);
      if (all !== null) await allTries.claim(all);
    },

    async forget(user: User, origin: Origin, device_token?: string): Promise<void> {
      const { own, all } = countersOf(user, origin, device_token);
      await tries.forget(own);
      if (all !== null) await allTries.forget(all);
    },

    /** Takes a code, which is good for nothing afterwards. null when it is wrong, or was taken before. */
    async take(user_id: string, code: string, tx: MongoTransaction): Promise<CodeKind | null> {
      const factor = await factors.find(user_id, tx);
      if (!factor?.confirmed_at) return null;
      const step = stepOf(factor.sealed_secret, code);
      if (step !== null) {
        if (step <= (factor.last_step ?? 0)) return null;
        const opened = seal.unseal(factor.sealed_secret)!;
        // What a key has sealed that is on its way out is sealed anew.
        const sealed_secret = opened.isCurrent ? factor.sealed_secret : seal.seal(opened.text);
        await factors.set(user_id, { last_step: step, sealed_secret }, tx);
        return 'totp';
      }
      const hash = recoveryHash(code);
      if (!factor.recovery_hashes.includes(hash)) return null;
      const recovery_hashes = factor.recovery_hashes.filter((one) => one !== hash);
      await factors.set(user_id, { recovery_hashes }, tx);
      return 'recovery';
    },
  };
}

export type FactorCodes = ReturnType<typeof createFactorCodes>;
