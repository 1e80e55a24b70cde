import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { parse } from 'yaml';
import { askedAgain, postmanCollection, type Document } from '../../scripts/postman.js';
import { openApiDocument } from '../../src/http/openapi.js';
import { problems } from '../../src/lib/errors.js';
import { startApi, type TestApi } from '../support/api.js';
import { runTour } from '../support/tour.js';
import { testPassword } from '../support/make.js';

const run = promisify(execFile);
const collectionFile = 'postman/SmartHealthcare.postman_collection.json';

interface Answer {
  readonly headers?: Record<string, unknown>;
}

interface Operation {
  readonly parameters?: { name: string; in: string; schema: { examples?: unknown[]; enum?: unknown[] } }[];
  readonly responses: Record<string, Answer>;
  readonly description: string;
  readonly summary: string;
}

const document = () =>
  parse(readFileSync('docs/openapi.yaml', 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
    info: { description: string };
    components: { responses: Record<string, Answer> };
  };

describe('what is generated', function () {
  this.timeout(60_000);

  it('DOCS-1: is not stale (npm run generate)', async () => {
    const child = run(process.execPath, [
      '--import',
      'tsx',
      'scripts/generate-documents.ts',
      '--check',
      '--json',
    ]);
    const { stdout } = await child.catch((error: { stdout: string }) => error);
    expect(JSON.parse(stdout)).deep.equal({ stale: [] });
  });

  it('DOCS-1: has no two paths that differ in the names of their parameters only', () => {
    const shapes = Object.keys(document().paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    expect(new Set(shapes).size).equal(shapes.length);
  });

  it('DOCS-1: is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(document());
    expect(errors).equal(undefined);
    expect(valid).equal(true);
  });

  it('DOCS-1: resolves all of its references, and none of them runs in a circle', () => {
    const whole = document() as unknown as Record<string, unknown>;
    const resolve = (reference: string): unknown =>
      reference
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], whole);
    const walk = (node: unknown, open: readonly string[]): void => {
      if (typeof node !== 'object' || node === null) return;
      const reference = (node as { $ref?: string }).$ref;
      if (reference) {
        expect(open, reference).not.to.include(reference);
        const target = resolve(reference);
        expect(target, reference).to.be.an('object');
        walk(target, [...open, reference]);
        return;
      }
      for (const child of Object.values(node)) walk(child, open);
    };
    walk(whole['paths'], []);
  });

  it('DOCS-1: documents success and refusals of every operation, and who may ask', () => {
    for (const [path, methods] of Object.entries(document().paths))
      for (const [method, { responses, description, summary }] of Object.entries(methods)) {
        const statuses = Object.keys(responses);
        const what = `${method} ${path}`;
        expect(
          statuses.some((status) => status.startsWith('2')),
          what,
        ).equal(true);
        expect(statuses, what).to.include.members(['400', '401', '500', '503']);
        if (path.includes('{')) expect(statuses, what).to.include('404');
        expect(summary, what).to.match(/^\S.*[^.]$/);
        expect(description, what).to.match(/(Anyone|Roles: .*)\.$|Anyone who is signed in\.$/);
      }
  });

  it('DOCS-1: gives an example of every id, and of every parameter in an address', () => {
    for (const [path, methods] of Object.entries(document().paths))
      for (const [method, { parameters = [] }] of Object.entries(methods))
        for (const { name, in: place, schema } of parameters)
          if (place === 'path' || name.endsWith('_id'))
            expect(schema.examples ?? schema.enum, `${method} ${path} ${name}`).to.be.an('array');
  });

  it('DOCS-1: tells the headers of a limit and of a page, and that what is unchanged is a 304', () => {
    const { paths, components } = document();
    const headersOf = (path: string, status: string) =>
      Object.keys(paths[path]!['get']!.responses[status]!.headers ?? {});
    expect(headersOf('/patients', '200')).to.include('Link');
    expect(headersOf('/patients/{patient_id}', '200')).to.include('ETag');
    for (const path of ['/hospitals/{hospital_id}', '/reports/top-doctors'])
      expect(headersOf(path, '304'), path).deep.equal(['ETag']);
    expect(paths['/patients/{patient_id}']!['get']!.responses).to.not.have.property('304');
    const limited = Object.entries(components.responses).find(([name]) => name === 'TooManyRequests')!;
    expect(Object.keys(limited[1].headers!)).to.include.members(['Retry-After', 'RateLimit-Reset']);
  });

  it('DOCS-3: lists every problem code', () => {
    const { description } = document().info;
    for (const code of Object.keys(problems)) expect(description).to.include(`| \`${code}\` |`);
  });

  it('writes patterns that other languages read too', () => {
    const patterns = readFileSync('docs/openapi.yaml', 'utf8').match(/pattern: .*/g) ?? [];
    expect(patterns.length).greaterThan(10);
    // Named groups, look-behind and \p{…} differ between JavaScript, Python and Java.
    expect(patterns.filter((pattern) => /\(\?<|\\p\{|\\u|\\c/.test(pattern))).deep.equal([]);
  });
});

describe('the Postman collection', function () {
  this.timeout(60_000);
  let api: TestApi;
  before(async () => void (api = await startApi()));
  after(() => api?.stop());

  it('DOCS-2: has a folder for each tag and a request for each route', () => {
    const { item } = JSON.parse(readFileSync(collectionFile, 'utf8')) as {
      item: { name: string; item: { request: { method: string; url: { path: string[] } } }[] }[];
    };
    const requests = item
      .filter(({ name }) => name !== 'Tour' && name !== 'Roles')
      .flatMap((folder) => folder.item)
      .map(({ request }) => `${request.method} /${request.url.path.join('/')}`);
    const routes = api.system.parts.routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(requests.sort()).deep.equal(routes.sort());
  });

  it('DOCS-2: runs its tour from login to report', async () => {
    const { email } = await api.make.account('manager');
    const { failures, requests } = await runTour(api.url, { email, password: testPassword });
    expect(failures).deep.equal([]);
    expect(requests).to.have.length(10);
  });

  it('DOCS-2: runs from end to end, and no request of it is refused for its token', async () => {
    const { doctor_id } = await api.make.doctor();
    const { patient_id } = await api.make.patient();
    const [manager, admin, doctor, patient] = await Promise.all([
      api.make.account('manager'),
      api.make.account('admin'),
      api.make.account('doctor', { doctor_id }),
      api.make.account('patient', { patient_id }),
    ]);
    const { allRoutes } = api.system.parts;
    const collection = postmanCollection(openApiDocument(allRoutes, '1') as unknown as Document);
    const emails = {
      ...{ email: manager.email, admin_email: admin.email },
      ...{ doctor_email: doctor.email, patient_email: patient.email },
    };
    const values = { ...emails, password: testPassword };
    const { failures, requests } = await runTour(api.url, values, collection as object);
    expect(failures).deep.equal([]);
    expect(requests).to.have.length(10 + 3 + allRoutes.length);
    const refused = requests.filter((request) => /40[13]$/.test(request));
    const askAgain = allRoutes.filter(({ operationId }) => askedAgain.includes(operationId));
    expect(refused).to.have.members([
      'The token is dead 401',
      ...askAgain.map(({ summary }) => `${summary} 401`),
    ]);
  });
});
