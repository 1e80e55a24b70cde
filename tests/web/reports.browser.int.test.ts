import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { chromium, type Browser, type Page } from 'playwright-core';
import { appointment, at, prescription } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { testPassword } from '../support/make.js';
import { createVisitor } from './visitor.js';

/* In Chromium: by the keyboard and without a script; then every state of every page as axe, a zoom, a small screen and paper see it. */

const run = promisify(execFile);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Controls that are less than 44 pixels high. */
const smallTargets = `[...document.querySelectorAll(
    'button, select, summary, .button, .chip, .clear, header a, .crumbs a, .which a, input:not([type="hidden"], [type="checkbox"])')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
  .map(({ outerHTML }) => outerHTML)`;

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe('the pages of reports in a browser', function () {
  this.timeout(180_000);
  let api: TestApi;
  let browser: Browser;
  let email: string;
  const year = 'period=custom&from=2025-01-01&through=2025-12-31';

  before(async () => {
    await needCommand('chromium');
    const { stdout } = await run('bash', ['-c', 'command -v chromium']);
    // Root has no sandbox, and a container little shared memory.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    [api, browser] = await Promise.all([
      startApi(),
      chromium.launch({ executablePath: stdout.trim(), args }),
    ]);
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
      prescriptions: [
        prescription({ ...place, doctor_id: doctors[0], end_date: at('2025-01-05'), drug: '<i>x</i>' }),
      ],
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

  it('WEB-1: few tab stops to the end of any report, past its chart and its table', async () => {
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    const context = await browser.newContext({ javaScriptEnabled: false });
    await context.addCookies([...visitor.cookies].map(([name, value]) => ({ name, value, url: api.url })));
    const page = await context.newPage();
    for (const { id } of api.system.parts.reports.reports) {
      await page.goto(`${api.url}/reports/${id}?${year}`);
      const isPast = () => page.evaluate<boolean>(`document.activeElement.matches('.skip, .skip-past')`);
      const isEnd = () =>
        page.evaluate<boolean>(`document.activeElement === [...document.querySelectorAll(
          ':is(a[href], button, input, select, summary, [tabindex="0"]):not([tabindex="-1"])')]
          .filter((element) => element.checkVisibility()).at(-1)`);
      let stops = 0;
      for (; stops < 100 && !(await isEnd()); stops += 1)
        await page.keyboard.press((await isPast()) ? 'Enter' : 'Tab');
      expect(stops, id).lessThan(60);
      // A heat map leads where its table does, and is no stop of the keyboard.
      expect(await page.locator('.chart-picture:has(.h1) a:not([tabindex="-1"])').count(), id).equal(0);
    }
    await context.close();
  });

  it('WEB-1: axe finds nothing in any state, light or dark; nothing scrolls sideways; all targets are 44 pixels; the policy holds', async () => {
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    const cookies = [...visitor.cookies].map(([name, value]) => ({ name, value, url: api.url }));
    const patient = createVisitor(api);
    const { patient_id } = await api.make.patient();
    await patient.signIn((await api.make.account('patient', { patient_id })).email);
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
    });
    await context.addCookies(cookies);
    // By the debugger, which our content security policy does not hold back.
    await context.addInitScript(axe);
    const page: Page = await context.newPage();
    const wrong: string[] = [];
    let state = '';
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) wrong.push(`${state}: ${message.text()}`);
    });

    async function findings(rules: readonly string[] = []): Promise<string[]> {
      const options = rules.length > 0 ? { runOnly: rules } : {};
      const script = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
      const found = await page.evaluate<Finding[]>(script);
      return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    }
    async function look(name: string, path: string): Promise<void> {
      state = name;
      const tell = (what: string, found: readonly string[]) =>
        wrong.push(...found.map((one) => `${name}, ${what}: ${one}`));
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(api.url + path);
      tell('light', await findings());
      await page.emulateMedia({ colorScheme: 'dark' });
      tell('dark', await findings(['color-contrast']));
      // A window of 1280 at 200 % has 640 of these pixels, and at 400 % 320.
      for (const width of [640, 320]) {
        await page.setViewportSize({ width, height: 800 });
        const needed = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (needed > width) tell(`${width} wide`, [`needs ${needed}`]);
        tell(`${width} wide`, await page.evaluate<string[]>(smallTargets));
      }
      await page.emulateMedia({ media: 'print', colorScheme: 'light' });
      const printed =
        await page.evaluate<string>(`[...document.querySelectorAll('.reports :is(.top, .filters, .downloads)')]
        .filter((element) => element.checkVisibility()).map(({ className }) => className).join()`);
      if (printed !== '') tell('on paper', [printed]);
      // Chromium repeats the foot of a table on each page, where it would pass for the total of the page.
      const repeated = await page.evaluate<boolean>(`[...document.querySelectorAll('tfoot')]
        .some((foot) => getComputedStyle(foot).display === 'table-footer-group')`);
      if (repeated) tell('on paper', ['totals on each page']);
      await page.emulateMedia({ media: 'screen' });
    }

    await look('home', `/overview?${year}`);
    await look('home without figures', '/overview?period=today&region=West');
    await look('home of nobody', '/overview?doctor=nobody');
    await look('the list', '/reports');
    for (const { id } of api.system.parts.reports.reports) await look(id, `/reports/${id}?${year}`);
    await look('compared', `/reports/monthly-appointments-trend?${year}&compare=before&region=West`);
    await look('empty', '/reports/top-doctors?period=custom&from=1999-01-01&through=1999-02-01');
    await look('refused', '/reports/top-doctors?limit=1000&period=custom&from=2025-03-01&through=2025-02-01');
    await look('which one', '/reports/top-doctors?doctor=dr');
    await look('nobody', '/reports/top-doctors?doctor=nobody');
    await look('records', `/reports/monthly-appointments-trend/records?${year}&row.month=2025-03`);
    await look('no records', '/reports/top-doctors/records?row.doctor_id=D-none');
    await look('no page', '/reports/none');
    await context.clearCookies();
    await look('to a stranger', '/reports/top-doctors');
    await context.addCookies([...patient.cookies].map(([name, value]) => ({ name, value, url: api.url })));
    await look('to a patient', '/reports');
    expect(wrong.join('\n')).equal('');
    await context.close();
  });
});
