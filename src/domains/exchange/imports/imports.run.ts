import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { BulkResult } from '../../../lib/bulk.js';
import { findCsv, readRows } from './csv.js';
import type { ImportOptions, ImportTargets, Mapped, Row } from './imports.types.js';
import { createTally, type Tally } from './tally.js';
import { ownText } from './values.js';
import { createWriter } from './writer.js';

/** How a file's rows become records. */
export interface Loading<C extends string, R> {
  /** The id that the row's record has; called once for each row, in the file's order. */
  readonly id: (row: Row<C>) => string;
  readonly map: (row: Row<C>, id: string) => Mapped<R>;
  /** Results name records by their ids. */
  readonly store: (records: readonly R[]) => Promise<BulkResult>;
  /** How many batches may be stored at the same time. */
  readonly atOnce?: number;
}

/** One run over a directory: its files, the counts, and what both sources' imports are made of. */
export interface ImportRun {
  readonly now: Date;
  readonly targets: ImportTargets;
  readonly made: { stored: number; unchanged: number };
  tally(name: string): Tally;
  /** Runs over a file's rows in order; `each` is told of every sound row, the others are counted. Throws when stopped. */
  eachRow<C extends string>(
    name: string,
    columns: readonly C[],
    each: (row: Row<C>, line: number) => void | Promise<void>,
  ): Promise<void>;
  /** Gives the record of a row that the mapper took, and counts one that it did not. */
  take<T>(name: string, line: number, id: string | null, mapped: Mapped<T>): T | undefined;
  /** Streams a file through a mapper into a bulk path. */
  load<C extends string, R>(name: string, columns: readonly C[], loading: Loading<C, R>): Promise<void>;
  /** Brings the patients' own lists of recent records up to date. */
  refreshPatients(ids: Iterable<string>): Promise<void>;
  reports(): ReturnType<Tally['report']>[];
}

const batchSize = 1000;

function* batches(ids: Iterable<string>): Generator<string[]> {
  let batch: string[] = [];
  for (const id of ids) {
    batch.push(id);
    if (batch.length === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** Says how far the run is, by the bytes read of all files' bytes. */
function createProgress(paths: readonly string[], onProgress: ImportOptions['onProgress']) {
  const total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  let bytes = 0;
  return {
    onBytes: (read: number) => void (bytes += read),
    tell: (file: string, rows: number) => onProgress?.({ file, rows, fraction: bytes / Math.max(total, 1) }),
  };
}

/**
 * Finds the files `names` first, so that a missing one is told before anything is stored (ImportFailure).
 * `now` dates the records that the files do not date.
 */
export function createRun(
  names: readonly string[],
  targets: ImportTargets,
  now: Date,
  { directory, onError, onProgress, signal }: ImportOptions,
): ImportRun {
  const paths = new Map(names.map((name) => [name, findCsv(directory, name)]));
  const tallies = new Map(
    [...paths].map(([name, path]) => [name, createTally(basename(path), onError ?? (() => undefined))]),
  );
  const progress = createProgress([...paths.values()], onProgress);
  const tally = (name: string): Tally => tallies.get(name)!;
  const take: ImportRun['take'] = (name, line, id, mapped) => {
    if ('record' in mapped) {
      if (mapped.adjusted !== undefined) tally(name).adjust(mapped.adjusted);
      return mapped.record;
    }
    if ('skipped' in mapped) tally(name).skip(mapped.skipped);
    else tally(name).reject(line, id, mapped.rejected);
    return undefined;
  };

  const eachRow: ImportRun['eachRow'] = async (name, columns, each) => {
    let rows = 0;
    for await (const items of readRows(paths.get(name)!, columns, progress.onBytes)) {
      signal?.throwIfAborted();
      tally(name).read(items.length);
      for (const item of items) {
        if ('rejected' in item) tally(name).reject(item.line, null, item.rejected);
        else await each(item.row, item.line);
      }
      progress.tell(name, (rows += items.length));
    }
  };

  async function load<C extends string, R>(
    name: string,
    columns: readonly C[],
    { id: idOf, map, store, atOnce = 2 }: Loading<C, R>,
  ): Promise<void> {
    const seen = new Set<string>();
    const writer = createWriter<{ line: number; id: string; record: R }>(
      async (batch) => {
        const result = await store(batch.map(({ record }) => record));
        tally(name).stored(result.stored);
        tally(name).unchanged(result.unchanged);
        const lines = new Map(batch.map(({ id, line }) => [id, line]));
        for (const { id, reason } of result.rejected) tally(name).reject(lines.get(id)!, id, reason);
      },
      { size: batchSize, atOnce },
    );
    try {
      await eachRow(name, columns, (row, line) => {
        const id = ownText(idOf(row));
        const again = seen.has(id);
        seen.add(id);
        const record = take(
          name,
          line,
          id,
          again ? { rejected: 'its id stands in the file before' } : map(row, id),
        );
        return record === undefined ? undefined : writer.add({ line, id, record });
      });
      await writer.end();
    } finally {
      await writer.settle();
    }
  }

  return {
    now,
    targets,
    made: { stored: 0, unchanged: 0 },
    tally,
    eachRow,
    take,
    load,
    async refreshPatients(ids) {
      for (const batch of batches(ids)) {
        signal?.throwIfAborted();
        await targets.patients.refreshRecent(batch);
      }
    },
    reports: () => [...tallies.values()].map((one) => one.report()),
  };
}
