import type { Clock } from '../../../lib/clock.js';
import { loggable, type Logger } from '../../../lib/logger.js';
import { periodic, type Periodic } from '../../../lib/periodic.js';
import type { MongoTransaction, Transact } from '../../../lib/transaction.js';
import type { AuditChainRepository } from './audit-chain.repository.js';
import { linkAfter, type ChainHead, type ChainKey, type Link } from './audit.chain.js';

export interface SealingDeps {
  readonly chain: AuditChainRepository;
  readonly transact: Transact;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The one that seals now comes first. */
  keys(): Promise<readonly ChainKey[]>;
  /** Writes a head down where no database is, if the configuration names a place. */
  keepInFile?(head: ChainHead, at: Date): Promise<void>;
}

const everyMs = 1_000;
/** What a transaction seals. */
const mostAtOnce = 500;
/** How often a head goes into the file at the most, but for a year's last. */
const fileEveryMs = 60_000;

/** AUTH-8: seals what was entered, in order, one process at a time. */
export function createSealingService(deps: SealingDeps) {
  const { chain, transact, clock, logger } = deps;
  /** Of each year, how far the other store and the file know of it by us. */
  const kept = new Map<number, string>();
  const filed = new Map<number, string>();
  let filedAt = 0;
  let mayBeBehind = true;

  /** The chain that is sealed now, held: that of this year, unless a clock that is ahead has begun a later one. */
  async function hold(now: Date, tx: MongoTransaction): Promise<Pick<ChainHead, 'year' | 'seq' | 'mac'>> {
    const newest = await chain.newestChain(tx);
    const year = Math.max(now.getUTCFullYear(), newest?.year ?? 0);
    await chain.holdChain(year, tx);
    if (newest?.year === year) return newest;
    if (newest) await chain.closeChain(newest.year, now, tx);
    return { year, seq: 0, mac: newest?.mac ?? '' };
  }

  /** How many. */
  async function sealSome(key: ChainKey): Promise<number> {
    const now = clock.now();
    return transact(async (tx) => {
      const entries = await chain.listOpen(mostAtOnce, tx);
      if (entries.length === 0) return 0;
      let last = await hold(now, tx);
      const links: (Link & { _id: string })[] = [];
      for (const entry of entries) {
        const link = linkAfter(key, last, entry);
        links.push({ _id: entry._id, ...link });
        last = link;
      }
      await chain.seal(links, tx);
      await chain.moveChain({ ...last, key_id: key.key_id, closed: false }, tx);
      return entries.length;
    });
  }

  /** The heads go where who owns MongoDB cannot change them. */
  async function keepHeads(isLast: boolean): Promise<void> {
    const now = clock.now();
    for (const head of await chain.listChains()) {
      const state = `${head.seq} ${head.closed}`;
      if (kept.get(head.year) !== state) await chain.keepHead(head, now);
      kept.set(head.year, state);
      const isDue = isLast || head.closed || now.getTime() - filedAt >= fileEveryMs;
      if (!deps.keepInFile || !isDue || filed.get(head.year) === state) continue;
      await deps.keepInFile(head, now);
      filed.set(head.year, state);
      filedAt = now.getTime();
    }
    mayBeBehind = false;
  }

  async function run(isLast = false): Promise<void> {
    if (await chain.hasOpen()) {
      const [key] = await deps.keys();
      mayBeBehind = true;
      while ((await sealSome(key!)) === mostAtOnce);
    }
    if (mayBeBehind || isLast) await keepHeads(isLast);
  }

  function worker(): Periodic {
    const every = periodic('sealing of the trail', everyMs, () => run(), logger);
    let isStarted = false;
    return {
      start() {
        isStarted = true;
        every.start();
      },
      async stop() {
        await every.stop();
        // What is not sealed by then, another process or the next start seals.
        if (isStarted)
          await run(true).catch((error: unknown) =>
            logger.warn({ error: loggable(error) }, 'the trail is not sealed'),
          );
      },
    };
  }

  return {
    /** All that is entered by now. */
    seal: () => run(),
    worker,
  };
}

export type SealingService = ReturnType<typeof createSealingService>;
