import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import { isAfterRead } from './build.js';
import { leaseCollection } from './lease.js';
import type { WriteTime } from '../../lib/write-time.js';
import type { BuildProgress, Change, ProjectedSource } from './projector.types.js';
import { Gap, type ChangeEvent } from './stream.js';

const hasBefore = new Set(['update', 'replace', 'delete']);
const hasAfter = new Set(['insert', 'update', 'replace']);

/** A change, when it was and where the stream goes on after it. */
interface ReportedChange extends Change {
  readonly at: WriteTime;
  readonly token: unknown;
}

/** The source's fields of a document; all that is within a field of that name stays together. */
function cutTo({ fields }: ProjectedSource, document: Document): Document {
  const names = new Set(['_id', ...fields.map((field) => field.split('.', 1)[0]!)]);
  return Object.fromEntries(Object.entries(document).filter(([name]) => names.has(name)));
}

/**
 * What the events of a stream mean for the sources' figures; while these are built, only what was read before it changed.
 * Throws Gap where that cannot be said: a source was dropped or renamed, or MongoDB has not kept what a document was.
 */
export function changesOf(
  events: readonly ChangeEvent[],
  sources: readonly ProjectedSource[],
  build: BuildProgress | null,
): ReportedChange[] {
  const order = sources.map(({ collection }) => collection);
  const changes: ReportedChange[] = [];
  for (const event of events) {
    const collection = event.ns?.coll ?? '';
    if (collection === leaseCollection.collection) continue;
    const source = sources.find((one) => one.collection === collection);
    const id = event.documentKey?._id;
    const { operationType: kind } = event;
    if (!source || id === undefined || !(hasBefore.has(kind) || hasAfter.has(kind)))
      throw new Gap(`${kind} of ${collection || 'the database'}`);
    const at = event.clusterTime.toBigInt();
    if (build && !isAfterRead(build, order, { collection, id, at })) continue;
    const change = {
      collection,
      id,
      at,
      token: event._id,
      before: hasBefore.has(kind) ? image(source, event.fullDocumentBeforeChange) : null,
      after: hasAfter.has(kind) ? image(source, event.fullDocument) : null,
    };
    if (!isDeepStrictEqual(change.before, change.after)) changes.push(change);
  }
  return changes;
}

function image(source: ProjectedSource, document: Document | null | undefined): Document {
  if (document) return cutTo(source, document);
  throw new Gap(`no image of a document of ${source.collection}`);
}

/** Whether somebody wants to know how far the figures have come. */
export const isAsked = (events: readonly ChangeEvent[]): boolean =>
  events.some(({ updateDescription }) => updateDescription?.updatedFields?.asked !== undefined);
