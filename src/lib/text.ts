/** Whether both stores give the text back to the letter: Postgres holds no NUL, BSON no half of a surrogate pair. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Controls, and marks of a new line or paragraph (U+0085, U+2028, U+2029). */
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** They turn around what stands behind them, beyond the text that they are in. */
const turning = /[\u202A-\u202E\u2066-\u2069]/u;

/** In scripts that may part words by U+200B. */
const parted = String.raw`[\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]`;

/**
 * What cannot be seen and has no part in writing, so that two texts look alike that are not. Persian and Indic scripts need
 * (non-)joiners, right-to-left ones their marks, Han and Mongolian variation selectors.
 */
const hidden = new RegExp(
  String.raw`(?![\u034F\u17B4\u17B5\u061C\u200B-\u200F\p{VS}])\p{DI}|\u2800|(?<!${parted})\u200B|\u200B(?!${parted})|(?<=[\p{sc=Latn}\p{sc=Grek}\p{sc=Cyrl}])[\u200C\u200D]`,
  'u',
);

/** Something to see: no space, mark, control, or sign that is blank. */
const seen = /(?![\p{DI}\u2800\uFFFC\uFFFD\u{1D159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/** Left in the place of what could not be read. */
const damage = '\uFFFD';

/** What is wrong with a text of one line, in a few words; undefined when nothing is. */
export function faultInLine(text: string): string | undefined {
  if (controls.test(text)) return 'must be one line without control characters';
  if (turning.test(text)) return 'holds a character that turns the direction of what follows';
  if (hidden.test(text)) return 'holds an invisible character';
  if (text.includes(damage)) return 'holds U+FFFD, which stands for what could not be read';
  return undefined;
}

/** As `faultInLine`, and there must be something to see. */
export const faultInName = (text: string): string | undefined =>
  seen.test(text) ? faultInLine(text) : 'must have something visible';

/** As `faultInLine` of each of its lines, which end with a line feed. */
export const faultInLines = (text: string): string | undefined => faultInLine(text.replaceAll('\n', ' '));

/** Line ends as forms and Windows write them (CR LF, CR) as the one that is kept. */
export const withLineFeeds = (text: string): string => text.replaceAll(/\r\n?/g, '\n');
