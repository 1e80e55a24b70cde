/*
 * How long one attempt against a store may take: a command, a statement, a transaction. What has no answer by then is
 * abandoned with its connection and tried again under its marker (docs/decisions/0015). A request has more time than that:
 * `writeDeadlineMs` of retry.ts.
 */
interface Deadlines {
  readonly readMs: number;
  /** Of a write, and of a transaction from its first command to its commit. */
  readonly writeMs: number;
  /** Of a command that writes many documents: imports. */
  readonly batchMs: number;
  /** Of what takes as long as there is data: indexes, migrations. */
  readonly longMs: number;
  /** What the store is to stop by itself, it says within this time; only then is its connection given up. */
  readonly graceMs: number;
  /** Of closing a connection, an outbox, a background task. */
  readonly closeMs: number;
}

let current: Deadlines = {
  readMs: 5_000,
  writeMs: 10_000,
  batchMs: 60_000,
  longMs: 600_000,
  graceMs: 1_000,
  closeMs: 5_000,
};

/** Read at each attempt, for all connections of the process. */
export const deadlines = (): Deadlines => current;

/** Returns what sets them back. */
export function setDeadlines(changes: Partial<Deadlines>): () => void {
  const before = current;
  current = { ...current, ...changes };
  return () => (current = before);
}
