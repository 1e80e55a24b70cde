import { isDeepStrictEqual } from 'node:util';
import type Joi from 'joi';
import { problems, type ProblemCode } from '../lib/errors.js';
import { purposes } from '../lib/audited.js';
import { features } from '../lib/features.js';
import { permissions, type Permission } from '../lib/permissions.js';
import { apiPrefix } from './mount.js';
import { otherTypesOf, type AnyRoute } from './route.js';

type Json = Record<string, unknown>;

interface Described {
  metas?: { openapi?: Json }[];
  examples?: unknown[];
  keys?: Record<string, Described>;
  items?: Described[];
}

/** What joi's own JSON Schema leaves out: our `meta({ openapi })` and the examples. */
function overlay(json: Json | undefined, described: Described | undefined): void {
  if (!json || !described) return;
  if (described.examples) json['examples'] = described.examples;
  for (const { openapi } of described.metas ?? []) Object.assign(json, openapi);
  const properties = json['properties'] as Record<string, Json> | undefined;
  for (const [key, field] of Object.entries(described.keys ?? {})) overlay(properties?.[key], field);
  if (described.items) overlay(json['items'] as Json | undefined, described.items[0]);
}

/** Two slips of joi's JSON Schema about null: `type: [[…], 'null']`, and an enum without the null that it allows. */
function mendNulls(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const { type, enum: values } = node as { type?: unknown; enum?: unknown[] };
  if (Array.isArray(type)) {
    const types = type.flat() as string[];
    Object.assign(node, { type: types });
    if (types.includes('null') && values && !values.includes(null)) values.push(null);
  }
  Object.values(node).forEach(mendNulls);
}

/** A joi shape as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
function jsonSchema(schema: Joi.Schema, side: 'input' | 'output'): Json {
  const json = structuredClone(schema['~standard'].jsonSchema[side]({ target: 'draft-2020-12' })) as Json;
  delete json['$schema'];
  overlay(json, schema.describe());
  mendNulls(json);
  return json;
}

/** Replaces every subtree equal to a named component by a reference to it. */
function fold(node: unknown, components: Record<string, unknown>, self?: string): unknown {
  for (const [name, schema] of Object.entries(components)) {
    if (name !== self && isDeepStrictEqual(node, schema)) return { $ref: `#/components/schemas/${name}` };
  }
  if (Array.isArray(node)) return node.map((item) => fold(item, components));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fold(value, components)]));
}

const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `errors` names what is wrong with the request.',
  required: ['type', 'title', 'status', 'code', 'instance'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems) },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'The request id, also in `X-Request-Id`.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** The refusals that a route can give by what it is; its own come on top. */
function problemsOf(route: AnyRoute): ProblemCode[] {
  const codes: ProblemCode[] = [
    'invalid_request',
    'headers_too_large',
    'not_acceptable',
    'internal_error',
    'unavailable',
    'timed_out',
  ];
  // A public route takes a token too, and refuses a bad one; who brings many is limited, wherever it is.
  codes.push('not_signed_in', 'too_many_requests');
  if (route.permission !== 'public' && route.permission !== 'signed-in') codes.push('forbidden');
  if (route.body) codes.push('malformed_json', 'body_too_large', 'unsupported_media_type');
  if (route.idempotent) codes.push('invalid_idempotency_key', 'idempotency_key_reused');
  if (route.breaksGlass) codes.push('break_glass_needed', 'malformed_text');
  if (route.feature) codes.push('feature_off');
  if (route.audit !== 'none') codes.push('trail_unavailable');
  return [...codes, ...(route.problems ?? [])];
}

const headers: Record<string, Json> = {
  'Retry-After': { description: 'Seconds until another try is worth it.', schema: { type: 'integer' } },
  'RateLimit-Limit': { description: 'Requests a minute.', schema: { type: 'integer' } },
  'RateLimit-Remaining': { description: 'How many of them are left.', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until the count starts again.', schema: { type: 'integer' } },
  ETag: {
    description: 'The version of the answer, for `If-None-Match`; of a record also for `If-Match`.',
    schema: { type: 'string', examples: ['"v3"'] },
  },
  'Idempotent-Replayed': {
    description: '`true` when this is the answer to an earlier request with the same `Idempotency-Key`.',
    schema: { type: 'string', enum: ['true'] },
  },
  'Written-At': {
    description:
      'A moment after your write, for `Read-After`. The server that took it remembers it for a minute.',
    schema: { type: 'string', pattern: '^[0-9]{1,20}$', examples: ['7590284612344741889'] },
  },
  Link: { description: 'Where the next page is (RFC 8288), if there is one.', schema: { type: 'string' } },
};

const headersOf = (...names: string[]): Json =>
  names.length === 0
    ? {}
    : { headers: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])) };

/** What a refusal says beside its body. */
const refusalHeaders: Readonly<Record<number, readonly string[]>> = {
  429: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  503: ['Retry-After'],
};

const pascal = (code: string): string => code.replaceAll(/(^|_)(\w)/g, (_, __, c: string) => c.toUpperCase());

/** The refusals by status, and by the name under which the document's components hold each (`NotFound`). */
function problemResponses(route: AnyRoute): { status: number; name: string; response: Json }[] {
  const codes = [...new Set(problemsOf(route))];
  const statuses = [...new Set(codes.map((code) => problems[code].status))].sort((a, b) => a - b);
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return statuses.map((status) => {
    const listed = codes.filter((code) => problems[code].status === status);
    const description = listed.map((code) => `\`${code}\`: ${problems[code].title}`).join('. ');
    return {
      status,
      name: listed.map(pascal).join('Or'),
      response: { description, ...headersOf(...(refusalHeaders[status] ?? [])), content },
    };
  });
}

function whoMay(permission: Permission): string {
  if (permission === 'public') return 'Anyone.';
  if (permission === 'signed-in') return 'Anyone who is signed in.';
  return `Roles: ${permissions[permission].join(', ')}.`;
}

/** What stands behind the route's own description. */
const partOf = ({ feature }: AnyRoute): string | undefined =>
  feature &&
  `Part of the feature \`${feature}\` (${features[feature].about}): where it is turned off, 404 \`feature_off\`.`;

function parametersOf(schema: Joi.Schema | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Json;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

const ifMatch: Json = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag that you read: `"v3"`. Another version by now is refused with 412.',
  schema: { type: 'string', pattern: '^("v[0-9]{1,15}"|[*])$' },
};

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'One of your own for each thing you want done, such as a UUID. Sent again with the same request within a week, it brings ' +
    'the first answer once more and no second effect; refusals are not kept.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
};

const purposeOfUse: Json = {
  name: 'Purpose-Of-Use',
  in: 'header',
  required: false,
  description:
    'Why you ask, for the trail of who has read and changed patients’ records (HL7 v3 PurposeOfUse): ' +
    `${Object.entries(purposes)
      .map(([code, about]) => `\`${code}\` ${about.toLowerCase()}`)
      .join(', ')}.`,
  schema: { type: 'string', enum: Object.keys(purposes) },
};

const readAfter: Json = {
  name: 'Read-After',
  in: 'header',
  required: false,
  description: 'What `Written-At` said: the answer is no older than that write of yours.',
  schema: { type: 'string', pattern: '^[0-9]{1,20}$' },
};

const breakGlass: Json = {
  name: 'Break-Glass',
  in: 'header',
  required: false,
  description:
    'Why a doctor opens the record of a patient whom they do not treat and who is not of their department. It stays open for an ' +
    'hour, is written down, and an admin reviews it.',
  schema: { type: 'string', minLength: 10, maxLength: 500 },
};

const writtenAt = ({ method, permission }: AnyRoute): string[] =>
  method !== 'get' && permission !== 'public' ? ['Written-At'] : [];

function successOf(route: AnyRoute): Json {
  if (!route.response) return { '204': { description: 'Done', ...headersOf(...writtenAt(route)) } };
  const json = { schema: jsonSchema(route.response, 'output') };
  const others = otherTypesOf(route).map((type) => [type, { schema: { type: 'string' } }]);
  const content = { 'application/json': json, ...(Object.fromEntries(others) as Json) };
  const fields = (route.response.describe() as Described).keys ?? {};
  const tagged = 'version' in fields || route.cache !== undefined;
  const answerHeaders = headersOf(
    ...(tagged ? ['ETag'] : []),
    ...('next_cursor' in fields ? ['Link'] : []),
    ...(route.idempotent ? ['Idempotent-Replayed'] : []),
    ...writtenAt(route),
  );
  return {
    [String(route.status ?? 200)]: { description: route.summary, ...answerHeaders, content },
    ...(tagged && !route.derived && route.method === 'get'
      ? { '304': { description: 'What `If-None-Match` names is still the answer.', ...headersOf('ETag') } }
      : {}),
  };
}

function operation(route: AnyRoute): Json {
  const versioned = route.problems?.includes('stale_version');
  const parameters = [
    ...parametersOf(route.params, 'path'),
    ...parametersOf(route.query, 'query'),
    ...(versioned ? [ifMatch] : []),
    ...(route.idempotent ? [idempotencyKey] : []),
    ...(route.readsAfter ? [readAfter] : []),
    ...(route.breaksGlass ? [breakGlass] : []),
    ...(route.audit === 'none' ? [] : [purposeOfUse]),
  ];
  const refusals = Object.fromEntries(
    problemResponses(route).map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]),
  );
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, partOf(route), whoMay(route.permission)].filter(Boolean).join('\n\n'),
    ...(route.feature ? { 'x-feature': route.feature } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            // A missing body is read as `{}`.
            required: route.body.validate({}).error !== undefined,
            content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
          },
        }
      : {}),
    responses: { ...successOf(route), ...refusals },
    security: route.permission === 'public' ? [{}, { bearer: [] }] : [{ bearer: [] }],
  };
}

/**
 * `getPatient` answers with a `Patient`, `createPatient` takes a `CreatePatient`: names for what recurs. Of two that
 * are equal only the first is named, or each would be folded into a reference to the other.
 */
function componentsOf(routes: readonly AnyRoute[]): Record<string, Json> {
  const components: Record<string, Json> = { Problem: problemSchema };
  const add = (name: string, schema: Json): void => {
    if (!Object.values(components).some((known) => isDeepStrictEqual(known, schema)))
      components[name] = schema;
  };
  for (const { operationId, response, body } of routes) {
    const single = /^get([A-Z]\w*)$/.exec(operationId)?.[1];
    if (single && response) add(single, jsonSchema(response, 'output'));
    if (body) add(operationId[0]!.toUpperCase() + operationId.slice(1), jsonSchema(body, 'input'));
  }
  return components;
}

/** The OpenAPI 3.1 document of the routes. `version` is the API's own. */
export function openApiDocument(routes: readonly AnyRoute[], version: string): Json {
  const components = componentsOf(routes);
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = operation(route);
  }
  const schemas = Object.fromEntries(
    Object.entries(components).map(([name, schema]) => [name, fold(schema, components, name)]),
  );
  const codes = Object.entries(problems).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`,
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Smart Healthcare Management API',
      version,
      description: `Errors are problem+json (RFC 9457) with one of these codes:\n\n| code | status | meaning |\n|---|---|---|\n${codes.join('\n')}`,
    },
    servers: [{ url: apiPrefix }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: fold(paths, components),
    components: {
      schemas,
      responses: Object.fromEntries(
        routes.flatMap((route) => problemResponses(route).map(({ name, response }) => [name, response])),
      ),
      headers,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
