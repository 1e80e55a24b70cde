import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { chromium, type Browser, type Page } from 'playwright-core';
import { appointment, at } from '../aggregations/records.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { createVisitor } from './visitor.js';

/* In Chromium: a doctor is found by a few letters, by the keyboard; and without the script by sending the form. */

const run = promisify(execFile);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the filters of reports in a browser', function () {
  this.timeout(180_000);
  let api: TestApi;
  let browser: Browser;
  let cookies: { name: string; value: string; url: string }[];
  let mary: string;
  const path = '/reports/top-doctors?period=custom&from=2025-01-01&through=2025-12-31';

  before(async () => {
    await needCommand('chromium');
    const { stdout } = await run('bash', ['-c', 'command -v chromium']);
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    [api, browser] = await Promise.all([
      startApi(),
      chromium.launch({ executablePath: stdout.trim(), args }),
    ]);
    const places = await Promise.all(
      ['Harbour Hospital', 'Hill Hospital'].map(async (name) => {
        const { hospital_id } = await api.make.hospital({ name });
        const { department_id } = await api.make.department({ hospital_id });
        return { hospital_id: hospital_id as string, department_id: department_id as string };
      }),
    );
    const names = [
      ...Array.from({ length: 61 }, (_, n) => `Dr Number ${n}`),
      'Dr Mary Keyes',
      'Dr Marta Lund',
    ];
    const doctors = await Promise.all(
      names.map(async (name, n) => {
        const place = places[n % 2]!;
        const { doctor_id } = await api.make.doctor({ name, department_id: place.department_id });
        return { ...place, doctor_id: doctor_id as string };
      }),
    );
    mary = doctors.at(-2)!.doctor_id;
    await fillStores(api, {
      appointments: doctors.map((doctor, n) =>
        appointment({ ...doctor, patient_id: `P${n}`, date: at('2025-03-10T10:00:00Z') }),
      ),
    });
    const { email } = await api.make.account('manager');
    const visitor = createVisitor(api);
    await visitor.signIn(email);
    cookies = [...visitor.cookies].map(([name, value]) => ({ name, value, url: api.url }));
  });
  after(async () => {
    await browser?.close();
    await api?.stop();
  });

  async function open(javaScriptEnabled: boolean): Promise<Page> {
    const context = await browser.newContext({
      javaScriptEnabled,
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
    });
    await context.addCookies(cookies);
    // By the debugger, which our content security policy does not hold back.
    if (javaScriptEnabled) await context.addInitScript(axe);
    const page = await context.newPage();
    await page.goto(api.url + path);
    return page;
  }

  const send = (page: Page, act: Promise<unknown>) =>
    Promise.all([page.waitForEvent('domcontentloaded'), act]);
  const chips = (page: Page): Promise<string[]> => page.locator('.chips .chip').allInnerTexts();
  const findings = async (page: Page): Promise<string[]> => {
    const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      'axe.run(document).then(({ violations }) => violations)',
    );
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  };

  it('WEB-4: three letters suggest the doctors, the keyboard chooses one, and the form is held to both who are chosen', async () => {
    const page = await open(true);
    const refused: string[] = [];
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) refused.push(message.text());
    });
    await page.locator('#doctor').focus();
    await page.keyboard.type('mar');
    await page.locator('#doctor-found [role="option"]').nth(1).waitFor();
    expect(await page.locator('#doctor').getAttribute('aria-expanded')).equal('true');
    expect(await findings(page)).deep.equal([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('#doctor-found').isVisible()).equal(false);
    expect(await page.locator('#doctor').inputValue()).equal('mar');
    await page.keyboard.type('y');
    await page.locator('#doctor-found [role="option"]').waitFor();
    await page.keyboard.press('ArrowDown');
    const active = await page.locator('#doctor').getAttribute('aria-activedescendant');
    expect(await page.locator(`#${active}`).innerText()).include('Mary Keyes');
    await page.keyboard.press('Enter');
    expect(page.url()).equal(api.url + path);
    expect(await page.locator('.finder[data-kind="doctor"] input:checked').getAttribute('value')).equal(mary);
    await page.keyboard.type('marta');
    await page.locator('#doctor-found [role="option"]').waitFor();
    await page.locator('#doctor-found [role="option"]').click();
    expect(await findings(page)).deep.equal([]);
    await page.locator('#doctor').focus();
    await send(page, page.keyboard.press('Enter'));
    expect((await chips(page)).join())
      .include('Doctor: Dr Mary Keyes')
      .and.include('Doctor: Dr Marta Lund');
    expect(await page.locator('.report-head').innerText()).include('2 doctors');
    expect(await page.locator('.figures tbody tr').count()).equal(2);
    // One goes again by its box.
    await page.locator('.finder[data-kind="doctor"] label', { hasText: 'Marta' }).click();
    await send(page, page.locator('.filters .button').click());
    expect((await chips(page)).join())
      .include('Mary Keyes')
      .and.not.include('Marta');
    expect(refused).deep.equal([]);
    await page.context().close();
  });

  it('WEB-4: what no name has is said, and who is gone from the session goes on without suggestions', async () => {
    const page = await open(true);
    await page.locator('#doctor').focus();
    await page.keyboard.type('nobody');
    await page
      .locator('.finder [role="status"]', { hasText: 'No doctor has these words' })
      .waitFor({ state: 'attached' });
    await page.context().clearCookies();
    await page.locator('#doctor').fill('');
    const asked = page.waitForResponse((response) => response.url().includes('/reports/places'));
    await page.keyboard.type('mar');
    await asked;
    expect(await page.locator('#doctor-found').isVisible()).equal(false);
    await page.context().close();
  });

  it('WEB-4: without a script the same takes two forms to send', async () => {
    const page = await open(false);
    await page.locator('#doctor').fill('mar');
    await send(page, page.locator('#doctor').press('Enter'));
    expect(await page.locator('#which').innerText()).include('Which doctor');
    await send(page, page.locator('.which a', { hasText: 'Mary Keyes' }).click());
    expect((await chips(page)).join()).include('Doctor: Dr Mary Keyes');
    await page.locator('#doctor').fill('marta');
    await send(page, page.locator('#doctor').press('Enter'));
    expect((await chips(page)).join())
      .include('Mary Keyes')
      .and.include('Marta Lund');
    await page.context().close();
  });

  it('REP-13: hospitals are ticked by the keyboard in a list that opens and closes', async () => {
    const page = await open(true);
    await page.locator('#hospital_id').focus();
    await page.keyboard.press('Enter');
    expect(await findings(page)).deep.equal([]);
    for (const _ of [1, 2]) {
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
    }
    await send(page, page.keyboard.press('Enter'));
    expect(await page.locator('.report-head').innerText()).include('2 hospitals');
    expect(await page.locator('#hospital_id').innerText()).include('2 hospitals');
    expect((await chips(page)).filter((chip) => chip.includes('Hospital:'))).length(2);
    for (const width of [640, 320]) {
      await page.setViewportSize({ width, height: 800 });
      const needed = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect([width, needed <= width]).deep.equal([width, true]);
    }
    await page.context().close();
  });
});
