/*
 * How many guesses a password takes from somebody who tries common words first: a small form of zxcvbn (Wheeler, "Low-budget
 * password strength estimation", USENIX Security 2016). The password is cut into words, years, runs and repeats so that the
 * product of what each takes is least.
 */

/** Takes a lower-case word: how many words of a list come before it, or undefined for one that is on none. */
export type RankOf = (word: string) => number | undefined;

/** Below it, a password falls to somebody who guesses against the limits of a sign-in (zxcvbn's score 2). */
export const leastGuesses = 1e6;

const substitutes: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b' },
  ...{ '@': 'a', $: 's', '!': 'i', '|': 'l', '+': 't', '€': 'e' },
};
const plain = (word: string): string => [...word].map((sign) => substitutes[sign] ?? sign).join('');

const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890', 'abcdefghijklmnopqrstuvwxyz'];
const runs = [...rows, ...rows.map((row) => [...row].reverse().join(''))];

const longestWord = 24;

/** What one piece takes by the cheapest way to come upon it. A sign that is part of nothing takes ten. */
function guessesOf(piece: string, rankOf: RankOf): number {
  const lower = piece.toLowerCase();
  const costs = [10 ** Math.min([...piece].length, 300)];
  const cased = lower === piece ? 1 : /^\p{Lu}?[^\p{Lu}]*$/u.test(piece) ? 2 : 4;
  const ranks = [rankOf(lower), rankOf(plain(lower))].flatMap((rank, leet) =>
    rank === undefined ? [] : [(rank + 1) * cased * (leet + 1)],
  );
  costs.push(...ranks);
  if (/^(19|20)\d\d$/.test(piece)) costs.push(100);
  if (piece.length >= 3 && runs.some((run) => run.includes(lower))) costs.push(20 * cased * piece.length);
  if (/^(.{1,4}?)\1+$/su.test(piece)) {
    const [, unit = ''] = /^(.{1,4}?)\1+$/su.exec(piece)!;
    costs.push(10 ** [...unit].length * (piece.length / unit.length));
  }
  return Math.min(...costs);
}

/** The guesses that a password takes; `Infinity` is possible. */
export function guessesFor(password: string, rankOf: RankOf): number {
  const signs = [...password];
  const least = [1];
  for (let end = 1; end <= signs.length; end++) {
    least[end] = Infinity;
    for (let start = Math.max(0, end - longestWord); start < end; start++) {
      const before = least[start]!;
      if (before < least[end]!)
        least[end] = Math.min(least[end]!, before * guessesOf(signs.slice(start, end).join(''), rankOf));
    }
  }
  return least[signs.length]!;
}
