import Joi from 'joi';
import { Problem, type FieldError } from '../lib/errors.js';
import { isStorable } from '../lib/text.js';

/** How deep a body may nest: deeper than any shape of ours. */
const maxDepth = 20;

/** How many members an object or a list may have: joi looks at every one of them, however many are too many. */
const maxMembers = 1000;

/** Compiled once: as text, it would be at each request. */
const message = (text: string): string => Joi.expression(text) as string;

/** Joi's own words would give the value back, which may be a password. */
const messages = {
  'string.pattern.name': message('is not of the form: {{#name}}'),
  'string.pattern.base': message('is not of the right form'),
};

interface RawInput {
  params: unknown;
  query: unknown;
  body: unknown;
}

/**
 * What no store can give back to the letter, and what no shape may see: `__proto__` as an own key (joi lets it pass),
 * endless nesting and endless lists.
 */
function unstorable(value: unknown, pointer: string, depth = 0): FieldError | undefined {
  if (typeof value === 'string')
    return isStorable(value)
      ? undefined
      : { pointer, message: 'holds a NUL character or half of a surrogate pair' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxDepth) return { pointer, message: `is nested deeper than ${maxDepth} levels` };
  const members = Object.entries(value);
  if (members.length > maxMembers) return { pointer, message: `has more than ${maxMembers} members` };
  for (const [key, item] of members) {
    if (key === '__proto__') return { pointer: `${pointer}/${key}`, message: 'is not allowed' };
    const found = unstorable(key, `${pointer}/…`) ?? unstorable(item, `${pointer}/${step(key)}`, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** A key as a step of a JSON pointer (RFC 6901). */
const step = (key: string | number): string => String(key).replaceAll('~', '~0').replaceAll('/', '~1');

function fieldErrors(error: Joi.ValidationError, root: string): FieldError[] {
  return error.details.map(({ path, message, context }) => {
    const custom = context?.['error'] instanceof Error ? context['error'].message : undefined;
    return { pointer: `/${[root, ...path].map(step).join('/')}`, message: custom ?? message };
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
    const result = schema.validate(value, {
      abortEarly: false,
      convert: root !== 'body',
      messages,
      errors: { label: false },
    });
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
