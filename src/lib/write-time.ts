/**
 * A moment of MongoDB's cluster clock (the 64 bits of a BSON timestamp): what a client wrote was there at it, and a reader may
 * ask for an answer that is no older. Written in decimal where it leaves the process.
 */
export type WriteTime = bigint;

/** The time of day that it was, in whole seconds: all of it that can be compared with another clock. */
export const dateOf = (time: WriteTime): Date => new Date(Number(time >> 32n) * 1000);

/** What a caller wrote last, as far as this process has heard. */
export interface LastWrite {
  /** undefined: it was in Postgres alone, and nothing was written to MongoDB before. */
  readonly time: WriteTime | undefined;
  /** Milliseconds of `performance.now()`: work that began before it may not have seen the write. */
  readonly heard_at: number;
}

/** Remembers who wrote when, so that the one who reads next finds what they wrote. */
export interface WriteTimes {
  /** That a transaction of this process was committed. */
  committed(at: WriteTime): void;
  /** The newest commit of this process. */
  last(): WriteTime | undefined;
  /** That a transaction of this process was committed in Postgres. */
  committedSql(): void;
  /** When the last of them was, by `performance.now()`. */
  lastSqlAt(): number | undefined;
  /** That a user was told of a write; answers a moment at which it was there, if MongoDB knows one. */
  remember(user_id: string): WriteTime | undefined;
  of(user_id: string): LastWrite | undefined;
  /** The later of it and of a moment that the client brought from another process. Throws `invalid_request`. */
  laterOf(own: LastWrite | undefined, given: string): Promise<LastWrite>;
}

/** The later of two moments, either may be missing. */
export const laterOf = (a: WriteTime | undefined, b: WriteTime | undefined): WriteTime | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;
