import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { startApi, type Answer, type TestApi } from '../support/api.js';
import { stored } from '../support/stored.js';
import { size } from '../support/size.js';

/* Other people's lists of what breaks things; tests/vectors/PROVENANCE.md says whose. */

/** The files of a tar archive, by name: 512-byte headers, each followed by its file, padded to 512. */
function untar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; archive[at];) {
    const name = archive.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(archive.toString('utf8', at + 124, at + 136), 8);
    files.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const bodies = [...untar(gunzipSync(readFileSync('tests/vectors/JSONTestSuite_test_parsing.tar.gz')))]
  .filter(([name]) => name.endsWith('.json'))
  .map(([name, body]) => ({ name: name.split('/').at(-1)!, body }));
const naughty = JSON.parse(readFileSync('tests/vectors/blns.json', 'utf8')) as string[];
const injections = readFileSync('tests/vectors/nosql_payloads.txt', 'utf8').split('\n').filter(Boolean);

/** Runs `work` on all items, a few at a time. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

/** Each text goes to one of two routes, unless there is time for both. */
const someOf = <T>(texts: readonly T[], turn: number): readonly T[] =>
  size({ usual: texts.filter((_, index) => index % 2 === turn), long: texts });

const isRefusal = ({ status, headers, body }: Answer): boolean =>
  status >= 400 &&
  status < 500 &&
  headers.get('content-type') === 'application/problem+json' &&
  !/node_modules|\.ts:\d/.test(JSON.stringify(body));

describe('what others know to break things', function () {
  this.timeout(120_000);
  let api: TestApi;
  let token: string;

  before(async () => {
    api = await startApi();
    token = await api.as('admin');
  });
  after(() => api?.stop());

  it('is all here', () => {
    const countOf = (kind: string): number => bodies.filter(({ name }) => name.startsWith(kind)).length;
    expect(['y_', 'n_', 'i_'].map(countOf)).deep.equal([95, 188, 35]);
    expect(naughty).to.have.length(515);
    expect(injections).to.have.length(22);
  });

  for (const path of ['/hospitals', '/patients', '/auth/login']) {
    it(`QUAL-3: the JSON test suite as the body of POST ${path}: refused, stored nowhere`, async () => {
      const before_ = await stored(api);
      await each(bodies, async ({ name, body }) => {
        const answer = await api.post(path, { token: path === '/auth/login' ? undefined : token, raw: body });
        expect(isRefusal(answer), `${name}: ${answer.status} ${JSON.stringify(answer.body)}`).equal(true);
        if (name.startsWith('n_'))
          expect(answer.body.code, name).to.be.oneOf([
            'malformed_json',
            'malformed_text',
            'invalid_request',
            'body_too_large',
          ]);
      });
      expect(await stored(api)).equal(before_);
    });
  }

  it('a naughty string as the name and address of a hospital: refused by name, or given back to the letter', async () => {
    const counts = { stored: 0, refused: 0 };
    const texts = someOf([...naughty.entries()], 0);
    await each(texts, async ([index, text]) => {
      const made = await api.post('/hospitals', {
        token,
        body: { hospital_id: `N${index}`, name: `${text} `, region: 'Naughty', address: text },
      });
      if (made.status === 201) {
        counts.stored += 1;
        const { body } = await api.get(`/hospitals/N${index}`);
        expect(body, text).to.include({ name: `${text} `, address: text });
        return;
      }
      counts.refused += 1;
      expect(isRefusal(made), `${text}: ${made.status}`).equal(true);
      expect(made.body.errors[0].pointer, text).to.match(/^\/body\/(name|address)$/);
    });
    expect(counts.stored).greaterThan(texts.length * 0.9);
    expect(counts.stored + counts.refused).equal(texts.length);
  });

  it('a naughty string as the name, disease and address of a patient: refused by name, or given back to the letter', async () => {
    let kept = 0;
    const texts = someOf([...naughty.entries()], 1);
    await each(texts, async ([index, text]) => {
      const contact = { address: text };
      const body = { patient_id: `N${index}`, name: text, age: 40, diseases: [text], contact };
      const made = await api.post('/patients', { token, body });
      if (made.status !== 201) {
        expect(isRefusal(made), `${text}: ${made.status}`).equal(true);
        expect(made.body.errors[0].pointer, text).to.match(/^\/body\/(name|diseases\/0|contact\/address)$/);
        return;
      }
      kept += 1;
      const { body: patient } = await api.get(`/patients/N${index}`, { token });
      expect([patient.name, patient.diseases, patient.contact.address]).deep.equal([text, [text], text]);
    });
    expect(kept).greaterThan(texts.length * 0.87);
  });

  it('a naughty string or an injection in a search finds nothing and breaks nothing', async () => {
    const searches = [
      '/hospitals?region=',
      '/patients?q=',
      '/patients?disease=',
      '/patients?sort=',
      '/doctors?q=',
    ];
    await each([...[...injections, ...naughty].entries()], async ([index, text]) => {
      const value = encodeURIComponent(text.toWellFormed());
      const own = [searches[index % searches.length]!];
      for (const search of size({ usual: own, long: searches })) {
        const { status } = await api.get(search + value, { token });
        expect(status, `${search}${text}`).to.be.oneOf([200, 400, 431]);
      }
    });
  });

  it('S4: an injection signs nobody in, and is no id', async () => {
    const before_ = await stored(api);
    for (const payload of injections) {
      const fields = [payload, { $ne: payload }, { [payload]: 1 }];
      for (const field of fields) {
        const answer = await api.post('/auth/login', { body: { email: field, password: field } });
        expect(answer.status, payload).to.be.oneOf([400, 401]);
      }
      const answer = await api.get(`/patients/${encodeURIComponent(payload)}`, { token });
      expect(answer.status, payload).to.be.oneOf([400, 404]);
    }
    expect(await stored(api)).equal(before_);
  });
});
