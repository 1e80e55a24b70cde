import { nameWords } from '../../lib/names.js';
import type { DocumentFilter } from './document-store.js';

/** Above every text that begins as the one before it does. */
const highest = '\u{10FFFF}';

/**
 * Documents whose name has all the words of `text`, each from its beginning, in any order, case and accent (`lib/names.ts`).
 * Text that has nothing to look for finds nothing.
 */
export function nameSearch(text: string): DocumentFilter {
  const words = nameWords(text);
  if (words.length === 0) return { _id: { $in: [] } };
  return {
    $and: words.map((word) => ({ name_words: { $elemMatch: { $gte: word, $lt: `${word}${highest}` } } })),
  };
}
