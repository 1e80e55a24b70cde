import type { Clock } from '../../../lib/clock.js';
import type { AuditChainRepository } from './audit-chain.repository.js';
import { createChainWalk, type ChainHead, type ChainKey, type Fault } from './audit.chain.js';

interface VerifyingDeps {
  readonly chain: Pick<AuditChainRepository, 'keptHeads' | 'years' | 'walk' | 'countOpen'>;
  readonly clock: Clock;
  keys(): Promise<readonly ChainKey[]>;
  /** The heads that were written to the file of the configuration. */
  headsInFile(): Promise<readonly ChainHead[]>;
}

export interface Verified {
  /** Of each year: how many entries fit, and up to which number Postgres has a head. */
  readonly years: readonly {
    readonly year: number;
    readonly entries: number;
    readonly head: number | null;
  }[];
  /** Not sealed yet. */
  readonly open: number;
  /** null: all of it holds. */
  readonly fault: Fault | null;
}

/** A head follows what it is of within seconds. */
const patienceMs = 60_000;

/** AUTH-8: holds the trail against its seals, and against the heads that are kept elsewhere. */
export function createVerifyingService({ chain, clock, ...deps }: VerifyingDeps) {
  return {
    /** Up to the first fault, year by year. Heads are read first: entries that come meanwhile are after them. */
    async verify(): Promise<Verified> {
      const keys = await deps.keys();
      const [kept, filed] = [await chain.keptHeads(), await deps.headsInFile()];
      const heads = [...kept, ...filed];
      const all = new Set([...(await chain.years()), ...heads.map(({ year }) => year)]);
      const years: Verified['years'][number][] = [];
      let mac = '';
      let fault: Fault | undefined;
      for (const year of [...all].sort((a, b) => a - b)) {
        const head = kept.find((one) => one.year === year);
        const walk = createChainWalk(
          keys,
          year,
          mac,
          heads.filter((one) => one.year === year),
        );
        let newest: unknown;
        for await (const entry of chain.walk(year)) {
          fault = walk.next(entry);
          if (fault) break;
          newest = entry['at'];
        }
        fault ??= walk.end();
        const { seq, mac: last } = walk.head();
        years.push({ year, entries: seq, head: head?.seq ?? null });
        if (
          !fault &&
          !head &&
          newest instanceof Date &&
          clock.now().getTime() - newest.getTime() > patienceMs
        )
          fault = { kind: 'no_head', year, seq, event_id: null, detail: 'has no head in Postgres' };
        if (fault) break;
        mac = last;
      }
      return { years, open: await chain.countOpen(), fault: fault ?? null };
    },
  };
}

export type VerifyingService = ReturnType<typeof createVerifyingService>;
