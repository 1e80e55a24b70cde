import {
  Schema,
  type Collection,
  type Connection,
  type Model,
  type SchemaDefinition,
  type SchemaType,
} from 'mongoose';
import { nameKeys, sortKey } from '../../lib/names.js';
import { deadlines } from '../deadlines.js';
import type { MongoIndex } from './mongo-index.js';

/** No query of ours may run longer; a report sets its own limit. */
export const queryLimitMs = deadlines().readMs;

type BsonType = 'string' | 'number' | 'decimal' | 'date' | 'bool' | 'binary' | 'objectId' | 'object';

/** A collection, declared once: nothing else makes one, or an index of it. */
export interface MongoCollection<Field extends string = string> {
  readonly collection: string;
  /** What a document holds. */
  readonly fields: Readonly<Record<Field, BsonType | `${BsonType}[]`>>;
  /** Beside `_id`. */
  readonly indexes: readonly MongoIndex[];
  /** The field that its records are found and sorted by as people do: `foldedName` is kept beside it. */
  readonly named?: string;
  /** The path of a telephone number, with `phone_key` beside it. */
  readonly phone?: string;
}

/** A collection that the driver alone reads and writes. */
export function defineCollection<D extends object>(
  declared: MongoCollection<keyof D & string>,
): MongoCollection<keyof D & string> & { on(connection: Connection): Collection<D> } {
  return { ...declared, on: (connection) => connection.collection<D>(declared.collection) };
}

/** What is derived from a name for searches and for the order of lists (PAT-10). */
export type FoldedName = Readonly<{ name_words: string[]; name_order: string }>;

export const foldedName = (name: string): FoldedName => ({
  name_words: nameKeys(name),
  name_order: sortKey(name),
});

/** Columns of `FoldedName`. A document that an older process wrote has none until `foldNames` has been there. */
const foldedColumns = { name_words: { type: [String], default: undefined }, name_order: String };

/**
 * A collection with a mongoose model as all of ours are: ids are ours, unknown fields are an error in documents and filters,
 * and every query has a time limit.
 */
export function defineModel<D>({
  collection,
  fields,
  indexes,
  named,
  phone,
}: Omit<MongoCollection, 'fields'> & {
  readonly fields: SchemaDefinition<D>;
  readonly named?: keyof D & string;
}): MongoCollection<keyof D & string> & { on(connection: Connection): Model<D> } {
  const columns = {
    ...fields,
    ...(named === undefined ? {} : foldedColumns),
    ...(phone === undefined ? {} : { phone_key: String }),
  } as SchemaDefinition<D>;
  const schema = new Schema<D>(columns, {
    versionKey: false,
    strict: 'throw',
    strictQuery: 'throw',
    autoIndex: false,
    minimize: false,
    id: false,
  });
  schema.pre(['find', 'findOne', 'countDocuments', 'distinct'], function () {
    if (this.getOptions().maxTimeMS === undefined) this.maxTimeMS(queryLimitMs);
  });
  schema.pre('aggregate', function () {
    this.options['maxTimeMS'] ??= queryLimitMs;
  });
  return {
    ...{
      collection,
      indexes,
      ...(named === undefined ? {} : { named }),
      ...(phone === undefined ? {} : { phone }),
    },
    fields: fieldsOf(schema),
    on: (connection) => connection.model<D>(collection, schema, collection),
  };
}

const bsonTypes: Readonly<Record<string, BsonType>> = {
  String: 'string',
  Number: 'number',
  Decimal128: 'decimal',
  Date: 'date',
  Boolean: 'bool',
  ObjectId: 'objectId',
};

function fieldsOf(schema: Schema): MongoCollection['fields'] {
  const typeOf = ({ instance }: SchemaType): BsonType => bsonTypes[instance] ?? 'object';
  return Object.fromEntries(
    Object.entries(schema.paths).map(([path, type]) => {
      const [field = '', inside] = path.split('.');
      if (inside !== undefined) return [field, 'object'] as const;
      const { embeddedSchemaType: item } = type as { readonly embeddedSchemaType?: SchemaType };
      return [field, item ? (`${typeOf(item)}[]` as const) : typeOf(type)] as const;
    }),
  );
}
