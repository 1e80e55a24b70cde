import { expect } from 'chai';
import type { AnyRoute } from '../../src/http/route.js';
import { roles } from '../../src/lib/actor.js';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { bodyWith, fieldsOf, groupsOf, mistakes, schemaOf, type Field } from '../support/bad-values.js';
import { addressOf, ask, nameOf, signOutLast } from '../support/routes.js';
import { stored } from '../support/stored.js';

type Errors = readonly { pointer: string; message: string }[];

/** What is wrong with a refusal, or undefined: it must be a 4xx problem+json without anything of our insides. */
function faultOf({ status, headers, body }: Answer, statuses: readonly number[] = [400]): string | undefined {
  const text = JSON.stringify(body) ?? '';
  if (!statuses.includes(status)) return `status ${status}, expected ${statuses.join(' or ')}`;
  if (headers.get('content-type') !== 'application/problem+json') return 'is not problem+json';
  if (body.status !== status || !body.code || !body.type || !body.title) return 'lacks a member';
  if (body.instance !== headers.get('x-request-id')) return 'does not name the request';
  if (/node_modules|\bat \S+ \(|\.ts:\d|Mongo|postgres/i.test(text))
    return `tells of our insides: ${text.slice(0, 300)}`;
  return undefined;
}

/** The fields that no error of the refusal names. Of a value that no store can hold, only the first is named. */
function unnamed({ body }: Answer, fields: readonly Field[], root: string): string[] {
  const pointers = ((body?.errors ?? []) as Errors).map(({ pointer }) => pointer);
  return fields
    .map(({ path }) => `/${[root, ...path].join('/')}`)
    .filter((wanted) => !pointers.some((pointer) => pointer === wanted || pointer.startsWith(`${wanted}/`)));
}

describe('bad input, over all routes', function () {
  this.timeout(180_000);
  let api: TestApi;
  let routes: readonly AnyRoute[];
  let withBody: readonly AnyRoute[];
  let before_: string;
  let wrong: string[] = [];

  const note = (what: string, fault: string | undefined): void => {
    if (fault) wrong.push(`${what}: ${fault}`);
  };

  before(async () => {
    api = await startApi();
    routes = signOutLast(api.system.parts.routes);
    withBody = routes.filter(({ body }) => body);
    for (const role of roles) await api.as(role);
    before_ = await stored(api);
  });
  beforeEach(() => void (wrong = []));
  afterEach('nothing was stored, nothing was polluted', async () => {
    expect(wrong.join('\n')).equal('');
    expect(await stored(api)).equal(before_);
    expect(Object.keys(Object.prototype)).deep.equal([]);
    expect(({} as Record<string, unknown>)['polluted']).equal(undefined);
  });
  after(() => api?.stop());

  for (const [mistake, valueOf] of Object.entries(mistakes)) {
    it(`QUAL-4: refuses ${mistake} in each body field, and names the field`, async () => {
      for (const route of withBody) {
        const fields = fieldsOf(schemaOf(route.body!)).filter(({ schema }) => valueOf(schema) !== undefined);
        // A refusal lists 50 mistakes: of several lists with too many items each, only the first would be named.
        for (const group of groupsOf(fields, mistake === 'too many items' ? 1 : 5)) {
          const answer = await ask(api, route, { body: bodyWith(group, valueOf) });
          note(`${nameOf(route)} ${group.map(({ path }) => path.join('.')).join(', ')}`, faultOf(answer));
          const forgotten = unnamed(answer, group, 'body');
          const isUnstorable = /NUL|surrogate|nested/.test(JSON.stringify(answer.body));
          if (isUnstorable ? forgotten.length === group.length : forgotten.length > 0)
            note(
              nameOf(route),
              `does not name ${forgotten.join(', ')}: ${JSON.stringify(answer.body?.errors)}`,
            );
        }
      }
    });
  }

  it('QUAL-4: refuses __proto__ and constructor, at the top and inside', async () => {
    for (const route of withBody) {
      const inside = fieldsOf(schemaOf(route.body!)).filter(({ schema }) => schema.properties);
      const bodies = [
        '{"__proto__":{"polluted":1}}',
        '{"constructor":{"prototype":{"polluted":1}}}',
        ...inside.map((field) =>
          JSON.stringify(bodyWith([field], () => 'HERE')).replace('"HERE"', '{"__proto__":{"polluted":1}}'),
        ),
      ];
      for (const raw of bodies) note(`${nameOf(route)} ${raw}`, faultOf(await ask(api, route, { raw })));
    }
  });

  it('refuses a body that is no JSON', async () => {
    for (const route of withBody)
      for (const raw of ['{', '{"a":1', 'null', '"text"', '[1,2', "{'a':1}", '{"a":NaN}', '\0', '<a/>']) {
        const answer = await ask(api, route, { raw });
        note(`${nameOf(route)} ${raw}`, faultOf(answer));
        if (answer.body?.code !== 'malformed_json')
          note(`${nameOf(route)} ${raw}`, String(answer.body?.code));
      }
  });

  it('refuses a list where an object belongs', async () => {
    for (const route of withBody)
      note(nameOf(route), faultOf(await ask(api, route, { raw: '[{"$gt":""}]' })));
  });

  it('S5: refuses every content type but JSON with 415', async () => {
    const others = {
      'text/plain': '{"name":"x"}',
      'application/x-www-form-urlencoded': 'email[$gt]=&password[$gt]=',
      'multipart/form-data; boundary=x':
        '--x\r\ncontent-disposition: form-data; name="name"\r\n\r\nx\r\n--x--',
      'application/xml': '<name>x</name>',
      'application/json-patch+json': '[]',
      '': '{"name":"x"}',
    };
    for (const route of withBody)
      for (const [type, raw] of Object.entries(others)) {
        const answer = await ask(api, route, { raw, headers: { 'content-type': type } });
        note(`${nameOf(route)} ${type}`, faultOf(answer, [415]));
      }
  });

  it('refuses a body over 100 KB with 413, also one that only unpacks to it', async () => {
    const { gzipSync } = await import('node:zlib');
    const large = JSON.stringify({ name: 'x'.repeat(200_000) });
    for (const route of withBody) {
      note(nameOf(route), faultOf(await ask(api, route, { raw: large }), [413]));
      const headers = { 'content-encoding': 'gzip' };
      const bomb = gzipSync(Buffer.alloc(20_000_000, ' '));
      note(`${nameOf(route)} gzip`, faultOf(await ask(api, route, { raw: bomb, headers }), [413]));
    }
  });

  it('S4: refuses a wrong value, an operator and a repetition of each query field, and names it', async () => {
    for (const route of routes.filter(({ query }) => query)) {
      for (const { path, schema } of fieldsOf(schemaOf(route.query!))) {
        const name = String(path[0]);
        const numeric = [schema.type].flat().some((type) => type === 'integer' || type === 'number');
        const values = [
          `${name}=`,
          `${name}=1&${name}=2`,
          `${name}[$ne]=1`,
          `${name}[]=1`,
          `${name}.$ne=1`,
          `${name}=%00`,
          `${name}=${'x'.repeat(8000)}`,
          ...(numeric
            ? [`${name}=abc`, `${name}=1e99`, `${name}=-1e99`, `${name}=NaN`, `${name}={"$gt":0}`]
            : []),
          ...(schema.enum ? [`${name}=no-such`] : []),
        ];
        for (const value of values) {
          const answer = await ask(api, route, { query: `?${value}` });
          const what = `${nameOf(route)}?${value.slice(0, 60)}`;
          // A format that there is not is 406, as it is by Accept.
          note(what, faultOf(answer, name === 'format' ? [400, 406] : [400]));
          const pointers = ((answer.body?.errors ?? []) as Errors).map(({ pointer }) => pointer);
          if (!pointers.some((pointer) => pointer.startsWith(`/query/${name}`)))
            note(what, `names ${pointers.join()}`);
        }
      }
    }
  });

  it('S4: refuses what is no id in the address', async () => {
    const ids = [
      '%24ne',
      '%00',
      'a%20b',
      '{"$gt":""}',
      '%ff',
      'x'.repeat(3000),
      '%E0%A4%A',
      "'%20or%201=1--",
      '-',
      '..%2f..%2fetc',
    ];
    for (const route of routes.filter(({ path }) => path.includes(':')))
      for (const id of ids) {
        const address = addressOf(route).replace('none-such', id);
        const token = route.permission === 'public' ? undefined : await api.as('admin');
        const answer = await api.request(route.method.toUpperCase(), address, {
          token,
          ...(route.body ? { body: {} } : {}),
        });
        note(`${nameOf(route)} ${id.slice(0, 20)}`, faultOf(answer, [400, 403, 404]));
      }
  });

  it('refuses an address or headers that are too long, in the same form', async () => {
    for (const route of routes) {
      const answer = await ask(api, route, { query: `?x=${'x'.repeat(20_000)}` });
      if (answer.status !== 431 || answer.body.code !== 'headers_too_large')
        note(nameOf(route), String(answer.status));
    }
  });
});
