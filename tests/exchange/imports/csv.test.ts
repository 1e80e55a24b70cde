import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { findCsv, readRows, type CsvItem } from '../../../src/domains/exchange/imports/csv.js';
import { ImportFailure } from '../../../src/domains/exchange/imports/index.js';
import { makeDirectory, removeDirectories } from './files.js';

async function read(
  content: string | Uint8Array,
  columns = ['a', 'b'],
  name = 'x.csv',
): Promise<CsvItem<string>[]> {
  const items: CsvItem<string>[] = [];
  for await (const batch of readRows(join(makeDirectory({ [name]: content }), name), columns))
    items.push(...batch);
  return items;
}

const failureOf = async (work: () => unknown): Promise<Error> => {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
};

describe('reading CSV', () => {
  afterEach(removeDirectories);

  it('DBA-7: gives the asked columns by name, with the line each row starts on', async () => {
    expect(await read('b,c,a\n1,2,3\n\n4,,6\n')).to.deep.equal([
      { line: 2, row: { a: '3', b: '1' } },
      { line: 4, row: { a: '6', b: '4' } },
    ]);
  });

  it('DBA-7: reads CRLF, a byte order mark, no newline at the end, and gzip', async () => {
    const rows = [{ line: 2, row: { a: '1', b: 'é' } }];
    expect(await read('\uFEFFa,b\r\n1,é')).to.deep.equal(rows);
    expect(await read(gzipSync('a,b\n1,é\n'), ['a', 'b'], 'x.csv.gz')).to.deep.equal(rows);
  });

  it('DBA-7: keeps commas, quotes and line breaks of a quoted field', async () => {
    expect(await read('a,b\n"x, ""y""","1\n2"\nz,3\n')).to.deep.equal([
      { line: 2, row: { a: 'x, "y"', b: '1\n2' } },
      { line: 4, row: { a: 'z', b: '3' } },
    ]);
  });

  it('DBA-7: loses only the line whose quote is never closed', async () => {
    const good = Array.from({ length: 300 }, (_, index) => `${index},ok`);
    const items = await read(['a,b', 'x,"oops', ...good].join('\n'));
    expect(items[0]).to.deep.equal({ line: 2, rejected: 'broken quoting' });
    expect(items.slice(1).map((item) => 'row' in item && item.row['a'])).to.deep.equal(
      good.map((_, i) => `${i}`),
    );
  });

  it('DBA-7: loses only the two lines of two stray quotes', async () => {
    const items = await read('a,b\n1,"oops\n2,ok\n"3,oops\n4,ok\n');
    expect(items.map((item) => ('row' in item ? item.row['a'] : item.rejected))).to.deep.equal([
      'broken quoting',
      '2',
      'broken quoting',
      '4',
    ]);
  });

  it('DBA-7: rejects rows with too few or too many columns, a NUL, or bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a,b\n1\n1,2,3\n1,\0\n1,'),
      Buffer.from([0xff]),
      Buffer.from('\n1,2\n'),
    ]);
    expect(await read(bytes)).to.deep.equal([
      { line: 2, rejected: 'wrong number of columns' },
      { line: 3, rejected: 'wrong number of columns' },
      { line: 4, rejected: 'a NUL character' },
      { line: 5, rejected: 'not UTF-8' },
      { line: 6, row: { a: '1', b: '2' } },
    ]);
  });

  it('DBA-7: fails on a header without a column, an empty file and a broken gzip, and names the file', async () => {
    expect((await failureOf(() => read('a,c\n1,2\n'))).message).to.match(/x\.csv has no column b\./);
    expect((await failureOf(() => read(''))).message).to.match(/x\.csv is empty/);
    const half = gzipSync('a,b\n1,2\n'.repeat(1000)).subarray(0, 40);
    const failure = await failureOf(() => read(half, ['a', 'b'], 'x.csv.gz'));
    expect(failure).to.be.instanceOf(ImportFailure);
    expect(failure.message).to.match(/x\.csv\.gz/);
  });

  it('DBA-7: names a directory or a file that is missing', () => {
    expect(() => findCsv('/nowhere/at/all', 'x')).to.throw(
      ImportFailure,
      'There is no directory /nowhere/at/all.',
    );
    const directory = makeDirectory({});
    expect(() => findCsv(directory, 'x')).to.throw(
      ImportFailure,
      `There is no x.csv or x.csv.gz in ${directory}.`,
    );
  });

  it('DBA-7: reads back whatever a CSV writer wrote', async () => {
    const cell = fc
      .string({ unit: fc.constantFrom('a', 'é', '漢', ',', '"', '\n', ' ', ';', "'") })
      .filter((text) => text.split('\n').length < 20);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constant('id'), cell, cell), { maxLength: 40 }), async (rows) => {
        const items = await read(stringify([['id', 'a', 'b'], ...rows]), ['id', 'a', 'b']);
        const values = items.map((item) => 'row' in item && Object.values(item.row));
        expect(values).to.deep.equal(rows);
      }),
      { numRuns: 60 },
    );
  });
});
