import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { needCommand } from '../support/commands.js';
import { testPassword } from '../support/make.js';
import { addAxe, findings, misfits, openChromium, tabStops } from './browser.js';
import { at, openClinic, type Clinic } from './clinic.js';
import { newGuest } from './visitor.js';

/* In Chromium: all of it by the keyboard and without a script; then every page as axe, a zoom and a small screen see it. */

const run = promisify(execFile);

/* What follows runs in the page; as text, for this project knows no DOM. */

/** Whether the focus is on what `selector` names, with a ring around it or around what it stands for. */
const focusOn = (selector: string): string => `(() => {
  const element = document.activeElement;
  if (!element?.matches(${JSON.stringify(selector)})) return 'elsewhere';
  const styles = [element, element.closest('.choice')]
    .flatMap((part) => (part ? [getComputedStyle(part), getComputedStyle(part, '::after')] : []));
  return styles.some(({ outlineStyle: style, outlineWidth: width }) => style === 'solid' && width === '3px')
    ? 'here' : 'unseen';
})()`;

const controls =
  'button, select, textarea, summary, .button, .choice, .slot, .day, header a, .crumbs a, ' +
  'input:not([type="hidden"], [type="radio"])';

describe('the booking pages in a browser', function () {
  this.timeout(120_000);
  let clinic: Clinic;
  let browser: Browser;

  before(async () => {
    await needCommand('pdftotext', 'poppler-utils');
    [clinic, browser] = await Promise.all([openClinic(), openChromium()]);
  });
  after(async () => {
    await browser?.close();
    await clinic?.api.stop();
  });

  const heading = async (page: Page): Promise<string> => (await page.locator('h1').textContent()) ?? '';

  describe('by keyboard, without a script', () => {
    let page: Page;

    /** Presses Tab until the focus is on what `selector` names, and looks whether one can see that it is. */
    async function tabTo(selector: string): Promise<void> {
      for (let presses = 0; ; presses++) {
        const state = await page.evaluate<'elsewhere' | 'unseen' | 'here'>(focusOn(selector));
        if (state === 'here') return;
        if (state === 'unseen') throw new Error(`the focus on ${selector} cannot be seen`);
        if (presses > 100) throw new Error(`no Tab comes to ${selector} on ${page.url()}`);
        await page.keyboard.press('Tab');
      }
    }

    async function press(key: string): Promise<void> {
      const arrived = page.waitForEvent('domcontentloaded');
      await page.keyboard.press(key);
      await arrived;
    }

    async function enter(selector: string): Promise<void> {
      await tabTo(selector);
      await press('Enter');
    }

    it('WEB-3: finds a doctor, signs in, books, pays, has the invoice, moves and cancels', async () => {
      const { department_id, doctor_id } = await clinic.newDoctor({ name: 'Dr Mary Keyes' });
      const { email } = await clinic.api.make.account('patient', {
        patient_id: (await clinic.api.make.patient()).patient_id,
      });
      const context = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true });
      page = await context.newPage();
      await page.goto(`${clinic.api.url}/book`);
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').textContent()).equal('Skip to the content');
      await page.keyboard.press('Enter');
      await tabTo('#q');
      await page.keyboard.type('harbour');
      await press('Enter');
      await enter(`a[href="/book/departments/${department_id}"]`);
      await enter(`a[href="/book/doctors/${doctor_id}"]`);
      expect(await heading(page)).equal('Dr Mary Keyes');
      await enter('a.day[href$="2026-11-25"]');
      await enter('a.slot');
      expect(await heading(page)).equal('Sign in');
      await tabTo('#email');
      await page.keyboard.type(email);
      await tabTo('#password');
      await page.keyboard.type('Wrong-Horse-9-Battery');
      await press('Enter');
      expect(await page.locator('[role="alert"]:focus').textContent()).to.include('You are not signed in');
      await tabTo('#password');
      await page.keyboard.type(testPassword);
      await press('Enter');
      await enter(`button[value="${at('13:00', '2026-11-25')}"]`);
      expect(await heading(page)).equal('Confirm your visit');
      await tabTo('#reason');
      await page.keyboard.type('A sore knee');
      await enter('main .button:not(.second)');
      expect(await heading(page)).equal('Your visit to Dr Mary Keyes');
      await tabTo('#payment_method');
      await page.keyboard.press('Space');
      await enter('main .button:not(.second)');
      expect(await heading(page)).equal('Card payment');
      expect(await page.locator('.notice').textContent()).to.include('This is a demo: no card is charged');
      await enter('main form[action$="/card/pay"] button');
      expect(await page.locator('.tags').textContent()).to.match(/Booked\s+Paid/);
      await tabTo('a[href$="/invoice.pdf"]');
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
      expect(download.suggestedFilename()).to.match(/^INV-\d{6}\.pdf$/);
      const { stdout: invoice } = await run('pdftotext', ['-layout', await download.path(), '-']);
      expect(invoice).to.include('Dr Mary Keyes').and.include('118.00');
      await enter('a[href$="/reschedule"]');
      await enter('a.day[href$="2026-11-26"]');
      await enter(`button[value="${at('13:30', '2026-11-26')}"]`);
      expect(await page.locator('main').textContent()).to.include('Thursday 26 November 2026, 08:30');
      await enter('a[href$="/cancel"]');
      expect(await page.locator('main').textContent()).to.include('You get $118.00 back');
      await enter('button.danger');
      expect(await page.locator('[role="alert"]:focus').textContent()).to.include('Choose why you cancel');
      await tabTo('#cancellation_reason');
      await page.keyboard.press('ArrowDown');
      await enter('button.danger');
      expect(await page.locator('.tags').textContent()).to.match(/Cancelled\s+Refunded/);
      await context.close();
    });
  });

  describe('for everybody', () => {
    let context: BrowserContext;
    let page: Page;
    const shown = new Map<string, () => Promise<unknown>>();

    /** At 200 % zoom a window of 1280 has 640 of these pixels. */
    const widths = [640, 320];

    before(async () => {
      const { api } = clinic;
      const { doctor_id, department_id } = await clinic.newDoctor({ slot_capacity: 3 });
      const open = await clinic.book(at('15:00'), doctor_id);
      const paid = await clinic.book(at('16:00'), doctor_id);
      await clinic.pay(paid);
      const begun = await clinic.book(at('14:00'), doctor_id);
      const card = await clinic.visitor.submit(await clinic.visitor.get(begun), `${begun}/pay`, {
        payment_method: 'card',
      });
      const cancelled = await clinic.book(at('17:00'), doctor_id);
      await clinic.pay(cancelled);
      await clinic.visitor.submit(await clinic.visitor.get(`${cancelled}/cancel`), `${cancelled}/cancel`, {
        cancellation_reason: 'pat',
      });
      const hold = await clinic.hold(doctor_id, at('18:00'));
      const full = await clinic.newDoctor({ availability: [{ weekday: 2, start: '10:00', end: '10:30' }] });
      const rival = await newGuest(api);
      const doctorPage = `/book/doctors/${doctor_id}?day=2026-11-24`;
      const visit = (path: string) => () => page.goto(api.url + path);
      const send = (path: string, selector: string) => async () => {
        await visit(path)();
        await Promise.all([page.waitForEvent('domcontentloaded'), page.click(selector)]);
      };
      const asStranger = (show: () => Promise<unknown>) => async () => {
        const kept = await context.cookies();
        await context.clearCookies();
        await show();
        await context.addCookies(kept);
      };
      const pages: Record<string, () => Promise<unknown>> = {
        departments: visit('/book'),
        'nothing found': visit('/book?q=nothing'),
        department: visit(`/book/departments/${department_id}`),
        'a doctor, to a stranger': asStranger(visit(doctorPage)),
        'a doctor': visit(doctorPage),
        'a day without free times': visit(`/book/doctors/${full.doctor_id}?day=2026-11-25`),
        'a taken time': async () => {
          await visit(`/book/doctors/${full.doctor_id}?day=2026-12-01`)();
          await clinic.hold(full.doctor_id, at('15:00', '2026-12-01'), rival.visitor);
          await Promise.all([page.waitForEvent('domcontentloaded'), page.click('button.slot')]);
        },
        'to confirm': visit(hold),
        'signing in': asStranger(visit('/sign-in?next=/book')),
        'signing in, refused': asStranger(send('/sign-in', 'main button')),
        'making an account': asStranger(visit('/register')),
        'making an account, refused': asStranger(send('/register', 'main button')),
        'a visit to pay': visit(open),
        'a visit to pay, refused': send(open, '.button:not(.second)'),
        'a paid visit': visit(paid),
        'the demo provider': visit(card.to!),
        'a visit whose card is pending': visit(begun),
        'my bills': visit('/my/bills'),
        'an invitation that is none': visit('/invitation?token=none'),
        'an address to confirm that is none': visit('/confirm-email?token=none'),
        'a cancelled visit': visit(cancelled),
        'to cancel': visit(`${paid}/cancel`),
        'to cancel, refused': send(`${paid}/cancel`, '.danger'),
        'to move': visit(`${paid}/reschedule`),
        appointments: visit('/my/appointments'),
        notices: visit('/my/notices'),
        'no page': visit('/book/none'),
      };
      for (const [name, show] of Object.entries(pages)) shown.set(name, show);
      context = await browser.newContext({
        deviceScaleFactor: 2,
        viewport: { width: 640, height: 800 },
        // Else axe would meet colours on their way from light to dark.
        reducedMotion: 'reduce',
      });
      await context.addCookies(
        [...clinic.visitor.cookies].map(([name, value]) => ({ name, value, url: api.url })),
      );
      await addAxe(context);
      page = await context.newPage();
    });
    after(() => context?.close());

    it('WEB-3: axe finds nothing on any page, light or dark; nothing scrolls sideways; all targets are 44 pixels; few tab stops', async () => {
      const wrong: string[] = [];
      for (const [name, show] of shown) {
        const tell = (what: string, found: readonly string[]) =>
          wrong.push(...found.map((one) => `${name}, ${what}: ${one}`));
        await page.emulateMedia({ colorScheme: 'light' });
        await show();
        const stops = await tabStops(page);
        if (stops >= 60) tell('the keyboard', [`${stops} stops to its end`]);
        tell('light', await findings(page));
        await page.emulateMedia({ colorScheme: 'dark' });
        // The colours are all that differs.
        tell('dark', await findings(page, ['color-contrast']));
        for (const width of widths) tell('small', await misfits(page, width, controls));
        await page.setViewportSize({ width: 640, height: 800 });
      }
      expect(wrong).deep.equal([]);
      expect(shown.size).equal(27);
    });
  });
});
