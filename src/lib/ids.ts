import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

function base32(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest >>= 5n) text = crockford[Number(rest & 31n)] + text;
  return text;
}

/** Gives ids such as `P01K9…`: a prefix that names the kind, 10 characters of time, 16 of chance (a ULID's layout). */
export interface NewId {
  (prefix: string): string;
}

/** Ids sort by the millisecond they were made in, so an index on them grows at its end. */
export function createNewId(clock: Clock): NewId {
  return (prefix) => {
    const random = BigInt(`0x${randomBytes(10).toString('hex')}`);
    return `${prefix}${base32(BigInt(clock.now().getTime()), 10)}${base32(random, 16)}`;
  };
}
