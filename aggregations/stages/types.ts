/** One stage of a pipeline, or an expression in it: plain data, so that it can be printed for mongosh. */
export type Stage = Readonly<Record<string, unknown>>;

/** A report's question to MongoDB: what to run, and on which collection. */
export interface Aggregation {
  readonly collection: string;
  readonly pipeline: readonly Stage[];
}
