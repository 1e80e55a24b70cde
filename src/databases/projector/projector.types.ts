import type { Document } from 'mongodb';
import type { WriteTime } from '../../lib/write-time.js';

/** A collection whose changes are followed, and the fields of its documents (beside `_id`) that are looked at. */
export interface ProjectedSource {
  readonly collection: string;
  readonly fields: readonly string[];
}

/**
 * That a document came, changed or went. Both images hold the fields of the source alone; a change of other fields only is
 * never told. Of a document that a build reads, `before` is null.
 */
export interface Change {
  readonly collection: string;
  readonly id: string;
  readonly before: Document | null;
  readonly after: Document | null;
}

/** Where a build is: collections before `collection` are read to their end, this one up to and with `done_to`. */
export interface BuildProgress {
  readonly collection: string;
  readonly done_to: string | null;
  readonly documents: number;
  /** For each chunk read, its last id and the moment of its snapshot: earlier changes of its documents are in it already. */
  readonly chunks: readonly {
    readonly collection: string;
    readonly up_to: string | null;
    readonly at: WriteTime;
  }[];
}

/** A document that its figures cannot be worked out of. They hold it as it was before. */
export interface SetAside {
  readonly collection: string;
  readonly id: string;
  /** Why; nothing that a store says of the document's values. */
  readonly reason: string;
  /** EJSON of what the figures hold of it and what it has become, each as in a change: every sink can store a text. */
  readonly images: string;
}

/** What a projection has taken in; stored in the transaction of what it took in. */
export interface ProjectionState {
  /** A digest of what the figures mean: another one makes the next start build them anew. */
  readonly definition: string;
  /** `failed`: all is in but what was set aside. */
  readonly status: 'building' | 'live' | 'failed';
  /** Where the change stream goes on. */
  readonly token: unknown;
  /** Everything up to this moment is in. */
  readonly position: WriteTime;
  /** Raised by each batch that changed something: equal versions, equal figures. */
  readonly version: number;
  /** Of the process that may write; raised when another one takes over. */
  readonly fence: number;
  readonly build: BuildProgress | null;
  readonly set_aside?: SetAside[];
}

/** Where figures are kept: what is done with changes, in one transaction with the state. */
export interface ProjectionSink {
  /** Its name in commands, logs and metrics. */
  readonly name: string;
  /** Collections in the order of their build. */
  readonly sources: readonly ProjectedSource[];
  readonly definition: string;
  read(): Promise<ProjectionState | null>;
  /** Empties all figures and stores `state`, unless the stored fence is higher: then false. */
  reset(state: ProjectionState): Promise<boolean>;
  /**
   * Takes the changes in and stores `to`, if what is stored is still `from` (token, fence and build), in one transaction; false
   * when it is not: somebody else went on. Changes come in their order. Safe to repeat after an unknown outcome.
   */
  apply(changes: readonly Change[], from: ProjectionState, to: ProjectionState): Promise<boolean>;
  /**
   * Of a sink in MongoDB: the id of the session that everything is applied in. A transaction that a process leaves open when it
   * dies keeps its locks for a minute; the one who takes over ends it by this.
   */
  sessionId?(): Document | undefined;
}

/** Follows the sources of a sink in one process at a time, whichever of those that run it holds the lease. */
export interface Projector {
  start(): void;
  stop(): Promise<void>;
  /**
   * The state when it is live and everything up to `after` is in; waits up to `withinMs` for it, then null, as it is at
   * once when nothing is live.
   */
  caughtUp(after: WriteTime | undefined, withinMs: number): Promise<ProjectionState | null>;
}
