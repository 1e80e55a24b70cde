/**
 * A moment of MongoDB's cluster clock (the 64 bits of a BSON timestamp): what a client wrote was there at it, and a reader may
 * ask for an answer that is no older. Written in decimal where it leaves the process.
 */
export type WriteTime = bigint;
