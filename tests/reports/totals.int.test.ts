import { expect } from 'chai';
import fc from 'fast-check';
import { cases, compareHeadlines } from '../../scripts/compare/headlines.js';
import { appointment, at, patient } from '../aggregations/records.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { createVisitor, unescaped, type Visitor } from '../web/visitor.js';
import { fillStores, type Bill } from './reports-fixture.js';
import { prescribed, visit } from './random-records.js';

const year = 'from=2024-01-01&to=2025-01-01';
const yearOfPage = 'period=custom&from=2024-01-01&through=2024-12-31';

describe('the totals of a report', function () {
  this.timeout(180_000);
  let api: TestApi;
  let manager: string;
  let admin: string;
  let visitor: Visitor;

  before(async () => {
    await needCommand('pdftotext', 'poppler-utils');
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
  after(() => api?.stop());

  for (const one of cases)
    it(`REP-13: ${one.report} ${one.query ?? ''}: those of all rows, on the page, in Excel, PDF and CSV, and by the definition`, async () => {
      const asking = { url: api.url, manager, admin };
      const { of, rows, headlines, faults } = await compareHeadlines(one, 2024, asking);
      expect(faults).to.deep.equal([]);
      expect([rows, of > (one.limit ?? 0)]).to.deep.equal([of, true]);
      // Its rows are the same patients again and again.
      if (one.report === 'returning-patients') return void expect(headlines).to.deep.equal([]);
      expect(headlines.filter(({ page }) => page !== undefined)).to.not.be.empty;
      expect(headlines.filter(({ csv }) => csv !== undefined)).to.not.be.empty;
      expect(headlines.filter(({ equal }) => !equal)).to.deep.equal([]);
    });

  it('REP-13: a page that shows some of the rows says of how many, and leads to the others', async () => {
    const page = await visitor.get(`/reports/top-doctors?${yearOfPage}&limit=2`);
    const { of } = (await api.get(`/reports/top-doctors?${year}`, { token: manager })).body as { of: number };
    const [, href] = /The first 2 of \d+ rows[^<]*<a href="([^"]*)">Show all/.exec(
      page.text.replaceAll(/\s+/g, ' '),
    )!;
    const all = await visitor.get(unescaped(href!));
    expect(all.text).to.not.match(/The first \d+ of/);
    expect(all.text.match(/<th scope="row"/g)).to.have.length(of + 1);
  });
});
