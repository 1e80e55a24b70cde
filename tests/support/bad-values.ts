import type Joi from 'joi';

/* Wrong values for the fields of any shape, from the JSON Schema that the API itself publishes. */

export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly items?: FieldSchema;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Field {
  readonly path: readonly (string | number)[];
  readonly schema: FieldSchema;
}

const typesOf = ({ type }: FieldSchema): readonly string[] => [type].flat(2) as string[];

export const schemaOf = (shape: Joi.Schema): FieldSchema =>
  shape['~standard'].jsonSchema.input({ target: 'draft-2020-12' });

/** Every field of a shape, those inside of objects and lists too. */
export function fieldsOf(schema: FieldSchema, path: Field['path'] = []): Field[] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => fieldsOf(field, [...path, name])),
    ...(schema.items ? fieldsOf(schema.items, [...path, 0]) : []),
  ];
  return path.length === 0 ? below : [{ path, schema }, ...below];
}

/** A kind of mistake: the wrong value for a field, or undefined where the field has no such mistake. */
type Mistake = (schema: FieldSchema) => unknown;

const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);
const isText = (schema: FieldSchema): boolean => typesOf(schema).includes('string');
const isNumber = (schema: FieldSchema): boolean =>
  typesOf(schema).some((type) => type === 'number' || type === 'integer');

export const mistakes: Readonly<Record<string, Mistake>> = {
  'the wrong type': (schema) => {
    const types = typesOf(schema);
    if (!isNumber(schema)) return 7.5;
    return types.includes('string') ? true : '7';
  },
  'an operator object': () => ({ $ne: null }),
  'a list of operators': (schema) => (typesOf(schema).includes('array') ? { $in: [] } : [{ $gt: '' }]),
  null: (schema) => (typesOf(schema).includes('null') ? undefined : null),
  'the empty text': (schema) => (isText(schema) ? '' : undefined),
  '10,000 characters': (schema) => (isText(schema) ? 'x'.repeat(10_000) : undefined),
  'far too much': (schema) => (isNumber(schema) && !isText(schema) ? 1e15 : undefined),
  'too many items': ({ maxItems = 500, ...schema }) =>
    typesOf(schema).includes('array') ? Array(maxItems + 1).fill(0) : undefined,
  'far too little': (schema) => (isNumber(schema) && !isText(schema) ? -1e15 : undefined),
  'a NUL': (schema) => (isText(schema) ? 'a\0b' : undefined),
  'half of a surrogate pair': (schema) => (isText(schema) ? 'a\ud83d' : undefined),
  'lists in lists': () => nested(50),
};

/** The body in which each of these fields, and nothing else, is set. */
export function bodyWith(fields: readonly Field[], valueOf: Mistake): unknown {
  const body: Record<string, unknown> = {};
  for (const { path, schema } of fields) {
    let place = body as Record<string | number, unknown>;
    path.slice(0, -1).forEach((key, depth) => {
      place[key] ??= typeof path[depth + 1] === 'number' ? [] : {};
      place = place[key] as Record<string | number, unknown>;
    });
    place[path.at(-1)!] = valueOf(schema);
  }
  return body;
}

/** Groups of fields that can be wrong in one request: none inside of another, and small enough for one body. */
export function groupsOf(fields: readonly Field[], size: number): Field[][] {
  const groups: Field[][] = [];
  const isInside = (a: Field, b: Field): boolean => b.path.every((key, depth) => a.path[depth] === key);
  for (const field of fields) {
    const group = groups.find(
      (members) =>
        members.length < size && !members.some((other) => isInside(field, other) || isInside(other, field)),
    );
    if (group) group.push(field);
    else groups.push([field]);
  }
  return groups;
}
