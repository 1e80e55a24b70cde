import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { chromium, type Browser } from 'playwright-core';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { testPassword } from '../support/make.js';
import { createVisitor, hiddenFields, words, type Visitor } from './visitor.js';

const run = promisify(execFile);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Controls that are less than 44 pixels high. */
const smallTargets = `[...document.querySelectorAll('button, select, summary, .button, .crumbs a, input:not([type="hidden"])')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
  .map(({ outerHTML }) => outerHTML)`;

describe('the pages of saved reports', function () {
  this.timeout(120_000);
  let api: TestApi;
  let visitor: Visitor;
  let email: string;
  let token: string;
  const year = 'period=custom&from=2025-01-01&through=2025-12-31&by=appointments';

  before(async () => {
    api = await startApi();
    const { doctor_id } = await api.make.doctor();
    await fillStores(api, { appointments: [appointment({ doctor_id, date: at('2025-03-10T10:00:00Z') })] });
    ({ email, token } = await api.make.account('manager'));
    visitor = createVisitor(api);
    await visitor.signIn(email);
  });
  after(() => api?.stop());

  const choices = { name: 'Year <b>', every: 'week-1', time: '07:30', format: 'csv' };
  const save = async (asked: string, fields: Record<string, string>) => {
    const page = await visitor.get(`/reports/top-doctors?${asked}`);
    return visitor.submit(page, '/reports/saved', fields);
  };
  const saved = async () => (await api.get('/saved-reports', { token })).body.items;

  it('REP-10: a report is saved from its page with what it was asked, and leads back to it', async () => {
    expect((await save(year, choices)).to).to.equal('/reports/saved');
    const [one] = await saved();
    expect(one).to.deep.include({ name: 'Year <b>', report: 'top-doctors', period: null, format: 'csv' });
    expect(one.parameters).to.include({ by: 'appointments', from: '2025-01-01', to: '2026-01-01' });
    expect(one.schedule).to.include({ every: 'week', weekday: 1, time: '07:30' });
    const page = await visitor.get('/reports/saved');
    expect(words(page)).to.include('Year <b>').and.to.include('every Monday at 07:30 (UTC) as CSV');
    const back = /href="(\/reports\/top-doctors\?[^"]*)"/.exec(page.text)![1]!.replaceAll('&amp;', '&');
    expect(words(await visitor.get(back))).to.include('2025');
  });

  it('REP-10: a period in words moves on with the calendar', async () => {
    await save('period=last-month', { ...choices, name: 'Months', every: 'never' });
    expect((await saved())[0]).to.deep.include({ period: 'last_month', schedule: null });
    expect((await visitor.get('/reports/saved')).text).to.include('period=last-month');
  });

  it('REP-10: what is missing or taken is told beside the form, which keeps what was typed', async () => {
    for (const [fields, said] of [
      [{ ...choices, name: 'Year <b>' }, 'You have a saved report of this name.'],
      [{ ...choices, name: '' }, 'Give the report a name.'],
      [{ ...choices, name: 'New', time: '25:00' }, 'The time must be like 08:00.'],
    ] as const) {
      const page = await save(year, fields);
      expect([page.status >= 400, words(page).includes(said)], said).to.deep.equal([true, true]);
      expect(hiddenFields(page, '/reports/saved')['asked']).to.include('by=appointments');
    }
  });

  it('REP-10: is sent when asked for, downloaded, and removed', async () => {
    const [{ saved_report_id }] = await saved();
    const list = await visitor.get('/reports/saved');
    await visitor.submit(list, `/reports/saved/${saved_report_id}/deliver`);
    expect(words(await visitor.get('/reports/saved'))).to.include('Being made');
    await api.system.parts.deliveries.sweep();
    const sent = await visitor.get('/reports/saved');
    const file = await visitor.get(/\/reports\/deliveries\/\w+/.exec(sent.text)![0]);
    expect(file.headers.get('content-type')).to.match(/^text\/csv/);
    expect(file.text).to.match(/^doctor_id/);
    await visitor.submit(sent, `/reports/saved/${saved_report_id}/remove`);
    expect((await saved()).map((one: { name: string }) => one.name)).to.deep.equal(['Year <b>']);
  });

  it('REP-10: is for nobody else', async () => {
    const [{ saved_report_id }] = await saved();
    const other = createVisitor(api);
    await other.signIn((await api.make.account('manager')).email);
    const page = await other.get('/reports/saved');
    expect(words(page)).not.to.include('Year <b>');
    expect((await other.post(`/reports/saved/${saved_report_id}/remove`)).status).to.equal(404);
    expect(await saved()).to.have.length(1);
  });

  it('REP-10, WEB-1: axe finds nothing in any state, light or dark, and every target is large enough', async () => {
    await needCommand('chromium');
    const { stdout } = await run('bash', ['-c', 'command -v chromium']);
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    const browser: Browser = await chromium.launch({ executablePath: stdout.trim(), args });
    try {
      // A colour that is still changing when axe looks has too little contrast.
      const context = await browser.newContext({
        viewport: { width: 390, height: 800 },
        bypassCSP: true,
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      const check = async (state: string): Promise<void> => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.evaluate(axe);
          const { violations } = await page.evaluate<{
            violations: { id: string; nodes: { html: string }[] }[];
          }>('axe.run()');
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
          expect(found, `${state}, ${colorScheme}`).to.deep.equal([]);
        }
        expect(await page.evaluate(smallTargets), state).to.deep.equal([]);
        const isWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
        expect(await page.evaluate(isWide), `${state} scrolls sideways`).to.equal(false);
      };
      await page.goto(`${api.url}/sign-in`);
      await page.fill('#email', email);
      await page.fill('#password', testPassword);
      await page.locator('#password').press('Enter');
      await page.waitForURL('**/overview');
      await page.goto(`${api.url}/reports/saved`);
      await check('saved reports');
      await page.goto(`${api.url}/reports/top-doctors?${year}`);
      await page.getByText('Save this report, or have it sent').click();
      await check('the form');
      await page.fill('#time', '99:99');
      await page.getByRole('button', { name: 'Save report' }).click();
      await page.getByRole('alert').waitFor();
      await check('the form with its mistakes');
    } finally {
      await browser.close();
    }
  });
});
