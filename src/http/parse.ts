import type Joi from 'joi';
import { Problem, type FieldError } from '../lib/errors.js';

/** How deep a body may nest: deeper than any shape of ours. */
const maxDepth = 20;

export interface RawInput {
  params: unknown;
  query: unknown;
  body: unknown;
}

/**
 * What no store can give back to the letter, and what no shape may see: NUL (Postgres), lone surrogates (BSON),
 * `__proto__` as an own key (joi lets it pass), endless nesting.
 */
function unstorable(value: unknown, pointer: string, depth = 0): FieldError | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return { pointer, message: 'holds a NUL character' };
    return value.isWellFormed() ? undefined : { pointer, message: 'holds half of a surrogate pair' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxDepth) return { pointer, message: `is nested deeper than ${maxDepth} levels` };
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') return { pointer: `${pointer}/${key}`, message: 'is not allowed' };
    const found = unstorable(key, `${pointer}/…`) ?? unstorable(item, `${pointer}/${key}`, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function fieldErrors(error: Joi.ValidationError, root: string): FieldError[] {
  return error.details.map(({ path, message, context }) => {
    const custom = context?.['error'] instanceof Error ? context['error'].message : undefined;
    return { pointer: `/${[root, ...path].join('/')}`, message: custom ?? message.replace(/^"[^"]*" /, '') };
  });
}

/** A part of the request without a shape must be empty: a stray query or body is a mistake worth naming. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

/**
 * Checks the parts of a request against the route's shapes and gives the typed values, or throws `invalid_request`
 * with every mistake at once. Text becomes a number or flag in params and query, never in a body.
 */
export function parse(shapes: { [K in keyof RawInput]?: Joi.Schema | undefined }, raw: RawInput): RawInput {
  const errors: FieldError[] = [];
  const part = (root: keyof RawInput): unknown => {
    const schema = shapes[root];
    const value = raw[root];
    const bad = unstorable(value, `/${root}`);
    if (bad) errors.push(bad);
    if (bad || !schema) {
      if (!schema && root !== 'params' && !isEmpty(value))
        errors.push({ pointer: `/${root}`, message: 'is not expected' });
      return undefined;
    }
    const result = schema.validate(value, { abortEarly: false, convert: root !== 'body' });
    if (result.error) errors.push(...fieldErrors(result.error, root));
    return result.value;
  };
  const parsed = { params: part('params'), query: part('query'), body: part('body') };
  if (errors.length > 0) {
    const detail = errors.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    throw new Problem('invalid_request', detail.slice(0, 2000), { errors: errors.slice(0, 50) });
  }
  return parsed;
}
