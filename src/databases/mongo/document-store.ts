import { Decimal128, type AnyBulkWriteOperation, type Filter, type FindOptions } from 'mongodb';
import type { Model, QueryFilter, Schema, UpdateQuery } from 'mongoose';
import type { BulkResult } from '../../lib/bulk.js';
import { Problem } from '../../lib/errors.js';
import { decodeCursor, toPage, type Direction, type Page, type PageRequest } from '../../lib/page.js';
import { createTogether } from '../../lib/together.js';
import type { MongoTransaction } from '../../lib/transaction.js';
import { isPassingMongoFailure } from '../failures.js';
import { foldedName } from './mongo-model.js';
import { queryLimitMs, sessionOf, uniqueViolations } from './mongo.js';
import { retry } from '../retry.js';

/** A filter: built here from typed scalars, never from what a client sent. */
export type DocumentFilter = QueryFilter<Record<string, unknown>>;

type Raw = Record<string, unknown>;

/** An entity as MongoDB holds it: the business id is `_id`, money is Decimal128. */
export type DocumentOf<E, K extends keyof E> = Omit<E, K> & { _id: string };

/** Fields to set; those that are undefined stay as they are. */
export type Changes<E> = { [F in keyof E]?: E[F] | undefined };

/**
 * A total order: a field that is never null, then the id. `name` goes into the cursor. `name_order`: of a named collection,
 * as people sort (PAT-10).
 */
export interface SortOrder<E> {
  readonly name: string;
  readonly field: (keyof E & string) | 'name_order';
  readonly direction: Direction;
}

/** What every repository over one collection can do; a domain adds its own queries beside it. */
interface DocumentStore<E> {
  find(id: string, tx?: MongoTransaction): Promise<E | null>;
  findMany(ids: readonly string[]): Promise<E[]>;
  /** The first `limit` after this id, by ascending id. */
  listAfter(id: string, limit: number): Promise<E[]>;
  /** Which of these ids exist. */
  existing(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** The newest or first `limit` of a filter, without paging. */
  list(filter: DocumentFilter, order: SortOrder<E>, limit: number, tx?: MongoTransaction): Promise<E[]>;
  page(filter: DocumentFilter, order: SortOrder<E>, request: PageRequest): Promise<Page<E>>;
  count(filter: DocumentFilter, tx?: MongoTransaction): Promise<number>;
  /** Throws UniqueViolation. */
  insert(entity: E, tx: MongoTransaction): Promise<E>;
  /** Sets fields and raises the version; null when there is no such record. Throws UniqueViolation. */
  update(id: string, changes: Changes<E>, tx: MongoTransaction): Promise<E | null>;
  remove(id: string, tx: MongoTransaction): Promise<boolean>;
  /**
   * Reads a record that another one is about to refer to, and takes a write lock on it, so that its removal at the
   * same moment conflicts with `tx`. The record itself does not change for anybody who reads it.
   */
  lockForReference(id: string, tx: MongoTransaction): Promise<E | null>;
  /** Stores those whose id is new, idempotently by that id; a unique key that is taken rejects its record only. */
  importMany(entities: readonly E[]): Promise<BulkResult>;
}

interface BulkFailure {
  writeErrors?: readonly { index: number; err: { code?: number; errmsg?: string } }[];
  result?: { upsertedCount: number; matchedCount: number };
}

/** Adds the condition that starts a page after the cursor. Only scalars come out of a cursor. */
function afterCursor<E>(
  filter: DocumentFilter,
  order: SortOrder<E>,
  idName: string,
  kindOfField: string | undefined,
  cursor?: string,
): DocumentFilter {
  if (cursor === undefined) return filter;
  const { value, id } = decodeCursor(order.name, cursor);
  const beyond = order.direction === 1 ? '$gt' : '$lt';
  if (order.field === idName) return { $and: [filter, { _id: { [beyond]: id } }] };
  // Of another type, it would sort as MongoDB sorts types, and skip or repeat records in silence.
  if (value?.constructor.name !== kindOfField) throw new Problem('invalid_cursor');
  const after = [{ [order.field]: { [beyond]: value } }, { [order.field]: value, _id: { [beyond]: id } }];
  return { $and: [filter, { $or: after }] };
}

interface DocumentOptions<E> {
  /** The fields that are Decimal128 in MongoDB. */
  readonly money?: readonly (keyof E & string)[];
  /** The model's `named`. */
  readonly named?: keyof E & string;
}

/** What a document says that was written before a field was there: the model's own word. */
function defaultsOf(schema: Schema): Raw {
  const given = Object.entries(schema.paths).map(
    ([path, { options }]) => [path, options['default']] as const,
  );
  return Object.fromEntries(given.filter(([path, value]) => value !== undefined && !path.includes('.')));
}

/** What a document has for the store's own use. */
const inner = [
  ...['holds', 'name_words', 'name_order', 'phone_key', 'care_team'],
  ...['match_keys', 'compared_by'],
];

export function createDocumentStore<E extends object, K extends keyof E & string>(
  model: Model<DocumentOf<E, K>>,
  idName: K,
  { money: moneyFields = [], named }: DocumentOptions<E> = {},
): DocumentStore<E> {
  const isMoney = new Set<string>(moneyFields);
  const defaults = defaultsOf(model.schema);
  // Both copy whole and then take away: to leave fields out by `...rest` costs ten times as much.
  const toDocument = (entity: Changes<E>): Raw => {
    const document: Raw = Object.assign({ _id: entity[idName] }, entity);
    delete document[idName];
    for (const [field, value] of Object.entries(document)) {
      if (value === undefined) delete document[field];
      else if (typeof value === 'string' && isMoney.has(field))
        document[field] = Decimal128.fromString(value);
    }
    const name = named && document[named];
    return typeof name === 'string' ? Object.assign(document, foldedName(name)) : document;
  };
  const toEntity = (document: Raw): E => {
    const entity: Raw = Object.assign({}, defaults, { [idName]: document['_id'] }, document);
    delete entity['_id'];
    for (const field of inner) delete entity[field];
    for (const field of moneyFields)
      if (entity[field] instanceof Decimal128) entity[field] = entity[field].toString();
    return entity as E;
  };
  const sortOf = ({ field, direction }: SortOrder<E>): Record<string, Direction> =>
    field === idName ? { _id: direction } : { [field]: direction, _id: direction };
  /** Reads go past mongoose: it would look through every filter and answer for nothing that we do not know of them. */
  const queryOnce = (filter: DocumentFilter, options: FindOptions, tx?: MongoTransaction): Promise<Raw[]> =>
    model.collection
      .find<Raw>(filter as Filter<Raw>, { maxTimeMS: queryLimitMs, ...options, ...sessionOf(tx) })
      .toArray();
  /** The driver tries a read again once, and an election may break off both. A transaction is repeated as a whole. */
  const query = (filter: DocumentFilter, options: FindOptions, tx?: MongoTransaction): Promise<Raw[]> =>
    tx ? queryOnce(filter, options, tx) : retry(() => queryOnce(filter, options), isPassingMongoFailure);
  const ofIds = (ids: readonly string[]): DocumentFilter => ({
    _id: ids.length === 1 ? ids[0] : { $in: [...ids] },
  });
  const findTogether = createTogether(
    async (ids) =>
      new Map((await query(ofIds(ids), {})).map((document) => [document['_id'] as string, document])),
  );

  return {
    async find(id, tx) {
      const document = tx ? (await query({ _id: id }, { limit: 1 }, tx))[0] : await findTogether(id);
      return document ? toEntity(document) : null;
    },
    async findMany(ids) {
      return (await query(ofIds(ids), {})).map(toEntity);
    },
    async listAfter(id, limit) {
      return (await query({ _id: { $gt: id } }, { sort: { _id: 1 }, limit })).map(toEntity);
    },
    async existing(ids) {
      const found = await query(ofIds(ids), { projection: { _id: 1 } });
      return new Set(found.map(({ _id }) => _id as string));
    },
    async list(filter, order, limit, tx) {
      return (await query(filter, { sort: sortOf(order), limit }, tx)).map(toEntity);
    },
    async page(filter, order, { limit, cursor }) {
      const rows = await query(
        afterCursor(filter, order, idName, model.schema.path(order.field)?.instance, cursor),
        { sort: sortOf(order), limit: limit + 1 },
      );
      const { items, next_cursor } = toPage(rows, limit, order.name, (row) => ({
        value: order.field === idName ? null : (row[order.field] as string | number | Date),
        id: row['_id'] as string,
      }));
      return { items: items.map(toEntity), next_cursor };
    },
    count(filter, tx) {
      return model.collection.countDocuments(filter as Filter<Raw>, {
        maxTimeMS: queryLimitMs,
        ...sessionOf(tx),
      });
    },
    async insert(entity, tx) {
      // As `importMany`: the shape of the request and the compiler have said what mongoose would say here.
      await uniqueViolations(() => model.collection.insertOne(toDocument(entity), sessionOf(tx)));
      return entity;
    },
    async update(id, changes, tx) {
      const change = { $set: toDocument(changes), $inc: { version: 1 } } as unknown as UpdateQuery<
        DocumentOf<E, K>
      >;
      const options = { ...sessionOf(tx), returnDocument: 'after', runValidators: true } as const;
      const updated = await uniqueViolations(() =>
        model.findByIdAndUpdate(id, change, options).lean<Raw>().exec(),
      );
      return updated ? toEntity(updated) : null;
    },
    async remove(id, tx) {
      const { deletedCount } = await model.deleteOne({ _id: id } as never, sessionOf(tx));
      return deletedCount === 1;
    },
    async lockForReference(id, tx) {
      const lock = { $inc: { holds: 1 } } as UpdateQuery<DocumentOf<E, K>>;
      const options = { ...sessionOf(tx), strict: false } as const;
      const held = await model.findByIdAndUpdate(id, lock, options).lean<Raw>().exec();
      return held ? toEntity(held) : null;
    },
    async importMany(entities) {
      if (entities.length === 0) return { stored: 0, unchanged: 0, rejected: [] };
      const operations = entities.map((entity) => {
        const { _id, ...fields } = toDocument(entity);
        return {
          updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true },
        };
      }) as unknown as AnyBulkWriteOperation<DocumentOf<E, K>>[];
      try {
        // Idempotent by _id: a batch that was half done before the primary died is completed, not doubled.
        const done = await retry(
          () => model.collection.bulkWrite(operations as never, { ordered: false }),
          isPassingMongoFailure,
        );
        return { stored: done.upsertedCount, unchanged: done.matchedCount, rejected: [] };
      } catch (error) {
        const { writeErrors, result } = error as BulkFailure;
        if (!writeErrors?.length || !result) throw error;
        const rejected = writeErrors.map(({ index, err }) => ({
          id: String(entities[index]![idName]),
          reason:
            err.code === 11000 ? 'a unique key of it is taken' : `refused by MongoDB (code ${err.code})`,
        }));
        return { stored: result.upsertedCount, unchanged: result.matchedCount, rejected };
      }
    },
  };
}
