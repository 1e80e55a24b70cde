/*
 * The Postman collection, from the OpenAPI document: a folder "Tour" that runs from login to report, then a folder for
 * each tag. Written by ourselves: openapi-to-postmanv2 fills its requests by chance, so that no two runs are equal, and
 * all that it writes would have to be taken out again.
 */
import { demoAccount } from '../src/demo.js';
import type { Role } from '../src/lib/actor.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly tags: readonly [string];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

export interface Document {
  readonly info: { readonly title: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const byFormat: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T09:30:00Z',
  email: 'someone@example.com',
};

/** A value of the schema to begin from: its example, its default, the first of its list, or one that shows the type. */
function sample(schema: Schema, document: Document): unknown {
  if (schema.$ref) return sample(document.components.schemas[schema.$ref.split('/').at(-1)!]!, document);
  const given = schema.examples?.[0] ?? schema.default ?? schema.enum?.[0];
  if (given !== undefined || schema.default === null) return given ?? null;
  if (schema.anyOf) return sample(schema.anyOf[0]!, document);
  const type = [schema.type].flat()[0];
  if (type === 'object') {
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, sample(field, document)]));
  }
  if (type === 'array') return schema.items ? [sample(schema.items, document)] : [];
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(1, schema.minimum ?? 1);
  return byFormat[schema.format ?? ''] ?? 'text';
}

const bearer = (token: string) => ({
  type: 'bearer',
  bearer: [{ key: 'token', value: `{{${token}}}`, type: 'string' }],
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const json = { raw: { language: 'json' } };
const bodyOf = (value: unknown) => ({ mode: 'raw', raw: JSON.stringify(value, null, 2), options: json });

/** Whose token a request is sent with: the first of these that may ask. `token` is that of the tour, a manager's. */
const askers: readonly (readonly [role: Role, token: string])[] = [
  ['manager', 'token'],
  ['admin', 'admin_token'],
  ['doctor', 'doctor_token'],
  ['patient', 'patient_token'],
];

function tokenFor({ operationId, description }: Operation): string {
  // Its own session, which the request before it has begun: the token of all others stays alive.
  if (operationId === 'logout') return 'spare_token';
  const may = /Roles: ([a-z, ]+)\.$/.exec(description)?.[1]?.split(', ');
  return askers.find(([role]) => !may || may.includes(role))?.[1] ?? 'token';
}

/** Bodies that no schema knows: what this collection has from its own sign-ins. */
const knownBodies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  login: { email: '{{email}}', password: '{{password}}' },
  beginSecondFactor: { password: '{{password}}' },
  refresh: { refresh_token: '{{refresh_token}}' },
  createPrescription: { doctor_id: '{{doctor_id}}' },
};

const remember = (token: string): string[] => [
  'const answer = pm.response.json();',
  `if (answer.access_token) pm.collectionVariables.set('${token}', answer.access_token);`,
  `if (answer.refresh_token) pm.collectionVariables.set('refresh_token', answer.refresh_token);`,
  `if (answer.user?.doctor_id) pm.collectionVariables.set('doctor_id', answer.user.doctor_id);`,
];

const script = (...exec: string[]) => [{ listen: 'test', script: { type: 'text/javascript', exec } }];

const statusIs = (status: number): string =>
  `pm.test('answers ${status}', () => pm.response.to.have.status(${status}));`;

/** They ask again who it is, by a password or a code in the body, which an example cannot know: answered by a 401, too. */
export const askedAgain: readonly string[] = [
  'loginByCode',
  'confirmSecondFactor',
  'renewRecoveryCodes',
  'stepUp',
  'disableSecondFactor',
  'changePassword',
];

/**
 * The ids of the examples name nothing, so a refusal for that is as good as success: any documented status is expected, but
 * for those that say the token or the server is wrong.
 */
function statusIsExpected({ operationId, responses }: Operation): string {
  const unexpected = askedAgain.includes(operationId) ? /^(403|429|5..)$/ : /^(401|403|429|5..)$/;
  const codes = Object.keys(responses).filter((code) => !unexpected.test(code));
  return `pm.test('answers as documented', () => pm.expect(pm.response.code).to.be.oneOf([${codes.join(', ')}]));`;
}

function requestItem(method: string, path: string, operation: Operation, document: Document) {
  const parameters = operation.parameters ?? [];
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, required, schema }) => ({
      key: name,
      value: textOf(sample(schema, document)),
      disabled: required !== true,
    }));
  const variable = parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => ({ key: name, value: '' }));
  const header = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name }) => ({ key: name, value: '"v1"', disabled: true }));
  const body = operation.requestBody?.content['application/json'].schema;
  const given = body && (sample(body, document) as object);
  const token = tokenFor(operation);
  const keeps = operation.operationId === 'login' || operation.operationId === 'refresh';
  return {
    name: operation.summary,
    event: script(statusIsExpected(operation), ...(keeps ? remember('spare_token') : [])),
    request: {
      ...(token === 'token' ? {} : { auth: bearer(token) }),
      method: method.toUpperCase(),
      description: operation.description,
      header: body ? [{ key: 'Content-Type', value: 'application/json' }, ...header] : header,
      url: {
        host: ['{{baseUrl}}'],
        path: path
          .slice(1)
          .split('/')
          .map((step) => step.replace(/^\{(.*)\}$/, ':$1')),
        ...(query.length > 0 ? { query } : {}),
        ...(variable.length > 0 ? { variable } : {}),
      },
      ...(given ? { body: bodyOf({ ...given, ...knownBodies[operation.operationId] }) } : {}),
    },
  };
}

/** A step of the tour: `path` with its query, as it is typed. */
function step(name: string, method: string, path: string, tests: readonly string[], body?: unknown) {
  const [address = '', search = ''] = path.slice(1).split('?');
  const query = [...new URLSearchParams(search)].map(([key, value]) => ({ key, value }));
  return {
    name,
    event: script(...tests),
    request: {
      method,
      header: body === undefined ? [] : [{ key: 'Content-Type', value: 'application/json' }],
      url: {
        host: ['{{baseUrl}}'],
        path: address.split('/'),
        ...(query.length > 0 ? { query } : {}),
      },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
    },
  };
}

/** Keeps the token, for all requests that are sent with it. */
const signIn = (name: string, email = 'email', token = 'token') =>
  step(name, 'POST', '/auth/login', [statusIs(200), ...remember(token)], {
    email: `{{${email}}}`,
    password: '{{password}}',
  });

const otherRoles = ['admin', 'doctor', 'patient'] as const;
const signIns = otherRoles.map((role) => signIn(`Sign in as ${role}`, `${role}_email`, `${role}_token`));

/** From login to report and out again, as a manager, and in once more; `npm start` prints the account. */
function tour() {
  const rows = [
    statusIs(200),
    "pm.test('has rows', () => pm.expect(pm.response.json().rows).to.be.an('array'));",
  ];
  const reports = {
    'Top doctors of 2025': '/reports/top-doctors?from=2025-01-01&to=2026-01-01&by=patients&limit=5',
    'How long diseases are treated': '/reports/disease-trends?from=2025-01-01&to=2026-01-01',
    'Appointments by month': '/reports/monthly-appointments-trend?year=2025',
    'Average prescription cost by disease':
      '/reports/average-prescription-cost?from=2025-01-01&to=2026-01-01',
  };
  return [
    signIn('Sign in'),
    ...Object.entries(reports).map(([name, path]) => step(name, 'GET', path, rows)),
    step('The hospitals', 'GET', '/hospitals?limit=5', [statusIs(200)]),
    step('An unknown parameter is refused by name', 'GET', '/reports/top-doctors?form=2025-01-01', [
      statusIs(400),
      "pm.test('names it', () => pm.expect(pm.response.json().errors.map((e) => e.pointer)).to.include('/query/form'));",
    ]),
    step('Sign out', 'POST', '/auth/logout', [statusIs(204)]),
    step('The token is dead', 'GET', '/reports/top-doctors', [statusIs(401)]),
    signIn('Sign in again, for the folders below'),
  ];
}

/** A Postman collection (format 2.1) of the document. Equal documents give equal collections. */
export function postmanCollection(document: Document): unknown {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const folders = document.tags.map(({ name }) => ({
    name,
    item: operations
      .filter(({ operation }) => operation.tags[0] === name)
      .map(({ method, path, operation }) => requestItem(method, path, operation, document)),
  }));
  const { email, password } = demoAccount('manager');
  const variables = {
    baseUrl: 'http://127.0.0.1:5000/api',
    email,
    password,
    ...Object.fromEntries(otherRoles.map((role) => [`${role}_email`, demoAccount(role).email])),
    ...Object.fromEntries(askers.map(([, token]) => [token, ''])),
    ...{ spare_token: '', refresh_token: '', doctor_id: '' },
  };
  return {
    info: {
      name: document.info.title,
      description:
        'Generated by npm run generate. Run the folders "Tour" and "Roles" first: they sign in and keep the tokens that the ' +
        'others are sent with. A request that is refused for its token fails.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: bearer('token'),
    variable: Object.entries(variables).map(([key, value]) => ({ key, value })),
    item: [{ name: 'Tour', item: tour() }, { name: 'Roles', item: signIns }, ...folders],
  };
}
