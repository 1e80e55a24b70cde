import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { testPassword } from '../support/make.js';
import { openChromium } from './browser.js';

describe('the pages of reports in a browser', function () {
  this.timeout(180_000);
  let api: TestApi;
  let browser: Browser;
  let email: string;

  before(async () => {
    [api, browser] = await Promise.all([startApi(), openChromium()]);
    const { hospital_id } = await api.make.hospital({ name: 'Harbour Hospital', region: 'West' });
    const { department_id } = await api.make.department({ hospital_id, department_name: 'Cardiology' });
    const doctors = await Promise.all(
      ['=Dr <b>Ada</b> “With a very long name, and longer still”', 'Dr Mary Keyes'].map(
        async (name) => (await api.make.doctor({ name, department_id })).doctor_id as string,
      ),
    );
    const place = { department_id, hospital_id };
    await fillStores(api, {
      appointments: Array.from({ length: 60 }, (_, n) =>
        appointment({
          ...place,
          doctor_id: doctors[n % 2],
          patient_id: `P${n % 7}`,
          date: new Date(at('2025-01-02T09:00:00Z').getTime() + n * 6.1 * 86_400_000),
          status: n % 5 === 0 ? 'cancelled' : n % 7 === 0 ? 'no_show' : 'completed',
        }),
      ),
    });
    ({ email } = await api.make.account('manager'));
  });
  after(async () => {
    await browser?.close();
    await api?.stop();
  });

  it('WEB-1: by keyboard and without a script: signs in, narrows a report, opens its records, has its file', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true });
    const page = await context.newPage();
    /** Presses Tab until the focus is there; every stop on the way must be seen. */
    async function tabTo(selector: string): Promise<void> {
      for (let presses = 0; presses < 120; presses++) {
        const state = await page.evaluate<string>(`(() => {
          const element = document.activeElement;
          const ring = [element, element.closest('.choice')].some((part) => {
            if (!part) return false;
            const { outlineStyle: style, outlineWidth: width } = getComputedStyle(part);
            return style === 'solid' && width === '3px';
          });
          const rest = element === document.body || element.id === 'main';
          return (element.matches(${JSON.stringify(selector)}) ? 'here' : 'elsewhere') + (ring || rest ? '' : ' unseen');
        })()`);
        if (state.includes('unseen')) throw new Error(`the focus cannot be seen on the way to ${selector}`);
        if (state === 'here') return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`no Tab comes to ${selector} on ${page.url()}`);
    }
    async function enter(selector: string): Promise<void> {
      await tabTo(selector);
      await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
    }
    await page.goto(`${api.url}/reports/monthly-appointments-trend`);
    await tabTo('#email');
    await page.keyboard.type(email);
    await tabTo('#password');
    await page.keyboard.type(testPassword);
    await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
    expect(await page.locator('h1').textContent()).equal('Appointments by month and status');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).equal('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.locator('.dates').isVisible()).equal(false);
    await tabTo('#period');
    await page.keyboard.type('Other');
    expect(await page.locator('.dates').isVisible()).equal(true);
    await tabTo('#from');
    await page.keyboard.type('01012025');
    await tabTo('#through');
    await page.keyboard.type('12312025');
    await tabTo('#compare');
    await page.keyboard.press('Space');
    await enter('.filters .button');
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries([...searchParams].filter(([, value]) => value !== ''))).deep.equal({
      ...{ period: 'custom', from: '2025-01-01', through: '2025-12-31', compare: 'before' },
    });
    expect(await page.locator('.kpis').textContent()).match(/Total\s+60/);
    await tabTo('.downloads a[href*=".csv"]');
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(readFileSync(await file.path(), 'utf8').split('\r\n')[1]).match(/^"2025-01",/);
    await enter('.figures tbody th a[href*="row.month=2025-03"]');
    expect(await page.locator('h1').textContent()).equal('The records behind March 2025');
    await enter('main p.actions a');
    await enter('.chart-picture a[href*="row.month=2025-02"]');
    expect(await page.locator('h1').textContent()).equal('The records behind February 2025');
    await context.close();
  });
});
