import { expect } from 'chai';
import type { AnyRoute } from '../../src/http/route.js';
import { roles } from '../../src/lib/actor.js';
import { startApi, type TestApi } from '../support/api.js';
import { ask, nameOf, signOutLast } from '../support/routes.js';
import { stored } from '../support/stored.js';

/* Bytes that are not UTF-8 are refused wherever they come in, and nothing that is stored gains U+FFFD. */

/** Broken in each way that UTF-8 can be: alone, cut off, too long, a surrogate, beyond the last plane. */
const broken: readonly (readonly number[])[] = [
  [0xe9],
  [0x80],
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
];
const escaped = (bytes: readonly number[]): string =>
  bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

describe('bytes that are no text', function () {
  this.timeout(120_000);
  let api: TestApi;
  let routes: readonly AnyRoute[];
  let before_: string;
  const wrong: string[] = [];
  before(async () => {
    api = await startApi();
    routes = signOutLast(api.system.parts.routes);
    for (const role of roles) await api.as(role);
    before_ = await stored(api);
  });
  afterEach('nothing was stored', async () => {
    expect(wrong.splice(0)).deep.equal([]);
    expect(await stored(api)).equal(before_);
  });
  after(() => api?.stop());

  const note = (
    what: string,
    { status, body }: { status: number; body: { code?: string } },
    code: string,
  ): void => {
    if (body?.code !== code) wrong.push(`${what}: ${status} ${body?.code}`);
  };

  it('QUAL-4: refuses a body that is not UTF-8 on every route that takes one', async () => {
    for (const [at, route] of routes.filter(({ body }) => body).entries()) {
      const bytes = broken[at % broken.length]!;
      const raw = Buffer.concat([Buffer.from('{"name":"Jos'), Buffer.from(bytes), Buffer.from('","age":3}')]);
      note(nameOf(route), await ask(api, route, { raw }), 'malformed_text');
    }
  });

  it('QUAL-4: refuses each way in which UTF-8 can be broken, and half of a surrogate pair', async () => {
    const token = await api.as('admin');
    for (const bytes of broken) {
      const raw = Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]);
      note(escaped(bytes), await api.post('/patients', { token, raw }), 'malformed_text');
      note(escaped(bytes), await api.get(`/patients?q=a${escaped(bytes)}`, { token }), 'malformed_text');
      note(escaped(bytes), await api.get(`/patients/P${escaped(bytes)}`, { token }), 'malformed_text');
      note(escaped(bytes), await api.get(`/patients?${escaped(bytes)}=1`, { token }), 'malformed_text');
    }
    for (const half of ['\\ud800', '\\udc00', '\\ud800a', '\\udc00\\ud800'])
      note(
        half,
        await api.post('/patients', { token, raw: `{"name":"${half}","age":3}` }),
        'invalid_request',
      );
  });

  it('S5: refuses another charset with 415 on every route that takes a body', async () => {
    const charsets = ['utf-16', 'iso-8859-1', '"windows-1252"', 'UTF-7', 'shift_jis'];
    for (const [at, route] of routes.filter(({ body }) => body).entries()) {
      const headers = { 'content-type': `application/json; charset=${charsets[at % charsets.length]}` };
      note(nameOf(route), await ask(api, route, { raw: '{}', headers }), 'unsupported_media_type');
    }
  });

  it('QUAL-4: refuses them in a query and in the address of every route', async () => {
    for (const [at, route] of routes.entries()) {
      const bytes = escaped(broken[at % broken.length]!);
      note(nameOf(route), await ask(api, route, { query: `?q=${bytes}` }), 'malformed_text');
    }
  });

  it('QUAL-4: refuses a form whose text is not UTF-8, escaped or not, and one in another charset', async () => {
    const post = async (path: string, body: Uint8Array | string, charset = ''): Promise<number> => {
      const headers = {
        'content-type': `application/x-www-form-urlencoded${charset}`,
        ...{ origin: api.url, 'sec-fetch-site': 'same-origin' },
      };
      const { status } = await fetch(api.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body: body as string,
      });
      return status;
    };
    for (const path of ['/sign-in', '/register']) {
      for (const bytes of broken) {
        const plain = Buffer.concat([Buffer.from('name=Jos'), Buffer.from(bytes)]);
        expect(await post(path, plain), `${path} ${escaped(bytes)}`).equal(400);
        expect(await post(path, `name=Jos${escaped(bytes)}`), `${path} ${escaped(bytes)}`).equal(400);
      }
      expect(await post(path, 'name=Jose', '; charset=iso-8859-1')).equal(415);
    }
  });

  it('QUAL-4: takes UTF-8 with its name, with a byte order mark, and escaped', async () => {
    const token = await api.as('admin');
    for (const [raw, type] of [
      ['{"name":"José 𝒳","age":3}', 'application/json; charset=UTF-8'],
      ['\ufeff{"name":"José 𝒳","age":3}', 'application/json'],
      ['{"name":"Jos\\u00e9 \\ud835\\udcb3","age":3}', 'application/json; charset="utf-8"'],
    ] as const) {
      const { status, body } = await api.post('/patients', { token, raw, headers: { 'content-type': type } });
      expect({ status, name: body.name }).deep.equal({ status: 201, name: 'José 𝒳' });
      await api.delete(`/patients/${body.patient_id}`, { token });
    }
    expect((await api.get('/patients?q=100%', { token })).status).equal(200);
    before_ = await stored(api);
  });
});
