import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv } from '../../src/domains/reports/formats/csv.js';
import type { Column, ColumnType } from '../../src/domains/reports/engine/reports.types.js';

const column = (name: string, type: ColumnType): Column => ({ name, type, title: name, description: name });
const columns = [column('name', 'text'), column('days', 'days'), column('cost', 'money')];

describe('toCsv', () => {
  it('REP-6: text cannot begin like a formula; figures stay figures, also below zero', async () => {
    const rows = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', '＝1', 'a=b', '-'].map((name) => ({
      name,
      days: -3,
      cost: '0.50',
    }));
    const lines = parse(await text(toCsv(columns, rows)), { from_line: 2 });
    expect(lines.map(([name]) => name)).to.deep.equal([
      ...["'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "'＝1", 'a=b', "'-"],
    ]);
    expect(lines[0]!.slice(1)).to.deep.equal(['-3', '0.50']);
  });

  it('REP-6: any text comes back to the letter, in RFC 4180 lines; what is missing is empty', async () => {
    const plain = fc.string({ unit: 'binary', maxLength: 20 }).filter((name) => /^[a-z]/i.test(name));
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

  it('REP-6: is a stream that waits for its reader', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => ({ name: `row ${n}`, days: n, cost: '1.00' }));
    const stream = toCsv(columns, rows);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(
      stream.readableLength + (stream as unknown as { writableLength: number }).writableLength,
    ).to.be.lessThan(50_000);
    expect((await text(stream)).trimEnd().split('\r\n')).to.have.length(20_001);
  });
});
