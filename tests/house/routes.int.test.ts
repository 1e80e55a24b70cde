import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type Joi from 'joi';
import { openApiDocument } from '../../src/http/openapi.js';
import type { AnyRoute } from '../../src/http/route.js';
import { roles } from '../../src/lib/actor.js';
import { problems } from '../../src/lib/errors.js';
import { permissions } from '../../src/lib/permissions.js';
import { startApi, type TestApi } from '../support/api.js';
import { ask, addressOf, nameOf, signOutLast } from '../support/routes.js';

/** Who may use which route, written down a second time: a change of lib/permissions.ts or of a route shows here. */
const expected = JSON.parse(readFileSync('tests/house/roles.json', 'utf8')) as Record<string, string>;

/** Where what is asked for decides whether the role may: diagnoses name no doctor, appointments do. */
const questions: Readonly<Record<string, string>> = { 'GET /reports/disease-trends': '?basis=appointments' };

const whoMay = ({ permission }: AnyRoute): string =>
  permission === 'public' || permission === 'signed-in'
    ? permission
    : roles.filter((role) => (permissions[permission] as readonly string[]).includes(role)).join(' ');

describe('every route', function () {
  this.timeout(120_000);
  let api: TestApi;
  let routes: readonly AnyRoute[];

  before(async () => {
    api = await startApi();
    routes = api.system.parts.routes;
  });
  after(() => api?.stop());

  it('DOCS-1: is in the OpenAPI document once, under an operationId of its own', () => {
    const { paths } = openApiDocument(routes, '1') as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`),
    );
    const mounted = routes.map(
      ({ method, path, operationId }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${operationId}`,
    );
    expect(documented.sort()).deep.equal(mounted.sort());
    expect(new Set(routes.map(({ operationId }) => operationId)).size).equal(routes.length);
  });

  it('DOCS-1: gives examples that its own shapes take', () => {
    const wrong: string[] = [];
    let examples = 0;
    const walk = (schema: Joi.Schema, where: string): void => {
      const terms = schema.$_terms as {
        examples?: unknown[];
        keys?: { key: string; schema: Joi.Schema }[];
        items?: Joi.Schema[];
      };
      for (const example of terms.examples ?? []) {
        examples += 1;
        if (schema.validate(example).error) wrong.push(where);
      }
      for (const { key, schema: field } of terms.keys ?? []) walk(field, `${where}.${key}`);
      for (const item of terms.items ?? []) walk(item, `${where}[]`);
    };
    for (const route of routes)
      for (const part of ['params', 'query', 'body', 'response'] as const)
        if (route[part]) walk(route[part], `${nameOf(route)} ${part}`);
    expect(wrong).deep.equal([]);
    expect(examples).greaterThan(200);
  });

  it('has a permission, and exactly the roles that tests/house/roles.json says', () => {
    const found = Object.fromEntries(routes.map((route) => [nameOf(route), whoMay(route)]));
    expect(found).deep.equal(expected);
  });

  it('lets in the roles that may, and nobody else: 401 without a token, 403 with another role', async () => {
    const table: string[] = [];
    for (const role of ['anonymous', ...roles] as const) {
      const links = {
        doctor: async () => ({ doctor_id: (await api.make.doctor()).doctor_id as string }),
        patient: async () => ({ patient_id: (await api.make.patient()).patient_id as string }),
      }[role as string];
      const token = role === 'anonymous' ? undefined : (await api.make.account(role, await links?.())).token;
      for (const route of signOutLast(routes)) {
        const address = addressOf(route) + (questions[nameOf(route)] ?? '');
        const { status, body } = await api.request(route.method.toUpperCase(), address, {
          token,
          ...(route.body ? { body: {} } : {}),
        });
        const who = expected[nameOf(route)] ?? '';
        const open =
          who === 'public' ||
          (role !== 'anonymous' && (who === 'signed-in' || who.split(' ').includes(role)));
        const wanted = open ? 'neither 401 nor 403 nor 5xx' : role === 'anonymous' ? 401 : 403;
        // PAT-8: the doctor may ask, and this record is not of their patients.
        const closed = role === 'doctor' && body?.code === 'break_glass_needed' && route.breaksGlass;
        const right = open ? status < 500 && status !== 401 && (status !== 403 || closed) : status === wanted;
        if (!right) table.push(`${nameOf(route)} as ${role}: ${status} ${body?.code}, expected ${wanted}`);
      }
    }
    expect(table.join('\n')).equal('');
  });

  it('refuses a query field that it does not know, by its name', async () => {
    const wrong: string[] = [];
    for (const route of signOutLast(routes)) {
      const { status, body } = await ask(api, route, { query: '?no_such_field=1' });
      const pointers = (body?.errors ?? []).map((error: { pointer: string }) => error.pointer);
      const named = pointers.includes(route.query ? '/query/no_such_field' : '/query');
      if (status !== 400 || !named) wrong.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)}`);
    }
    expect(wrong.join('\n')).equal('');
  });

  it('refuses a body field that it does not know, and a body where it takes none', async () => {
    const wrong: string[] = [];
    for (const route of signOutLast(routes).filter(({ method }) => method !== 'get')) {
      const { status, body } = await ask(api, route, { body: { no_such_field: 1 } });
      const pointers = (body?.errors ?? []).map((error: { pointer: string }) => error.pointer);
      const named = pointers.includes(route.body ? '/body/no_such_field' : '/body');
      if (status !== 400 || !named) wrong.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)}`);
    }
    expect(wrong.join('\n')).equal('');
  });

  it('DOCS-3: documents a problem code only if there is one, and every code has a page', async () => {
    for (const code of Object.keys(problems)) {
      const { status, body } = await api.get(`//problems/${code}`);
      expect(status).equal(200);
      expect(body.code).equal(code);
    }
    expect((await api.get('//problems/constructor')).status).equal(404);
  });
});
