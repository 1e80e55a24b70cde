import type { DocumentFilter } from './document-store.js';

/**
 * Documents whose text index (of a name) holds all the words of `text`, in any order, case and accent. Only letters and
 * digits count, and each word is quoted: nothing is an operator of `$text`, and all words are needed. Text without a
 * word finds nothing.
 */
export function textSearch(text: string): DocumentFilter {
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return { $text: { $search: words.map((word) => `"${word}"`).join(' ') } };
}
