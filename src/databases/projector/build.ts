import type { WriteTime } from '../../lib/write-time.js';
import type { BuildProgress } from './projector.types.js';

/*
 * A build reads the sources in chunks, by ascending id, while they are written to; each chunk is a snapshot of its own moment.
 * A change that the stream tells counts if its document was read before it: it is in the snapshot otherwise, or will be.
 */

/** What one read gave: nothing, when the collection is at its end. */
export interface Chunk {
  readonly documents: number;
  readonly lastId: string | null;
  /** Of its snapshot. */
  readonly at: WriteTime;
}

/** `collections` in the order in which they are read. */
export const newBuild = (collections: readonly string[]): BuildProgress => ({
  collection: collections[0]!,
  done_to: null,
  documents: 0,
  chunks: [],
});

export function afterChunk(
  build: BuildProgress,
  collections: readonly string[],
  { documents, lastId, at }: Chunk,
): BuildProgress {
  const { collection } = build;
  const chunks = [...build.chunks, { collection, up_to: lastId, at }];
  if (lastId !== null) return { ...build, done_to: lastId, documents: build.documents + documents, chunks };
  const next = collections[collections.indexOf(collection) + 1];
  return next === undefined ? { ...build, chunks } : { ...build, collection: next, done_to: null, chunks };
}

/** Whether a change of a document must be taken in. */
export function isAfterRead(
  build: BuildProgress,
  collections: readonly string[],
  change: { readonly collection: string; readonly id: string; readonly at: WriteTime },
): boolean {
  const [of, now] = [collections.indexOf(change.collection), collections.indexOf(build.collection)];
  if (of > now) return false;
  const chunk = build.chunks.find(
    ({ collection, up_to }) => collection === change.collection && (up_to === null || change.id <= up_to),
  );
  if (chunk) return change.at > chunk.at;
  return of < now || (build.done_to !== null && change.id <= build.done_to);
}

/** All sources are read to their end. */
export const isAllRead = (build: BuildProgress, collections: readonly string[]): boolean =>
  build.chunks.some(({ collection, up_to }) => collection === collections.at(-1) && up_to === null);

/**
 * What is left to do when the stream has come to `position`; null when that is nothing. A chunk that it has passed is forgotten:
 * all further changes of its documents count. One stays as long as it is where a chunk begins that is not passed, or that is
 * read next.
 */
export function afterStream(
  build: BuildProgress,
  collections: readonly string[],
  position: WriteTime,
): BuildProgress | null {
  const isOpen = ({ at }: { readonly at: WriteTime }): boolean => at > position;
  if (isAllRead(build, collections) && !build.chunks.some(isOpen)) return null;
  const chunks = build.chunks.filter((chunk, index) => {
    const next = build.chunks[index + 1];
    return isOpen(chunk) || !next || (next.collection === chunk.collection && isOpen(next));
  });
  return chunks.length === build.chunks.length ? build : { ...build, chunks };
}

/** MongoDB ends a transaction after a minute: one that stores a chunk is to take a third of that at the most. */
const chunkMs = 20_000;
const leastChunk = 1;

/** How many documents a build reads next, by how long the last ones took; null: they could not be stored. */
export function nextSize(
  size: number,
  most: number,
  last: { readonly documents: number; readonly ms: number } | null,
): number {
  // The last ones of a collection tell nothing of a whole chunk.
  if (last && last.documents < size && last.ms < chunkMs) return size;
  const enough = last ? (last.documents * chunkMs) / last.ms : 0;
  const wanted = Math.min(2 * size, Math.max(size / 4, enough));
  return Math.min(most, Math.max(leastChunk, Math.floor(wanted)));
}
