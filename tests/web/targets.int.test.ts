import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { createVisitor, visitorOf, words, type Visitor } from './visitor.js';

const now = new Date('2026-03-20T08:00:00Z');

/** What a PDF says, with one space between words. */
async function textOf(pdf: Buffer): Promise<string> {
  const reading = promisify(execFile)('pdftotext', ['-layout', '-', '-']);
  reading.child.stdin!.end(pdf);
  return (await reading).stdout.replace(/\s+/g, ' ');
}

describe('the pages of targets', function () {
  this.timeout(120_000);
  let api: TestApi;
  let visitor: Visitor;

  before(async () => {
    await needCommand('pdftotext', 'poppler-utils');
    api = await startApi();
    await fillStores(api, {
      appointments: [
        ...['03', '05', '09'].map((day) =>
          appointment({ doctor_id: 'D1', date: at(`2026-03-${day}T10:00:00Z`) }),
        ),
        appointment({ doctor_id: 'D1', status: 'cancelled', date: at('2026-03-04T10:00:00Z') }),
      ],
    });
    api.clock.set(undefined);
    visitor = await visitorOf(api, 'manager');
    api.clock.set(now);
  });
  after(() => api?.stop());

  const page = '/reports/monthly-appointments-trend?period=this-month';
  const set = async (fields: Record<string, string>, from = page) =>
    visitor.submit(await visitor.get(from), '/reports/targets', {
      ...{ figure: 'completed', direction: 'at_least', goal: '4', ...fields },
    });
  const targets = () => api.system.around.stores.connection.collection('report_targets');
  beforeEach(() => targets().deleteMany({}));

  it('REP-14: a target stands beside its figure and in the chart, and on the home', async () => {
    expect((await set({})).to).to.equal('/reports/targets');
    expect((await set({ figure: 'cancellation_rate', direction: 'at_most', goal: '25%' })).to).to.equal(
      '/reports/targets',
    );
    const report = await visitor.get(page);
    expect(words(report)).to.match(/Completed 3 ✗ Target missed: at least 4/);
    expect(words(report)).to.match(/Cancellation rate 25\.00% ✓ Target met: at most 25\.00%/);
    expect(report.text).to.match(/class="target"[\s\S]*Target: Completed, at least/);
    const home = await visitor.get('/overview?period=this-month');
    expect(words(home)).to.match(/Visits 3 Completed .*✗ Target missed: at least 4/);
    expect(words(home)).to.match(/✓ Target met: at most 25\.00%/);
    // Of another period it says nothing; nor of another place.
    expect(words(await visitor.get(page.replace('this-month', 'last-month')))).not.to.contain('Target met');
    expect(words(await visitor.get('/overview?period=last-month'))).not.to.contain('Target m');
  });

  it('REP-14: a target is the same line, with its words, in the chart of the page, SVG, PNG and PDF, for who may know it', async () => {
    const asked = 'reports/monthly-appointments-trend?from=2026-01-01&to=2026-04-01';
    const manager = await api.as('manager');
    const file = async (format: string, token = manager) => {
      const response = await fetch(`${api.url}/api/${asked}&format=${format}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status, format).to.equal(200);
      return { bytes: Buffer.from(await response.arrayBuffer()), etag: response.headers.get('etag') };
    };
    const pictures = ['svg', 'png', 'pdf'] as const;
    // One after the other: heavy questions take turns, and few wait.
    const files = async () => {
      const found = [];
      for (const format of pictures) found.push(await file(format));
      return found;
    };
    const before = await files();
    await set({});
    const [svg, png, pdf] = await files();
    for (const [at, { etag }] of [svg!, png!].entries()) expect(etag).not.to.equal(before[at]!.etag);
    expect(png!.bytes.equals(before[1]!.bytes)).to.equal(false);

    const words = 'Target: Completed, at least 4';
    const lineIn = (markup: string) => {
      const [, line] = /<path\s+class="target"\s+d="M[\d.]+ ([\d.]+)h[\d.]+/.exec(markup) ?? [];
      const written = [...markup.matchAll(/<text[^>]*>\s*([^<]*?)\s*<\/text\s*>/g)].map(([, text]) => text);
      return { line, isNamed: written.includes(words) };
    };
    const picture = svg!.bytes.toString();
    expect(lineIn(picture)).to.include({ isNamed: true });
    expect(Number(lineIn(picture).line)).to.be.greaterThan(0);
    expect(lineIn(before[0]!.bytes.toString())).to.deep.equal({ line: undefined, isNamed: false });
    const fromPage = await visitor.get('/reports/monthly-appointments-trend.svg?period=this-quarter');
    expect(lineIn(fromPage.text)).to.deep.equal(lineIn(picture));
    expect(lineIn((await visitor.get(`${page.split('?')[0]}?period=this-quarter`)).text).isNamed).to.equal(
      true,
    );
    // The sum over a bar may stand beside the words.
    expect(await textOf(pdf!.bytes)).to.match(/Target: Completed,.* at least 4/);
    expect(await textOf(before[2]!.bytes)).not.to.include('Target');

    const { doctor_id } = await api.make.doctor();
    const { token } = await api.make.account('doctor', { doctor_id });
    const visits = api.system.around.stores.connection.db!.collection('appointments');
    const { insertedId } = await visits.insertOne(
      appointment({ doctor_id, date: at('2026-03-03T10:00:00Z') }),
    );
    const own = (await file('svg', token)).bytes.toString();
    await visits.deleteOne({ _id: insertedId });
    expect(own).to.include('Appointments by month').and.not.to.include('Target');
  });

  it('REP-14: all of them are on a page, and whoever may set them removes them', async () => {
    await set({});
    const list = await visitor.get('/reports/targets');
    expect(words(list)).to.match(/Completed: at least 4 Appointments by month and status , This month/);
    expect(list.text).to.contain(`href="${page}"`);
    const doctor = await visitorOf(api, 'doctor');
    expect((await doctor.get('/reports/targets')).status).to.equal(403);
    const [, remove] = /action="([^"]+\/remove)"/.exec(list.text)!;
    expect((await doctor.post(remove!)).status).to.equal(403);
    expect((await visitor.post(remove!)).to).to.equal('/reports/targets');
    expect(words(await visitor.get('/reports/targets'))).to.contain('None yet.');
    expect((await createVisitor(api).get('/reports/targets')).to).to.match(/^\/sign-in/);
  });

  it('REP-14: what is no target is said beside what was typed', async () => {
    await set({});
    for (const [fields, said] of [
      [{ goal: 'many' }, 'The number must be a number'],
      [{ goal: '1,5' }, 'The number must be a number'],
      [{ goal: '8%' }, 'The number is no rate'],
      [{ goal: '2.5' }, 'The number must be a whole number: the figure is a count.'],
      [{ figure: 'no_show_rate', goal: '120%' }, 'The number must be from 0 to 1'],
      [{ tell: 'nobody@test.example' }, 'nobody@test.example is of nobody who may be sent figures.'],
      [{}, 'There is a target of this figure and period already'],
    ] as const) {
      const shown = await set(fields);
      expect([shown.status, shown.to]).to.deep.equal([shown.status, null]);
      expect(words(shown), JSON.stringify(fields)).to.contain(said);
    }
    expect(await targets().countDocuments()).to.equal(1);
    // A question without an end has none.
    expect((await visitor.get(page.replace('this-month', 'all'))).text).not.to.contain('Set a target');
  });
});
