import { plainLetters, spelledOut } from './names.letters.js';

/*
 * How a name is found and sorted (PAT-10). `nameWords` is what a search asks for, `nameKeys` what is kept beside a name and
 * indexed, both cut by `fold`: a search asks for words that a key begins with.
 */

/** Longer than any word of a name: what is beyond it is neither kept nor asked for. */
const maxWord = 40;
/** How many words a search asks for, and how many keys a name has. */
const maxWords = 12;
const maxKeys = 150;
/** Of a run without spaces, each of so many first characters begins a key. */
const maxStarts = 32;

/**
 * Accents: marks of alphabets that are read without them. A vowel sign of an Indic script is none; a nukta is. The voiced
 * marks of kana make another letter.
 */
const accents =
  /(?![\u3099\u309A])(?=\p{M})[\p{sc=Zinh}\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}\p{sc=Syrc}]|[\u093C\u09BC\u0A3C\u0ABC\u0B3C\u0C3C\u0CBC\u{110BA}\u{111CA}\u{1133C}]/gu;

/** Invisible in a name; a zero-width non-joiner parts as an apostrophe does. */
const ignorable = /(?!\u200C)\p{DI}/gu;

/** Letters to Unicode that a name has in the place of an apostrophe. */
const apostrophes = /[\u02B9-\u02BF\u02C8\u02EE\uA78B\uA78C]/gu;

/** In scripts that put no space between words. Korean puts none between a family's and a given name. */
const unspaced =
  /[\u3099\u309A\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Bopo}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\u3005\u3006\u30FC]+/gu;

const wordParts = /[\p{L}\p{M}\p{N}]+/gu;

const isPlain = (text: string): boolean => /^[\x20-\x7E]*$/.test(text);

const plain = (letters: ReadonlyMap<string, string>, text: string): string =>
  Array.from(text, (letter) => letters.get(letter) ?? letter).join('');

const hiragana = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) - 0x60);

const cut = (text: string, length: number): string =>
  text.length <= length ? text : [...text].slice(0, length).join('');

/**
 * The text without case, accents, widths and what cannot be seen, in letters that are plain. Upper case comes before lower
 * case: it is where ß is SS, and all sigmas and dotless i are one letter.
 */
export function fold(text: string): string {
  if (isPlain(text)) return text.toLowerCase();
  const cased = text.replaceAll(/[´`]/g, "'").normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
  return plain(plainLetters, cased.replaceAll(ignorable, '').replaceAll(accents, ''))
    .replaceAll(apostrophes, "'")
    .replaceAll(/[\u30A1-\u30F6]/g, hiragana)
    .normalize('NFC');
}

const partsOf = (chunk: string): string[] => chunk.match(wordParts) ?? [];

const chunksOf = (folded: string): string[] => folded.split(/\s+/u).filter((chunk) => chunk !== '');

/** The words of a folded text; of one that has none (a sign, an emoji), what stands there. */
function wordsOf(folded: string): string[] {
  const words = partsOf(folded);
  return (words.length > 0 ? words : chunksOf(folded)).map((word) => cut(word, maxWord));
}

/** What a search for `text` asks for: each of these must begin a key of the name. Empty for nothing but spaces. */
export function nameWords(text: string): string[] {
  const words = [...new Set(wordsOf(fold(text)))];
  return words.toSorted((a, b) => b.length - a.length).slice(0, maxWords);
}

/** O'Brien and Jean-Luc are looked for as one word too. */
const joined = (folded: string): string[] => chunksOf(folded).map((chunk) => partsOf(chunk).join(''));

/** Everything that begins inside of a run without spaces, so that a given name is found behind a family's. */
function startsOf(folded: string): string[] {
  if (isPlain(folded)) return [];
  const runs = partsOf(folded).join('').match(unspaced) ?? [];
  return runs.flatMap((run) => {
    const letters = [...run];
    return letters
      .slice(0, maxStarts)
      .flatMap((first, at) => (/\p{M}/u.test(first) ? [] : letters.slice(at, at + maxWord).join('')));
  });
}

/** How else a name is written: with no marks at all, and with its letters spelled out. */
const writings = (name: string): string[] =>
  isPlain(name)
    ? [name]
    : [
        name,
        name.normalize('NFKD').replaceAll(/\p{M}/gu, ''),
        plain(spelledOut, name.normalize('NFC').toLowerCase()),
      ];

/** What is kept beside a name for searches, at most 150 of at most 40 characters. */
export function nameKeys(name: string): string[] {
  const keys = writings(name).flatMap((writing) => {
    const folded = fold(writing);
    return [...wordsOf(folded), ...joined(folded), ...startsOf(folded)].map((key) => cut(key, maxWord));
  });
  return [...new Set(keys.filter((key) => key !== ''))].slice(0, maxKeys);
}

/**
 * What lists sort by: the folded name, and of those that are alike, the name to the letter. Compared byte by byte, so that it
 * is an index's and a cursor's as any text is, and does not depend on the version of a library.
 */
export function sortKey(name: string): string {
  return `${cut(chunksOf(fold(name)).join(' '), 100)}\u0001${cut(name.normalize('NFD'), 100)}`.toWellFormed();
}

/** Names that another system keeps in capitals, written so that they can be read: `General Practice`. */
export const readable = (name: string): string =>
  name.length < 9 || name !== name.toUpperCase()
    ? name
    : name.toLowerCase().replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase());
