import type { Knex } from 'knex';
import type { ReadOptions, Results, SqlQuery, StoreReading } from './reports.types.js';

type Sources = Readonly<Record<string, SqlQuery>>;
type Reading = StoreReading<Results['postgres']>;

/**
 * Cancels what the backend runs when the signal is given, from another connection, for its own is busy. The answer ends that,
 * and waits for a cancelling that is under way: the next user of the connection must not be hit by it.
 */
function cancelOn(signal: AbortSignal | undefined, knex: Knex, pid: number): () => Promise<void> {
  let cancelling: Promise<unknown> | undefined;
  const cancel = (): void => {
    cancelling = knex.raw('select pg_cancel_backend(?)', [pid]).then(
      () => undefined,
      // It ends at its time limit.
      () => undefined,
    );
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return async () => {
    signal?.removeEventListener('abort', cancel);
    await cancelling;
  };
}

/** Asks Postgres. Every statement sees the snapshot of the first, so that parts and totals agree. */
export function createPostgresReader(knex: Knex, seconds: number) {
  async function readIn(trx: Knex.Transaction, source: Sources, options: ReadOptions): Promise<Reading> {
    const { explain, signal } = options;
    const run = async <T>({ text, bindings }: SqlQuery, prefix = ''): Promise<T[]> => {
      signal?.throwIfAborted();
      return (await trx.raw<{ rows: T[] }>(prefix + text, bindings as never)).rows;
    };
    const [begun] = await run<{ pid: number; now: Date }>({
      text: `select set_config('statement_timeout', ?, true), pg_backend_pid() as pid, now()`,
      bindings: [`${seconds * 1000}`],
    });
    const { pid, now: as_of } = begun!;
    const settled = cancelOn(signal, knex, pid);
    try {
      const start = performance.now();
      const rows: Record<string, object[]> = {};
      for (const [name, query] of Object.entries(source)) rows[name] = await run<object>(query);
      const ms = performance.now() - start;
      if (!explain) return { rows, as_of, ms };
      const plan: Record<string, unknown> = {};
      for (const [name, query] of Object.entries(source)) {
        const [line] = await run<Record<string, unknown>>(query, 'explain (analyze, format json) ');
        plan[name] = line!['QUERY PLAN'];
      }
      return { rows, as_of, ms, plan };
    } finally {
      await settled();
    }
  }

  return async (source: Sources, options: ReadOptions): Promise<Reading> => {
    try {
      return await knex.transaction((trx) => readIn(trx, source, options), {
        isolationLevel: 'repeatable read',
        readOnly: true,
      });
    } catch (error) {
      // A statement that was cancelled looks like one at its time limit.
      options.signal?.throwIfAborted();
      throw error;
    }
  };
}
