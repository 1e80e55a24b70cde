import { isIPv6 } from 'node:net';
import {
  RateLimiterMemory,
  RateLimiterMongo,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Connection } from 'mongoose';
import { by } from '../databases/mongo/mongo-index.js';
import { defineCollection } from '../databases/mongo/mongo-model.js';
import type { LimitName } from './route.js';

/**
 * Requests a minute. `login` counts by address and account, the others by user, or by address when nobody is signed in; `read` in
 * each process for itself, for a count in the store would cost as much as what is read.
 */
type LimitFigures = Readonly<Record<LimitName, number>>;

export interface Allowance {
  /** False when the limit was reached before this request. */
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the count starts again. */
  readonly reset: number;
}

export interface Limits {
  /** Counts one request. */
  consume(name: LimitName, key: string): Promise<Allowance>;
}

const windowSeconds = 60;

/** A household has a whole /64 of IPv6, so that is what one client is. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = address.split('::') as [string, string?];
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return (
    [...left, ...Array<string>(zeros).fill('0'), ...right]
      .slice(0, 4)
      .map((group) => Number.parseInt(group, 16).toString(16))
      .join(':') + '::/64'
  );
}

export const rateLimits = defineCollection<{ key: string; points: number; expire: Date }>({
  collection: 'rate_limits',
  fields: { key: 'string', points: 'number', expire: 'date' },
  indexes: [
    {
      key: by('key'),
      unique: true,
      serves: 'AUTH-6: one counter for a key, however many processes count (rate-limiter-flexible)',
    },
    {
      key: by('expire'),
      expireAfterSeconds: 0,
      serves: 'counters end with their minute',
    },
  ],
});

/**
 * Counters in MongoDB, so they hold over several processes and a restart. While it is away each process counts for
 * itself: the door gets narrower, never open.
 */
export function createLimits(connection: Connection, figures: LimitFigures): Limits {
  const limiter = (name: LimitName): RateLimiterAbstract => {
    const options = { points: figures[name], duration: windowSeconds, keyPrefix: name };
    const insuranceLimiter = new RateLimiterMemory(options);
    return new RateLimiterMongo({
      ...options,
      insuranceLimiter,
      storeClient: connection,
      disableIndexesCreation: true,
      tableName: rateLimits.collection,
    });
  };
  const limiters = {
    ...{ login: limiter('login'), auth: limiter('auth'), write: limiter('write') },
    read: new RateLimiterMemory({ points: figures.read, duration: windowSeconds, keyPrefix: 'read' }),
  };
  return {
    async consume(name, key) {
      const allowance = (allowed: boolean, result: RateLimiterRes): Allowance => ({
        allowed,
        limit: figures[name],
        remaining: result.remainingPoints,
        reset: Math.max(1, Math.ceil(result.msBeforeNext / 1000)),
      });
      try {
        return allowance(true, await limiters[name].consume(key));
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return allowance(false, refused);
      }
    },
  };
}
