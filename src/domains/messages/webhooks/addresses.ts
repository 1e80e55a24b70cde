import { lookup as lookUp, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPublicAddress } from '../../../lib/public-address.js';

/** The host has no address, or one that is not public. Which, nobody is told: it would describe our own network. */
export class NoPublicAddress extends Error {
  override readonly name = 'NoPublicAddress';
}

/** The addresses of a host that may be connected to: at least one. Throws NoPublicAddress. */
export type AddressesOf = (hostname: string) => Promise<readonly string[]>;

/**
 * By the DNS alone: no name of `/etc/hosts` is one of the internet, and `getaddrinfo` would keep a thread of the few that hash passwords
 * waiting for as long as a name server likes.
 */
function dnsAddresses(): (hostname: string) => Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}

/** `resolve` answers with no address for a name that is not found. */
export const publicAddresses =
  (resolve = dnsAddresses()): AddressesOf =>
  async (hostname) => {
    const addresses = isIP(hostname) ? [hostname] : await resolve(hostname);
    // One that is not public among others is somebody's attempt, or a mistake: neither is to be picked from.
    if (addresses.length === 0 || !addresses.every(isPublicAddress)) throw new NoPublicAddress();
    return addresses;
  };

/** For development: this machine's own names and addresses too. */
export const anyAddresses: AddressesOf = async (hostname) => {
  const found = await lookUp(hostname, { all: true }).catch(() => []);
  if (found.length === 0) throw new NoPublicAddress();
  return found.map(({ address }) => address);
};
