import { createHmac, hkdfSync } from 'node:crypto';

/* The chain: each entry is sealed by an HMAC over all that it says, its number, and the seal of the one before. */

/** Seals, and checks what it has sealed. */
export interface ChainKey {
  /** Which key it is: stands in what it has sealed, and tells nothing of the key. */
  readonly key_id: string;
  mac(text: string): string;
}

export function chainKeyOf(secret: string): ChainKey {
  const made = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', purpose, bytes));
  const key = made('audit chain', 32);
  return {
    key_id: made('audit chain key id', 6).toString('hex'),
    mac: (text) => createHmac('sha256', key).update(text).digest('base64url'),
  };
}

/** Where a chain has come to. `seq` counts from 1 within its year. */
export interface ChainHead {
  readonly year: number;
  readonly seq: number;
  readonly mac: string;
  readonly key_id: string;
  /** The next year has begun: nothing is added any more. */
  readonly closed: boolean;
}

/** An entry as the store has it, whatever somebody has made of it. */
export type Stored = Readonly<Record<string, unknown>> & { readonly _id: string };

/** Its place in the chain. */
export interface Link {
  readonly year: number;
  readonly seq: number;
  /** The seal of the one before: of a year's first, the last one of the year before, or ''. */
  readonly previous: string;
  readonly key_id: string;
  readonly mac: string;
}

/** The same text for the same entry, in whichever order its fields came, and another for any other. */
function textOf(value: unknown): string {
  if (value instanceof Date) return `@${value.getTime()}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${textOf(field)}`).join()}}`;
}

const sealOf = (key: ChainKey, { mac: _mac, ...sealed }: Record<string, unknown>): string =>
  key.mac(textOf(sealed));

/** The entry's place after `before`. */
export function linkAfter(
  key: ChainKey,
  before: Pick<ChainHead, 'year' | 'seq' | 'mac'>,
  entry: Stored,
): Link {
  const place = { year: before.year, seq: before.seq + 1, previous: before.mac, key_id: key.key_id };
  return { ...place, mac: sealOf(key, { ...entry, ...place }) };
}

/** What is wrong with a chain, at the first place where something is. */
export interface Fault {
  readonly kind: 'missing' | 'changed' | 'misplaced' | 'cut' | 'unknown_key' | 'no_head';
  readonly year: number;
  /** The number at which the chain breaks. */
  readonly seq: number;
  /** The entry that stands there, if one does. */
  readonly event_id: string | null;
  readonly detail: string;
}

/** What the chain is held against: heads of one year that are kept elsewhere. */
type KeptHeads = readonly Pick<ChainHead, 'seq' | 'mac'>[];

/** Follows the chain of one year, entry after entry. Each step is the first fault, or undefined. */
export function createChainWalk(keys: readonly ChainKey[], year: number, start: string, heads: KeptHeads) {
  const byId = new Map(keys.map((key) => [key.key_id, key]));
  const kept = new Map(heads.map(({ seq, mac }) => [seq, mac]));
  let seq = 0;
  let mac = start;

  const fault = (kind: Fault['kind'], at: number, entry: Stored | null, detail: string): Fault => ({
    ...{ kind, year, seq: at, event_id: entry?._id ?? null, detail },
  });

  return {
    next(entry: Stored & Partial<Link>): Fault | undefined {
      const due = seq + 1;
      const place = Number(entry.seq);
      if (place > due) return fault('missing', due, null, `is not there; next is ${place}, ${entry._id}`);
      if (place !== due) return fault('misplaced', due, entry, `says that it is number ${place}`);
      const key = byId.get(String(entry.key_id));
      if (!key)
        return fault(
          'unknown_key',
          due,
          entry,
          `is sealed by key ${String(entry.key_id)}, which is not given`,
        );
      if (sealOf(key, entry) !== entry.mac) return fault('changed', due, entry, 'does not fit its seal');
      if (entry.previous !== mac) return fault('misplaced', due, entry, 'does not follow the one before');
      seq = due;
      mac = String(entry.mac);
      const head = kept.get(seq);
      return head === undefined || head === mac
        ? undefined
        : fault('changed', due, entry, 'has another seal than the head that was kept of it');
    },
    /** After the last entry. */
    end(): Fault | undefined {
      const last = Math.max(0, ...kept.keys());
      return last > seq
        ? fault('cut', seq + 1, null, `and all after it are not there; there were ${last}`)
        : undefined;
    },
    head: () => ({ seq, mac }),
  };
}
