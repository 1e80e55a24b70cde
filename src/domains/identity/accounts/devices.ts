import { createHash } from 'node:crypto';
import type { Clock } from '../../../lib/clock.js';
import type { NewId } from '../../../lib/ids.js';
import { emailKey } from './email.js';
import type { Signer } from './signer.js';

/** How long a device is known after its last sign-in. */
export const knownDeviceDays = 400;

const purpose = 'device';

/** Stands for an email where it must not be read: what a device is bound to, and attempts are counted by. */
export const accountOf = (email: string): string =>
  createHash('sha256').update(emailKey(email)).digest('base64url').slice(0, 22);

/**
 * A device that has signed in keeps a signed token. Wrong passwords from it have a counter of their own, so that a stranger who
 * guesses cannot lock the owner out of it. The token opens nothing: the password is asked for all the same.
 */
export function createDevices({ signer, clock, newId }: { signer: Signer; clock: Clock; newId: NewId }) {
  /** The id of a device that has signed in to this account; null for any other. */
  function known(email: string, token: string | undefined): string | null {
    const [device_id, account, at] = (token && signer.read(purpose, token))?.split('/') ?? [];
    if (!device_id || account !== accountOf(email)) return null;
    const age = clock.now().getTime() - Number(at);
    return age < knownDeviceDays * 86_400_000 ? device_id : null;
  }
  return {
    known,

    /** A fresh token: of the same device, when it was known. */
    issue(email: string, former?: string): string {
      const device_id = known(email, former) ?? newId('DV');
      return signer.sign(purpose, `${device_id}/${accountOf(email)}/${clock.now().getTime()}`);
    },

    /** What wrong passwords are counted by: the device when it is known, else the account, from wherever they come. */
    counterOf(email: string, token: string | undefined): string {
      const device_id = known(email, token);
      return `${accountOf(email)}${device_id === null ? '' : `|${device_id}`}`;
    },
  };
}

export type Devices = ReturnType<typeof createDevices>;
