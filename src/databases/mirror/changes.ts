import type { Document } from 'mongodb';
import type { WriteTime } from '../../lib/write-time.js';
import { Gap, type ChangeEvent } from './stream.js';
import type {
  CollectionTable,
  MirrorColumn,
  MirrorRow,
  MirrorTable,
  MirrorValue,
  RowChange,
  RowChanges,
} from './mirror.types.js';

/** The fields of the documents that a table is made of. */
export const fieldsOf = ({ columns, each }: MirrorTable): string[] =>
  each === undefined ? [...new Set(columns.map(({ from }) => from))] : [each];

const isOfType: Readonly<Record<MirrorColumn['type'], (value: MirrorValue) => boolean>> = {
  text: (value) => typeof value === 'string',
  word: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31,
  bigint: Number.isSafeInteger,
};

/** Throws for what the column cannot hold. Its message says nothing of the value. */
function valueOf({ name, type, of }: MirrorColumn, given: unknown): MirrorValue {
  if (given === undefined || given === null) return null;
  const value = of ? of(given) : (given as MirrorValue);
  if (value === null || isOfType[type](value)) return value;
  throw new Error(`${name} is no ${type}`);
}

/** What of a document its rows are made of, one after the other. */
function partsOf({ each }: MirrorTable, document: Document): Document[] {
  if (each === undefined) return [document];
  const elements: unknown = document[each] ?? [];
  if (!Array.isArray(elements)) throw new Error(`${each} is no array`);
  return elements as Document[];
}

/** The rows of a document. */
export function rowsOf(table: MirrorTable, document: Document): RowChange {
  const rowOf = (part: Document): MirrorRow =>
    table.columns.map((column) => valueOf(column, part[column.from]));
  try {
    return { kind: 'put', rows: partsOf(table, document).map(rowOf) };
  } catch (error) {
    return { kind: 'uncountable', reason: (error as Error).message };
  }
}

type Update = NonNullable<ChangeEvent['updateDescription']>;

/** Undefined when no column is made of what has changed. */
function updateOf(
  table: MirrorTable,
  { updatedFields = {}, removedFields = [], truncatedArrays = [] }: Update,
): RowChange | undefined {
  const { columns, each } = table;
  const within = [...Object.keys(updatedFields), ...removedFields].filter((path) => path.includes('.'));
  const cut = truncatedArrays.map(({ field }) => `${field}.`);
  if (fieldsOf(table).some((name) => [...within, ...cut].some((path) => path.startsWith(`${name}.`))))
    return { kind: 'within' };
  if (each !== undefined)
    return each in updatedFields || removedFields.includes(each) ? rowsOf(table, updatedFields) : undefined;
  const values = new Map<string, MirrorValue>();
  try {
    for (const column of columns) {
      if (column.from in updatedFields) values.set(column.name, valueOf(column, updatedFields[column.from]));
      else if (removedFields.includes(column.from)) values.set(column.name, null);
    }
  } catch (error) {
    return { kind: 'uncountable', reason: (error as Error).message };
  }
  return values.size > 0 ? { kind: 'set', values } : undefined;
}

/** Rows that may have been told or read before, by `held`, are to be replaced; to look for those that are new would cost a scan. */
function inserted(table: CollectionTable, event: ChangeEvent, held: WriteTime): RowChange {
  const change = rowsOf(table, event.fullDocument ?? {});
  return change.kind === 'put' && timeOf(event) > held ? { ...change, kind: 'add' } : change;
}

function changeOf(table: CollectionTable, event: ChangeEvent, held: WriteTime): RowChange | undefined {
  switch (event.operationType) {
    case 'insert':
      return inserted(table, event, held);
    case 'replace':
      return rowsOf(table, event.fullDocument ?? {});
    case 'update':
      return updateOf(table, event.updateDescription ?? {});
    case 'delete':
      return { kind: 'remove' };
    default:
      throw new Gap(`${event.operationType} of ${table.collection}`);
  }
}

/** Both, one after the other. */
function together(table: MirrorTable, first: RowChange | undefined, then: RowChange): RowChange {
  if (first === undefined) return then;
  if (then.kind === 'add' || then.kind === 'put')
    return { ...then, kind: first.kind === 'add' ? 'add' : 'put' };
  if (then.kind !== 'set') return then;
  switch (first.kind) {
    case 'add':
    case 'put':
      return {
        kind: first.kind,
        rows: first.rows.map((row) =>
          row.map((value, at) => {
            const set = then.values.get(table.columns[at]!.name);
            return set === undefined ? value : set;
          }),
        ),
      };
    case 'set':
      return { kind: 'set', values: new Map([...first.values, ...then.values]) };
    // Some of its columns are told, and others not known.
    case 'uncountable':
      return { kind: 'within' };
    case 'within':
    case 'remove':
      return first;
  }
}

/**
 * What the events of a stream, in their order, make of the rows, which may hold what was written up to `held`. Throws Gap where that
 * cannot be said.
 */
export function foldChanges(
  events: readonly ChangeEvent[],
  tables: readonly CollectionTable[],
  held: WriteTime,
): RowChanges<CollectionTable> {
  const changes = new Map<CollectionTable, Map<string, RowChange>>();
  for (const event of events) {
    const ofIt = tables.filter(({ collection }) => collection === event.ns?.coll);
    const id = event.documentKey?._id;
    if (ofIt.length === 0 || id === undefined)
      throw new Gap(`${event.operationType} of ${event.ns?.coll ?? 'the database'}`);
    for (const table of ofIt) {
      const change = changeOf(table, event, held);
      if (!change) continue;
      let rows = changes.get(table);
      if (!rows) changes.set(table, (rows = new Map<string, RowChange>()));
      rows.set(id, together(table, rows.get(id), change));
    }
  }
  return changes;
}

export const timeOf = ({ clusterTime: time }: ChangeEvent): WriteTime => time.toBigInt();

/** The changes of a transaction have one time; where more may come of the last one, all of it waits. */
export function splitAtLast(events: readonly ChangeEvent[], isFull: boolean) {
  const last = events.at(-1);
  if (!isFull || !last) return { whole: events, rest: [] };
  const start = events.findIndex((event) => timeOf(event) === timeOf(last));
  return { whole: events.slice(0, start), rest: events.slice(start) };
}
