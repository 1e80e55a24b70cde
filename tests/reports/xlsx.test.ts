import { expect } from 'chai';
import { Problem } from '../../src/lib/errors.js';
import { maxXlsxRows, toXlsx } from '../../src/domains/reports/formats/xlsx.js';
import type {
  Column,
  ColumnType,
  ReportAnswer,
  Row,
} from '../../src/domains/reports/engine/reports.types.js';
import { readSheet, unzip } from '../../scripts/compare/workbook.js';

const column = (name: string, type: ColumnType): Column => ({
  name,
  type,
  title: `The ${name}`,
  description: name,
});
const columns = [
  column('name', 'text'),
  column('month', 'month'),
  column('patients', 'count'),
  column('cost', 'money'),
  column('rate', 'rate'),
];

const answer = (rows: readonly Row[]): ReportAnswer => ({
  report: 'top-doctors',
  parameters: { limit: 5, region: '=West', department_id: undefined },
  columns,
  rows,
  provenance: {
    ...{
      definition: 'aggregations/top-doctors.ts',
      version: 3,
      parameters: {},
      engine: 'duckdb',
      path: 'mirror',
    },
    as_of: { mongodb: new Date('2026-01-31T14:03:07Z'), postgres: null },
    behind_seconds: 0.214,
    rows_read: { mongodb: 12_181, postgres: 0 },
    engine_ms: { mongodb: 4, postgres: null, merge: 0.1 },
  },
});

const facts = {
  title: 'Doctors',
  who: 'Mary',
  at: new Date('2026-02-01T09:00:00Z'),
  timeZone: 'Asia/Kolkata',
};

describe('toXlsx', () => {
  it('REP-6: has figures as numbers, months as dates, names as text, and nothing where there is nothing', async () => {
    const row = { name: 'Dr Rao', month: '2025-03', patients: 39, cost: '1234567.50', rate: 0.1128 };
    const book = await toXlsx(answer([row, { ...row, cost: null }]), facts);
    const [heading, first, second] = readSheet(book, 1);
    expect(heading!.map((cell) => cell!.value)).deep.equal(columns.map(({ title }) => title));
    expect(first!.map((cell) => [cell!.type, cell!.value])).deep.equal([
      ['s', 'Dr Rao'],
      // 1 March 2025, counted in days from 1900 as Excel does.
      ['n', '45717'],
      ['n', '39'],
      ['n', '1234567.5'],
      ['n', '0.1128'],
    ]);
    expect(second!.map((cell) => cell?.value ?? null))
      .include('Dr Rao')
      .and.not.include('1234567.5');
  });

  it('REP-13: its headings filter and sort the rows, and nothing but them', async () => {
    const filterOf = async (rows: readonly Row[], totals?: Row) => {
      const book = await toXlsx({ ...answer(rows), ...(totals && { of: rows.length, totals }) }, facts);
      const [first, second] = [1, 2].map((sheet) => unzip(book).get(`xl/worksheets/sheet${sheet}.xml`)!);
      expect(second).not.to.include('autoFilter');
      return /<\/sheetData><autoFilter ref="(.*?)"\/>/.exec(first!)?.[1];
    };
    const row = { name: 'Dr Rao', month: '2025-03', patients: 39, cost: '1.50', rate: 0.1 };
    expect(await filterOf([])).to.equal('A1:E1');
    expect(await filterOf([row, row])).to.equal('A1:E3');
    expect(await filterOf([row, row], { patients: 78 })).to.equal('A1:E3');
  });

  it('REP-6: text that looks like a formula, a markup or an escape stays text to the letter', async () => {
    const names = [
      '=1+1',
      '+1',
      '-1',
      '@x',
      '=HYPERLINK("http://x")',
      '<b>&amp;</b>',
      '123',
      'TRUE',
      'a\u0001\ud800b',
    ];
    const rows = names.map((name) => ({ name, month: '2025-01', patients: 1, cost: '1.00', rate: 0 }));
    const cells = readSheet(await toXlsx(answer(rows), facts), 1).slice(1);
    expect(cells.map(([name]) => name!.value)).deep.equal([...names.slice(0, -1), 'ab']);
    for (const [name] of cells) expect(name).include({ type: 's', hasFormula: false });
    const [, [escaped]] = readSheet(
      await toXlsx(answer([{ ...rows[0]!, name: '_x0041_' }]), facts),
      1,
    ) as unknown as [unknown, [{ value: string }]];
    // Excel reads `_x005F_` as an underscore.
    expect(escaped.value).equal('_x005F_x0041_');
  });

  it('REP-6: the second sheet says what was asked, by whom, when, of what, and how it was computed', async () => {
    const about = readSheet(await toXlsx(answer([]), facts), 2);
    const said = Object.fromEntries(about.map(([name, value]) => [name!.value, value!.value]));
    expect(said).include({
      Report: 'Doctors',
      'Filter: limit': '5',
      'Filter: region': '=West',
      'Time zone': 'Asia/Kolkata',
      'Made at': '2026-02-01 14:30:00 UTC+05:30',
      'Made for': 'Mary',
      Rows: '0',
      'Records behind them': '12181',
      'Data as of (MongoDB)': '2026-01-31 19:33:07 UTC+05:30',
      'Data as of (Postgres)': 'not asked',
      'Computed from': 'the rows of all records in memory',
      'How far behind': 'at most 0.3 seconds behind the records',
      Definition: 'aggregations/top-doctors.ts version 3',
    });
    expect(said).not.have.property('Filter: department_id');
  });

  it('REP-6: refuses more rows than a workbook takes, and says what takes them', async () => {
    const rows = Array.from({ length: maxXlsxRows + 1 }, () => ({ name: 'x' }));
    const refusal = await toXlsx(answer(rows), facts).catch((error: unknown) => error);
    expect(refusal).instanceOf(Problem).and.include({ code: 'not_acceptable' });
    expect((refusal as Problem).detail).include('ask for csv');
  });
});
