import type { Knex } from 'knex';
import type { Logger } from '../../lib/logger.js';
import { within } from '../../lib/within.js';
import { Gap } from './stream.js';
import { rowsOf } from './changes.js';
import type { Filled, MirrorStore } from './duckdb.js';
import { keepAt, rest, type Follower, type Standing } from './following.js';
import type { AppendedTable, MirrorPlace, MirrorStanding } from './mirror.types.js';

/** Who asks is answered from a look that began no longer ago, unless they have written since: MongoDB's rows may be as far behind. */
const freshMs = 100;
/** How often it looks when nobody asks: so much is read at once then. */
const restMs = 1_000;
const chunkSize = 20_000;
/** More new rows than these are read faster from the beginning. */
const mostNew = 100_000;

interface Place {
  /** pg_snapshot: which transactions are in. */
  readonly snapshot: string;
  /** Where the rows lie: another place when somebody has emptied or rewritten the tables, and on another server. */
  readonly files: string;
  /** How many rows there are: of rows that are only added, equal numbers are equal rows. */
  readonly count: number;
  readonly at: Date;
}

interface Found {
  readonly snapshot: string;
  readonly files: string;
  readonly at_ms: number;
  /** Of each table, by its name. */
  readonly [rows: string]: unknown;
}

const standingOf = ({ count, at }: Place): MirrorStanding => ({ version: String(count), at });
const placeOf = (place: Place): MirrorPlace => ({ ...standingOf(place), place: JSON.stringify(place) });

function placeFrom(text: string): Place {
  const place = JSON.parse(text) as Place & { readonly at: string };
  return { ...place, at: new Date(place.at) };
}

/**
 * Of a snapshot (`xmin:xmax:…`): all transactions before the first are in or were given up, and from the second on it knows of none.
 */
const boundsOf = (snapshot: string) => snapshot.split(':') as [oldest: string, next: string];
const nextOf = (snapshot: string): bigint => BigInt(boundsOf(snapshot)[1]);

const filledFrom = (table: AppendedTable, rows: readonly Readonly<Record<string, unknown>>[]): Filled[] =>
  rows.map((row) => {
    const read = rowsOf(table, row);
    if (read.kind !== 'put') throw new Error(`a row of ${table.name} cannot be counted`);
    return [String(row[table.key]), read.rows];
  });

const noRows = `'[]'::json`;

/**
 * Holds rows that Postgres only ever adds to. Their order of commit is not that of any number in them; but which transactions a
 * moment has seen, Postgres says (pg_snapshot), and each row which of them has added it. So a look asks for the rows that were not
 * to be seen at the last one: nothing is missed, and Postgres writes nothing for it. Who asks a question has it look again, but for
 * a moment after the last one.
 */
export function followAppended({
  knex,
  tables,
  logger,
}: {
  readonly knex: Knex;
  readonly tables: readonly AppendedTable[];
  readonly logger: Logger;
}) {
  let place: Place | undefined;
  let inStepAt: number | undefined;
  let isTooLarge = false;
  let store: MirrorStore | undefined;
  let looking: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const relations = [...new Set(tables.flatMap(({ of }) => of))];
  const files = relations.map((name) => `pg_relation_filenode('${name}')`).join(`, `);
  const rewrites = tables.flatMap(({ rewrites: of }) =>
    of === undefined ? [] : [` || ' ' || (${of})::text`],
  );
  // A standby that has become the primary has a timeline of its own, and may lack what was committed last.
  const server = `(select system_identifier from pg_control_system())::text || ' ' ||
  (select timeline_id from pg_control_checkpoint())::text || ' ' || current_database()`;
  const moment = `pg_current_snapshot()::text as snapshot, ${server} || array[${files}]::oid[]::text${rewrites.join('')} as files,
  (extract(epoch from statement_timestamp()) * 1000)::float8 as at_ms`;
  const news = tables.map(
    ({ name, rows }) => `coalesce((select json_agg(news) from (
    select * from (${rows}) as appended
    where written_by >= ?::xid8 and not pg_visible_in_snapshot(written_by, seen)
    limit ${mostNew + 1}
  ) as news), ${noRows}) as ${name}`,
  );
  const lookSql = `select ${[moment, ...news].join(',\n  ')} from (select ?::pg_snapshot as seen) as last`;

  function begin(): void {
    place = undefined;
    inStepAt = undefined;
  }

  async function readTable(trx: Knex.Transaction, table: AppendedTable, signal: AbortSignal) {
    let count = 0;
    for (let after: string | null = null; ;) {
      const { rows: found } = await trx.raw<{ rows: { rows: Record<string, unknown>[] }[] }>(
        `select coalesce(json_agg(chunk), ${noRows}) as rows from (
           select * from (${table.rows}) as appended ${after === null ? '' : `where ${table.key} > ?`}
           order by ${table.key} limit ${chunkSize}
         ) as chunk`,
        after === null ? [] : [after],
      );
      signal.throwIfAborted();
      const filled = filledFrom(table, found[0]!.rows);
      if (filled.length === 0) return count;
      count += filled.length;
      after = filled.at(-1)![0];
      await store!.fill(table, filled);
    }
  }

  async function build(into: MirrorStore, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    begin();
    isTooLarge = false;
    await into.empty('postgres');
    const built = await knex.transaction(
      async (trx): Promise<Place> => {
        const { rows } = await trx.raw<{ rows: Found[] }>(`select ${moment}`);
        const { snapshot, files: lie, at_ms } = rows[0]!;
        let count = 0;
        for (const table of tables) count += await readTable(trx, table, signal);
        return { snapshot, files: lie, count, at: new Date(at_ms) };
      },
      { isolationLevel: 'repeatable read', readOnly: true },
    );
    await into.apply('postgres', new Map(), placeOf(built), true);
    place = built;
    inStepAt = started;
    logger.info(
      { seconds: (performance.now() - started) / 1000 },
      'the mirror has read the rows of Postgres',
    );
  }

  /** Takes in what was committed since the last look. */
  async function look(into: MirrorStore, last: Place): Promise<void> {
    const began = performance.now();
    // A value and not a function of the snapshot: the planner sees that it is at the end of the index.
    const [oldest] = boundsOf(last.snapshot);
    const bindings = [...tables.map(() => oldest), last.snapshot];
    const { rows } = await knex.raw<{ rows: Found[] }>(lookSql, bindings);
    const found = rows[0]!;
    if (found.files !== last.files)
      throw new Gap('somebody has rewritten its tables, or it is another server');
    if (nextOf(found.snapshot) < nextOf(last.snapshot)) throw new Gap('Postgres has gone back in time');
    const news = tables.map((table) => [table, filledFrom(table, found[table.name] as never)] as const);
    if (news.some(([, { length }]) => length > mostNew)) throw new Gap('too much has been added');
    const count = last.count + news.reduce((sum, [, { length }]) => sum + length, 0);
    const here: Place = { snapshot: found.snapshot, files: found.files, count, at: new Date(found.at_ms) };
    const changes = news.map(
      ([table, filled]) =>
        [table, new Map(filled.map(([id, added]) => [id, { kind: 'put', rows: added }] as const))] as const,
    );
    await into.apply('postgres', new Map(changes), placeOf(here), true);
    // It may have been told to begin anew meanwhile.
    if (place !== last) return;
    place = here;
    inStepAt = began;
  }

  /** A look that begins now, or after the one under way: that may have begun too early for whoever asks. */
  function lookNow(): Promise<void> {
    const start = (): Promise<void> => {
      next = undefined;
      const last = place;
      if (!store || !last) return Promise.resolve();
      return (looking = look(store, last).finally(() => (looking = undefined)));
    };
    if (!looking) return start();
    return (next ??= looking.then(start, start));
  }

  async function work(into: MirrorStore, signal: AbortSignal): Promise<void> {
    if (!place) await build(into, signal);
    while (!signal.aborted && place) {
      await lookNow();
      await rest(restMs, signal);
    }
  }

  return {
    uncountable: new Map<string, never>(),
    inStepAt: () => inStepAt,
    isTooLarge: () => isTooLarge,
    reached: () => place?.at ?? null,

    async run(into: MirrorStore, signal: AbortSignal, from?: string): Promise<void> {
      store = into;
      if (from !== undefined) place = placeFrom(from);
      await keepAt('the rows of Postgres', signal, logger, {
        begin,
        work: () => work(into, signal),
        empty() {
          isTooLarge = true;
          return into.empty('postgres');
        },
      });
      await looking?.catch(() => undefined);
      store = undefined;
      begin();
    },

    /**
     * With all that was acknowledged by `since`, of `performance.now()`; null when that takes too long, and while they cannot answer.
     */
    async standing(since: number, withinMs: number): Standing {
      if (!place) return null;
      const isFresh = inStepAt !== undefined && performance.now() - inStepAt < freshMs;
      if (isFresh && since <= inStepAt!) return standingOf(place);
      const looked = lookNow().then(
        () => true,
        // Whoever looks next while nobody asks tells of it.
        () => false,
      );
      return (await within(withinMs, looked, () => false)) && place ? standingOf(place) : null;
    },
  } satisfies Follower & Record<string, unknown>;
}
