import { spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv } from '../../src/domains/reports/formats/csv.js';
import type { Column, ColumnType, Row } from '../../src/domains/reports/engine/reports.types.js';

const column = (name: string, type: ColumnType): Column => ({ name, type, title: name, description: name });
const columns = [column('name', 'text'), column('days', 'days'), column('cost', 'money')];

/** What others read of it: Python's own csv module; csv-parse where there is no Python. */
function readByAnother(files: readonly string[]): string[][][] {
  const script =
    'import csv,io,json,sys\nprint(json.dumps([list(csv.reader(io.StringIO(f,newline=""),strict=True)) for f in json.load(sys.stdin)]))';
  const ran = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(files),
    maxBuffer: 2 ** 28,
    timeout: 60_000,
  });
  if (ran.error) return files.map((file) => parse(file));
  expect(ran.status, String(ran.stderr)).to.equal(0);
  return JSON.parse(String(ran.stdout)) as string[][][];
}

const starters = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '﹢', '﹣', '﹦', '﹫'];
const before = [
  '',
  ' ',
  '\u00a0',
  '\u200b',
  '\ufeff ',
  'Flu\n',
  'Flu\r',
  'Flu\r\n ',
  'Flu\u2028',
  'Flu\n\n\t',
];
const looksLikeFormula = /(^|[\r\n\u2028\u2029])(?:(?![\r\n])[\p{Zs}\p{Cf}\p{Cc}])*[=+\-@＝＋－＠﹢﹣﹦﹫]/u;

describe('toCsv', () => {
  it('SEC-1: no text begins like a formula, nor does a line in it; figures stay figures, also below zero', async () => {
    const names = before.flatMap((start) => starters.map((sign) => `${start}${sign}cmd|' /C calc'!A0`));
    const csv = await text(
      toCsv(
        columns,
        names.map((name) => ({ name, days: -3, cost: '0.50' })),
      ),
    );
    const [[, ...lines]] = readByAnother([csv]) as [string[][]];
    expect(lines).to.have.length(names.length);
    for (const [at, [name, ...figures]] of lines.entries()) {
      expect(name, JSON.stringify(names[at])).not.to.match(looksLikeFormula);
      expect(name).not.to.match(/^[\t\r\n]/);
      expect(figures).to.deep.equal(['-3', '0.50']);
    }
    // Not even to what reads line by line and knows of no quotes.
    for (const line of csv.split(/[\r\n\u2028\u2029]+/)) expect(line).not.to.match(looksLikeFormula);
  });

  it('SEC-1: the disease that a patient sent stands in its own cell, in quotes', async () => {
    const name = `Flu\n=cmd|' /C calc'!A0`;
    const csv = await text(toCsv(columns, [{ name, days: 1, cost: '1.00' }]));
    expect(csv).to.equal(`name,days,cost\r\n"Flu\n'=cmd|' /C calc'!A0",1,1.00\r\n`);
  });

  it('SEC-1: any text of people comes back in as many rows and columns as there are, and is in quotes', async function () {
    this.timeout(30_000);
    const types: ColumnType[] = ['text', 'month', 'count', 'decimal', 'money', 'days', 'rate'];
    const nasty = fc.constantFrom(...starters, ...before, '"', '""', ',', ';', '\r\n', "'", '\u0000', '💉');
    const words = fc.array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 6 });
    const value = fc.oneof(
      words.map((parts) => parts.join('')),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant('-12.50'),
      fc.constant(null),
    );
    const file = fc
      .array(fc.constantFrom(...types), { minLength: 2, maxLength: 5 })
      .chain((of) =>
        fc
          .array(fc.array(value, { minLength: of.length, maxLength: of.length }), { maxLength: 6 })
          .map((rows) => ({ of, rows })),
      );
    const samples = fc.sample(file, { numRuns: 1_000, seed: 7 });
    const files = await Promise.all(
      samples.map(({ of, rows }) =>
        text(
          toCsv(
            of.map((type, at) => column(`c${at}`, type)),
            rows.map((cells): Row => Object.fromEntries(cells.map((one, at) => [`c${at}`, one]))),
          ),
        ),
      ),
    );
    // Python ends a text at a NUL in some of its versions.
    const read = readByAnother(files.map((one) => one.replaceAll('\u0000', '')));
    for (const [index, { of, rows }] of samples.entries()) {
      const [header, ...lines] = read[index]!;
      expect(header).to.deep.equal(of.map((_, at) => `c${at}`));
      expect(lines).to.have.length(rows.length);
      for (const [at, cells] of lines.entries()) {
        expect(cells).to.have.length(of.length);
        for (const [n, cell] of cells.entries()) {
          const given = rows[at]![n];
          const isFigure = !/text|month/.test(of[n]!) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(given));
          if (isFigure) expect(Number(cell)).to.equal(Number(given));
          else expect(cell, JSON.stringify(given)).not.to.match(looksLikeFormula);
        }
      }
    }
  });

  it('REP-6: harmless text comes back to the letter, in RFC 4180 lines; what is missing is empty', async () => {
    const plain = fc
      .string({ unit: 'binary', maxLength: 20 })
      .filter((name) => !looksLikeFormula.test(name) && !/^[\t\r\n]/.test(name));
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { maxLength: 5 }), async (names) => {
        const rows = names.map((name) => ({ name, days: null, cost: null }));
        const csv = await text(toCsv(columns, rows));
        expect(csv.startsWith('name,days,cost\r\n')).to.equal(true);
        expect(parse(csv, { from_line: 2 })).to.deep.equal(names.map((name) => [name, '', '']));
      }),
    );
  });

  it('REP-6: a formula behind a semicolon stays inside its cell, where a semicolon separates', async () => {
    const csv = await text(toCsv(columns, [{ name: 'Cough;=1+1', days: 1, cost: '1.00' }]));
    expect(csv.split('\r\n')[1]).to.equal('"Cough;=1+1",1,1.00');
  });

  it('REP-11: the word for a figure that is hidden is text', async () => {
    const csv = await text(toCsv(columns, [{ name: 'A', days: 'hidden', cost: 'hidden' }]));
    expect(csv.split('\r\n')[1]).to.equal('"A","hidden","hidden"');
  });

  it('REP-6: is a stream that waits for its reader', async () => {
    let read = 0;
    const rows = Array.from({ length: 20_000 }, (_, n) =>
      Object.defineProperty({ days: n, cost: '1.00' }, 'name', {
        get: () => ((read += 1), `row ${n}`),
      }),
    );
    const stream = toCsv(columns, rows);
    const chunks: string[] = [];
    for await (const chunk of stream) {
      if (chunks.length === 0) expect(read).to.be.lessThan(5_000);
      chunks.push(String(chunk));
    }
    expect(chunks.join('').trimEnd().split('\r\n')).to.have.length(20_001);
  });
});
