import type { Actor } from './actor.js';
import type { Deed } from './audited.js';
import type { ProblemCode } from './errors.js';

/** What became of a request that touches a patient's record. */
export interface Outcome {
  readonly deed: Deed;
  /** null: nobody is signed in, and the word of a payment provider was taken. */
  readonly actor: Actor | null;
  readonly patient_ids: readonly string[];
  /** What it was refused with; null: it was done. */
  readonly problem: ProblemCode | null;
}

/** Where entries go. `enter` throws `trail_unavailable` when they cannot. */
export interface Trail {
  enter(outcome: Outcome): Promise<void>;
}
