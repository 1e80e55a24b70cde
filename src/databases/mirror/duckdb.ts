import { hash } from 'node:crypto';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { columnsOf, widthsOf } from './columns.js';
import type {
  MirrorPlace,
  MirrorPlaces,
  MirrorQuery,
  MirrorRow,
  MirrorSide,
  MirrorStanding,
  MirrorTable,
  MirrorTables,
  MirrorValue,
  RowChanges,
  StoreAnswer,
} from './mirror.types.js';
import { createWords } from './words.js';

export interface StoreOptions {
  /** What it may take, its tables and its work together. */
  readonly memoryMb: number;
  readonly threads: number;
}

/** Rows that nothing finds again are only ever added. */
const canChange = ({ keyType }: MirrorTable): boolean => keyType !== 'none';

/** Where what rows are set to waits for the statement that sets it. */
const stagedName = ({ name }: MirrorTable): string => `staged_${name}`;

/** 128 bits of SHA-256: of 10^9 ids, no two are alike but for one chance in 10^20. */
const digestOf = (id: string): bigint =>
  BigInt.asIntN(128, BigInt(`0x${hash('sha256', id, 'hex').slice(0, 32)}`));

/** Rows for whom the process stops for some milliseconds. */
const rowsAtOnce = 2_000;

/** A document, by its key, and its rows. */
export type Filled = readonly [id: string, rows: readonly MirrorRow[]];

function* rowsIn(documents: readonly Filled[]): Iterable<readonly [string, MirrorRow]> {
  for (const [id, rows] of documents) for (const row of rows) yield [id, row];
}

interface StandingRow {
  readonly side: MirrorSide;
  readonly version: string;
  readonly at_ms: number;
  readonly is_whole: boolean;
  readonly place: string;
}

/**
 * The tables in memory (DuckDB): one connection writes, others read, each at one moment. Nothing of it is on disk, and nothing of
 * the disk can be read by it.
 */
export async function openStore(tables: MirrorTables, { memoryMb, threads }: StoreOptions) {
  // 70 MB, which a process without a mirror does without.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const { appendPacked, packedRows } = await import('./packing.js');
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: `${memoryMb}MB`,
    ...{ autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' },
    enable_external_access: 'false',
  });
  try {
    const first = await instance.connect();
    // What does not fit would go to a file in the clear otherwise. (Of the options of `create` this one is not heeded.)
    await first.run(`set max_temp_directory_size = '0B'`);
    await first.run('set lock_configuration = true');
    // Rows that have come to rest are compressed there: a seventh of the room, and read as quickly.
    await first.run(`attach ':memory:' as mirror (compress)`);
    first.closeSync();
  } catch (error) {
    instance.closeSync();
    throw error;
  }
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    await connection.run('use mirror');
    return connection;
  };
  const writer = await connect();
  const free: DuckDBConnection[] = [];
  let isClosed = false;
  const all = [...tables.mongodb, ...tables.postgres];
  const words = createWords();
  /** So many of them are in the table. */
  let saved = 0;

  for (const table of all) {
    await writer.run(`create table ${table.name} (${columnsOf(table)})`);
    if (canChange(table)) await writer.run(`create table ${stagedName(table)} (${columnsOf(table)})`);
  }
  await writer.run('create table words (code integer, word varchar)');
  await writer.run(
    'create table standing (side varchar, version varchar, at_ms double, is_whole boolean, place varchar)',
  );
  await writer.run(
    `insert into standing values ('mongodb', '', 0, false, ''), ('postgres', '', 0, false, '')`,
  );

  /** Both stores are followed, and there is one who writes. */
  let lastTurn: Promise<unknown> = Promise.resolve();

  async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    await writer.run('begin transaction');
    try {
      const result = await act();
      const count = await saveWords();
      await writer.run('commit');
      saved = count;
      return result;
    } catch (error) {
      // DuckDB has done so by itself after some failures.
      await writer.run('rollback').catch(() => undefined);
      throw error;
    }
  }

  function atOnce<T>(act: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(() => inTurn(act));
    lastTurn = turn.catch(() => undefined);
    return turn;
  }

  async function appending(
    into: string,
    act: (appender: DuckDBAppender) => void | Promise<void>,
  ): Promise<void> {
    const appender = await writer.createAppender(into);
    try {
      await act(appender);
      appender.closeSync();
    } catch (error) {
      // It would bring what it still has into whichever transaction is open when it is thrown away.
      appender.clear();
      throw error;
    }
  }

  /** Those that are new. */
  async function saveWords(): Promise<number> {
    const count = words.count();
    if (count === saved) return count;
    await appending('words', (appender) => {
      for (let code = saved; code < count; code += 1) {
        appender.appendInteger(code);
        appender.appendVarchar(words.wordOf(code));
        appender.endRow();
      }
    });
    return count;
  }

  const append = (
    into: string,
    { columns, keyType }: MirrorTable,
    rows: Iterable<readonly [string, MirrorRow]>,
  ): Promise<void> =>
    appending(into, async (appender) => {
      let appended = 0;
      for (const [id, values] of rows) {
        if (keyType === 'word') appender.appendInteger(words.codeOf(id));
        else if (keyType !== 'none') appender.appendHugeInt(digestOf(id));
        columns.forEach(({ type }, at) => {
          const value = values[at]!;
          if (value === null) appender.appendNull();
          else if (type === 'text') appender.appendVarchar(value as string);
          else if (type === 'word') appender.appendInteger(words.codeOf(value as string));
          else if (type === 'integer') appender.appendInteger(value as number);
          else appender.appendBigInt(BigInt(value));
        });
        appender.endRow();
        if (++appended % rowsAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    });

  async function remove({ name, key, keyType }: MirrorTable, ids: readonly string[]): Promise<void> {
    const keyOf = (id: string): number | bigint => (keyType === 'word' ? words.find(id) : digestOf(id));
    for (let at = 0; at < ids.length; at += rowsAtOnce) {
      const some = ids.slice(at, at + rowsAtOnce).map(keyOf);
      await writer.run(`delete from ${name} where ${key} in (${some.join(', ')})`);
    }
  }

  /** Sets the same columns of many rows by one statement. */
  async function set(
    table: MirrorTable,
    rows: readonly (readonly [string, ReadonlyMap<string, MirrorValue>])[],
  ): Promise<void> {
    const alike = new Map<string, (readonly [string, ReadonlyMap<string, MirrorValue>])[]>();
    for (const row of rows) {
      const names = [...row[1].keys()].sort().join();
      const same = alike.get(names);
      if (same) same.push(row);
      else alike.set(names, [row]);
    }
    const staged = stagedName(table);
    for (const [names, same] of alike) {
      const values = same.map(
        ([id, changed]) => [id, table.columns.map(({ name }) => changed.get(name) ?? null)] as const,
      );
      await append(staged, table, values);
      const assigned = names.split(',').map((name) => `${name} = staged.${name}`);
      await writer.run(
        `update ${table.name} as rows set ${assigned.join(', ')} from ${staged} as staged where rows.${table.key} = staged.${table.key}`,
      );
      await writer.run(`delete from ${staged}`);
    }
  }

  async function standingOf(reader: DuckDBConnection): Promise<ReadonlyMap<MirrorSide, StandingRow>> {
    const rows = (await reader.runAndReadAll('select * from standing')).getRowObjectsJS();
    return new Map((rows as unknown as StandingRow[]).map((row) => [row.side, row]));
  }

  async function ask(reader: DuckDBConnection, { text, bindings, words: named = [] }: MirrorQuery) {
    const start = performance.now();
    const values = bindings.map((value) => (typeof value === 'string' ? words.find(value) : value));
    const rows = (await reader.runAndReadAll(text, values)).getRowObjectsJS() as Record<string, unknown>[];
    for (const row of rows)
      for (const name of named) if (row[name] !== null) row[name] = words.wordOf(row[name] as number);
    return { rows, ms: performance.now() - start };
  }

  return {
    /** All rows of a store are gone, and nothing is answered from them until they are whole again. */
    empty: (side: MirrorSide): Promise<void> =>
      atOnce(async () => {
        await writer.run('update standing set is_whole = false where side = ?', [side]);
        for (const { name } of tables[side]) await writer.run(`delete from ${name}`);
      }),

    /** Adds rows that are not there. */
    fill: (table: MirrorTable, documents: readonly Filled[]): Promise<void> =>
      atOnce(() => append(table.name, table, rowsIn(documents))),

    /** Takes the changes in and stands there, all at once for those who read; they are answered if the store's rows are whole. */
    apply: (
      side: MirrorSide,
      changes: RowChanges,
      { version, at, place }: MirrorPlace,
      isWhole: boolean,
    ): Promise<void> =>
      atOnce(async () => {
        for (const [table, rows] of changes) {
          const changed = [...rows];
          const put = changed.flatMap(([id, change]) =>
            change.kind === 'add' || change.kind === 'put' ? [[id, change.rows] as const] : [],
          );
          if (canChange(table)) {
            const gone = changed.flatMap(([id, { kind }]) =>
              kind === 'remove' || kind === 'put' ? [id] : [],
            );
            await remove(table, gone);
          }
          await append(table.name, table, rowsIn(put));
          await set(
            table,
            changed.flatMap(([id, change]) => (change.kind === 'set' ? [[id, change.values] as const] : [])),
          );
        }
        await writer.run(
          'update standing set version = ?, at_ms = ?, is_whole = ?, place = ? where side = ?',
          [version, at.getTime(), isWhole, place, side],
        );
      }),

    /** All at one moment; null while the rows of one of the stores are not whole. Throws the reason of `signal` when it is given. */
    async read(
      queries: Readonly<Record<string, MirrorQuery>>,
      sides: readonly MirrorSide[],
      signal?: AbortSignal,
    ): Promise<StoreAnswer | null> {
      signal?.throwIfAborted();
      const reader = free.pop() ?? (await connect());
      const stop = (): void => reader.interrupt();
      signal?.addEventListener('abort', stop);
      try {
        await reader.run('begin transaction read only');
        const standing = await standingOf(reader);
        const isWhole = sides.every((side) => standing.get(side)!.is_whole);
        const results: Record<string, StoreAnswer['results'][string]> = {};
        if (isWhole)
          for (const [name, query] of Object.entries(queries)) results[name] = await ask(reader, query);
        await reader.run('commit');
        if (isClosed) reader.closeSync();
        else free.push(reader);
        const stood = (side: MirrorSide): MirrorStanding => {
          const { version, at_ms } = standing.get(side)!;
          return { version, at: new Date(at_ms) };
        };
        return isWhole
          ? { results, standing: { mongodb: stood('mongodb'), postgres: stood('postgres') } }
          : null;
      } catch (error) {
        reader.closeSync();
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },

    /** Everything at one moment, as `unpack` takes it; nothing while the rows are not whole. */
    async *pack(): AsyncGenerator<Buffer, void> {
      const reader = await connect();
      try {
        await reader.run('begin transaction read only');
        const standing = await standingOf(reader);
        if (![...standing.values()].every(({ is_whole }) => is_whole)) return;
        const places = Object.fromEntries([...standing].map(([side, { place }]) => [side, place]));
        const count = Number((await reader.runAndReadAll('select count(*) from words')).getRows()[0]![0]);
        const known = Array.from({ length: count }, (_, code) => words.wordOf(code));
        yield Buffer.from(JSON.stringify({ places, words: known }));
        for (const [index, table] of all.entries())
          for await (const rows of packedRows(reader, table.name, widthsOf(table)))
            yield Buffer.concat([Buffer.from([index]), rows]);
      } finally {
        reader.closeSync();
      }
    },

    /** Into tables that are empty; where those who follow the stores go on. Nothing is answered before they do. */
    async unpack(frames: AsyncIterable<Buffer>): Promise<MirrorPlaces | undefined> {
      let places: MirrorPlaces | undefined;
      for await (const frame of frames)
        if (places === undefined) {
          const head = JSON.parse(frame.toString()) as { places: MirrorPlaces; words: readonly string[] };
          for (const word of head.words) words.codeOf(word);
          places = head.places;
        } else {
          const table = all[frame[0]!]!;
          await atOnce(() =>
            appending(table.name, (appender) => appendPacked(appender, frame.subarray(1), widthsOf(table))),
          );
        }
      return places;
    },

    close(): void {
      isClosed = true;
      for (const reader of free) reader.closeSync();
      writer.closeSync();
      instance.closeSync();
    },
  };
}

export type MirrorStore = Awaited<ReturnType<typeof openStore>>;
