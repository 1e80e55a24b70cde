import type { DocumentFilter } from './document-store.js';

/**
 * Documents whose text index (of a name) holds all the words of `words`, in any order and case. Each word is quoted, so
 * that none is an operator of `$text` (a minus would exclude) and all are needed.
 */
export function textSearch(words: string): DocumentFilter {
  const quoted = words.split(/[\s"\\]+/).filter((word) => word !== '');
  return { $text: { $search: quoted.map((word) => `"${word}"`).join(' ') } };
}
