import { createHash } from 'node:crypto';

/** Numbers that look like chance and follow from a text: each patient has a stream of their own. */
export interface Random {
  /** 0 to below 1. */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** `count` of the list, each more likely by its weight, in the list's order (Efraimidis and Spirakis, 2006). */
  sample<T>(list: readonly T[], count: number, weightOf: (item: T) => number): T[];
}

/** sfc32 (Chris Doty-Humphrey's Small Fast Counter, 128 bits of state), started from a hash of the text. */
function createGenerator(text: string): () => number {
  const hash = createHash('sha256').update(text).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => hash.readInt32LE(at)) as [number, number, number, number];
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 2 ** 32;
  };
}

export function createRandom(text: string): Random {
  const next = createGenerator(text);
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (list) => list[between(0, list.length - 1)]!,
    sample(list, count, weightOf) {
      const keyed = list.map((item, index) => ({ item, index, key: Math.log(next()) / weightOf(item) }));
      const chosen = keyed.toSorted((x, y) => y.key - x.key).slice(0, count);
      return chosen.toSorted((x, y) => x.index - y.index).map(({ item }) => item);
    },
  };
}
