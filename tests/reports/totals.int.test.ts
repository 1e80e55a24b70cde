import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import type { Column, Row, Value } from '../../src/domains/reports/engine/index.js';
import { appointment, at, patient } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { createVisitor, unescaped, type Visitor } from '../web/visitor.js';
import { fillStores, type Bill } from './reports-fixture.js';
import { prescribed, visit } from './random-records.js';
import { readSheet } from './workbook.js';

const run = promisify(execFile);

interface Told {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly of: number;
  readonly totals: Row;
  readonly provenance: { readonly path: string };
}

/** With fewer rows than there are, where a report has a limit. */
const cases = [
  { report: 'top-doctors', limit: 2, most: 100 },
  { report: 'drug-spend', limit: 2, most: 1000 },
  { report: 'monthly-appointments-trend' },
  { report: 'average-prescription-cost' },
  ...['diagnoses', 'prescriptions', 'appointments'].map((basis) => ({
    report: 'disease-trends',
    query: `basis=${basis}&`,
  })),
  { report: 'no-show-rate' },
  ...['department', 'hospital', 'doctor', 'month'].map((by) => ({
    report: 'waiting-times',
    query: `by=${by}&`,
  })),
  { report: 'patient-flow' },
  { report: 'returning-patients' },
  { report: 'doctor-utilisation' },
  ...['month', 'department', 'doctor'].map((by) => ({ report: 'revenue', query: `by=${by}&` })),
] as readonly { report: string; query?: string; limit?: number; most?: number }[];

const year = 'from=2024-01-01&to=2025-01-01';
const yearOfPage = 'period=custom&from=2024-01-01&through=2024-12-31';

const cents = (value: Value | undefined): number => Math.round(Number(value) * 100);
const sumOf = (rows: readonly Row[], name: string): number =>
  rows.reduce((sum, { [name]: value }) => sum + cents(value), 0);

/** What stands on a page or in a workbook, as the API says it. */
function numberIn(text: string, { type }: Column): number | null {
  if (!/\d/.test(text)) return null;
  const value = Number(text.replace('−', '-').replaceAll(/[^\d.-]/g, ''));
  return type === 'rate' ? Number((value / 100).toFixed(4)) : value;
}

describe('the totals of a report', function () {
  this.timeout(180_000);
  let api: TestApi;
  let manager: string;
  let admin: string;
  let visitor: Visitor;
  let folder: string;

  before(async () => {
    await needCommand('pdftotext', 'poppler-utils');
    folder = await mkdtemp(join(tmpdir(), 'totals-'));
    api = await startApi({ MIRROR_MEGABYTES: '256' });
    [manager, admin] = await Promise.all([api.as('manager'), api.as('admin')]);
    visitor = createVisitor(api);
    await visitor.signIn((await api.make.account('manager')).email);
    const seed = 7;
    const visits = fc.sample(visit, { numRuns: 400, seed }).map((one, n) => ({ ...one, _id: `A${n}` }));
    const prescriptions = fc
      .sample(prescribed, { numRuns: 300, seed })
      .map((one, n) => ({ ...one, _id: `R${n}` }));
    await fillStores(
      api,
      {
        appointments: [...visits, appointment({ doctor_id: 'D9', date: at('2024-02-10T10:00:00Z') })],
        prescriptions,
        patients: [1, 2, 3].map((n) =>
          patient(`P${n}`, {
            ...{ disease: n === 3 ? 'Flu' : 'Asthma', code: n === 3 ? null : 'J45' },
            ...{ start_date: at(`2024-0${n}-01`), end_date: at(`2024-0${n}-2${n}`) },
          }),
        ),
      },
      [1, 2, 3, 4].map((n): Bill => ({
        ...{ id: `B${n}`, patient_id: `P${n}`, total_cost: `${n}0.15`, created_at: at(`2024-0${n}-12`) },
        ...{ disease: 'Asthma', disease_code: 'J45', department_id: `DEP${n % 3}`, doctor_id: `D${n % 2}` },
        ...{ hospital_id: 'H1' },
      })),
    );
  });
  after(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const json = async (path: string, token = manager): Promise<Told> => {
    const { status, body } = await api.get(`/reports/${path}`, { token });
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Told;
  };
  const file = async (path: string): Promise<Buffer> => {
    const response = await fetch(`${api.url}/api/reports/${path}`, {
      headers: { authorization: `Bearer ${manager}` },
    });
    expect(response.status, path).to.equal(200);
    return Buffer.from(await response.arrayBuffer());
  };

  for (const { report, query = '', limit, most } of cases)
    it(`REP-13: ${report}${query && ` ${query.slice(0, -1)}`}: those of all rows, on the page, in Excel, PDF and CSV, and by the definition`, async () => {
      const path = `${report}?${query}${year}`;
      const cut = await json(`${path}${limit ? `&limit=${limit}` : ''}`);
      const whole = await json(`${path}${most ? `&limit=${most}` : ''}`);
      const summed = await json(`${path}${limit ? `&limit=${limit}` : ''}&path=definition`, admin);
      expect([cut.provenance.path, summed.provenance.path]).to.deep.equal(['mirror', 'definition']);
      expect([summed.of, summed.totals]).to.deep.equal([cut.of, cut.totals]);
      expect([whole.of, whole.totals]).to.deep.equal([cut.of, cut.totals]);
      expect(whole.rows).to.have.length(whole.of);
      expect(whole.of).to.be.greaterThan(limit ?? 0);
      const totalled = whole.columns.filter(({ name }) => name in whole.totals);
      // Its rows are the same patients again and again.
      if (report === 'returning-patients') return void expect(totalled).to.deep.equal([]);
      expect(totalled).to.not.be.empty;
      const added = totalled.filter(({ type }) => type === 'count' || type === 'money' || type === 'days');
      const table = parse<Row>(await file(`${path}${most ? `&limit=${most}` : ''}&format=csv`), {
        columns: true,
      });
      for (const column of added.filter(({ name }) => !/^(average|median|p90|min|max)_/.test(name)))
        for (const rows of [whole.rows, table])
          expect(sumOf(rows, column.name), column.name).to.equal(cents(whole.totals[column.name]));

      const asked = `${path}${limit ? `&limit=${limit}` : ''}`;
      const last = readSheet(await file(`${asked}&format=xlsx`), 1).at(-1)!;
      const pdf = join(folder, `${report}.pdf`);
      await writeFile(pdf, await file(`${asked}&format=pdf`));
      const { stdout: paper } = await run('pdftotext', ['-layout', pdf, '-']);
      const page = await visitor.get(
        `/reports/${report}?${query}${yearOfPage}${limit ? `&limit=${limit}` : ''}`,
      );
      const shown = [...page.text.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>\s*<span class="kpi-value">([^<]*)</g)];
      expect(shown).to.not.be.empty;
      for (const [, title, value] of shown) {
        const column = totalled.find((one) => one.title === unescaped(title!))!;
        const total = cut.totals[column.name]!;
        expect(numberIn(unescaped(value!), column), title).to.equal(total === null ? null : Number(total));
      }
      if (cut.of < 2) return;
      expect(last[0]!.value).to.equal(`All ${cut.of} rows`);
      cut.columns.forEach(({ name }, column) => {
        const total = cut.totals[name];
        if (column > 0 && typeof total === 'number')
          expect(Number(last[column]!.value), name).to.equal(total);
      });
      expect(paper.replaceAll(/\s+/g, ' ')).to.include(`All ${cut.of} rows`);
    });

  it('REP-13: a page that shows some of the rows says of how many, and leads to the others', async () => {
    const page = await visitor.get(`/reports/top-doctors?${yearOfPage}&limit=2`);
    const { of } = await json(`top-doctors?${year}`);
    const [, href] = /The first 2 of \d+ rows[^<]*<a href="([^"]*)">Show all/.exec(
      page.text.replaceAll(/\s+/g, ' '),
    )!;
    const all = await visitor.get(unescaped(href!));
    expect(all.text).to.not.match(/The first \d+ of/);
    expect(all.text.match(/<th scope="row"/g)).to.have.length(of + 1);
  });
});
