import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { reportCatalogue } from '../../src/domains/reports/engine/index.js';
import { poll } from '../../src/databases/embedded/processes.js';
import { appointment, at, prescription } from '../aggregations/records.js';
import { answer, startReceiver, type Receiver } from '../messages/webhooks/receiver.js';
import { fillStores } from '../reports/reports-fixture.js';
import { startApi, type TestApi } from '../support/api.js';
import { addAxe, findings, misfits, openChromium, tabStops } from './browser.js';
import { newGuest, visitorOf, words, type Visitor } from './visitor.js';

/* Every state of every page but those of bookings, as axe, a zoom, a small screen, the keyboard and paper have it. */

const controls =
  'button, select, summary, .button, .chip, .clear, header a, .crumbs a, .which a, .choice, ' +
  'input:not([type="hidden"], [type="checkbox"])';
const year = 'period=custom&from=2025-01-01&through=2025-12-31';
/** Of each page, from its top to its last control. */
const mostStops = 60;

describe('the pages in a browser', function () {
  this.timeout(600_000);
  let api: TestApi;
  let browser: Browser;
  let receiver: Receiver;
  let context: BrowserContext;
  let page: Page;
  const who: Partial<Record<'manager' | 'admin' | 'patient' | 'stranger', Visitor>> = {};
  const wrong: string[] = [];
  const stops: Record<string, number> = {};
  let state = '';

  before(async () => {
    [api, browser, receiver] = await Promise.all([
      startApi({ WEBHOOK_PRIVATE_HOSTS: 'true' }),
      openChromium(),
      startReceiver(),
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
    who.manager = await visitorOf(api, 'manager');
    who.admin = await visitorOf(api, 'admin');
    who.patient = (await newGuest(api)).visitor;
    const size = { width: 1280, height: 900 };
    context = await browser.newContext({ viewport: size, reducedMotion: 'reduce' });
    await addAxe(context);
    page = await context.newPage();
    page.on('console', (message) => {
      if (/Content.Security.Policy/i.test(message.text())) wrong.push(`${state}: ${message.text()}`);
    });
  });
  after(async () => {
    await browser?.close();
    await receiver?.stop();
    await api?.stop();
  });
  beforeEach(() => wrong.splice(0));

  async function lookPrinted(): Promise<string[]> {
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    const printed =
      await page.evaluate<string>(`[...document.querySelectorAll('.reports :is(.top, .filters, .downloads)')]
      .filter((element) => element.checkVisibility()).map(({ className }) => className).join()`);
    // Chromium repeats the foot of a table on each page, where it would pass for the total of the page.
    const repeated = await page.evaluate<boolean>(`[...document.querySelectorAll('tfoot')]
      .some((foot) => getComputedStyle(foot).display === 'table-footer-group')`);
    await page.emulateMedia({ media: 'screen' });
    return [
      ...(printed === '' ? [] : [`on paper, ${printed}`]),
      ...(repeated ? ['totals on each page'] : []),
    ];
  }

  /** Looks at the page that is shown. */
  async function check(name: string): Promise<void> {
    const tell = (what: string, found: readonly string[]) =>
      wrong.push(...found.map((one) => `${name}, ${what}: ${one}`));
    stops[name] = await tabStops(page);
    if (stops[name] >= mostStops) tell('the keyboard', [`${stops[name]} stops to its end`]);
    // A heat map leads where its table does, and is no stop of the keyboard.
    if ((await page.locator('.chart-picture:has(.h1) a:not([tabindex="-1"])').count()) > 0)
      tell('the keyboard', ['a stop in a heat map']);
    // What is folded away is seen by nobody, and by axe neither.
    await page.evaluate(`for (const fold of document.querySelectorAll('details')) fold.open = true`);
    tell('light', await findings(page));
    await page.emulateMedia({ colorScheme: 'dark' });
    tell('dark', await findings(page, ['color-contrast']));
    // A window of 1280 at 200 % has 640 of these pixels, and at 400 % 320.
    for (const width of [640, 380, 320]) tell('small', await misfits(page, width, controls));
    tell('print', await lookPrinted());
  }

  async function visit(path: string): Promise<void> {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(api.url + path);
  }

  async function lookAs(name: keyof typeof who, pages: Readonly<Record<string, string>>): Promise<void> {
    await context.clearCookies();
    const cookies = [...(who[name]?.cookies ?? [])];
    await context.addCookies(cookies.map(([key, value]) => ({ name: key, value, url: api.url })));
    for (const [of, path] of Object.entries(pages)) {
      state = of;
      await visit(path);
      await check(of);
    }
  }

  /** What a form leads to when it is sent as it is. */
  async function lookSent(name: string, path: string, button: string): Promise<void> {
    state = name;
    await visit(path);
    await page.evaluate(`for (const fold of document.querySelectorAll('details')) fold.open = true`);
    await Promise.all([
      page.waitForEvent('domcontentloaded'),
      page.getByRole('button', { name: button }).click(),
    ]);
    await check(name);
  }

  const title = (what: string): string =>
    `${what}: axe finds nothing in any state, light or dark; nothing scrolls sideways; all targets are 44 pixels; few tab stops; the policy holds`;

  for (const { id } of reportCatalogue)
    it(title(`WEB-1: the report ${id}`), async () => {
      await lookAs('manager', { [id]: `/reports/${id}?${year}` });
      expect(wrong.join('\n')).equal('');
    });

  it(title('WEB-1: the list of reports, their records and refusals'), async () => {
    await lookAs('manager', {
      'all reports': '/reports',
      compared: `/reports/monthly-appointments-trend?${year}&compare=before&region=West`,
      empty: '/reports/top-doctors?period=custom&from=1999-01-01&through=1999-02-01',
      refused: '/reports/top-doctors?limit=1000&period=custom&from=2025-03-01&through=2025-02-01',
      'which one': '/reports/top-doctors?doctor=dr',
      nobody: '/reports/top-doctors?doctor=nobody',
      records: `/reports/monthly-appointments-trend/records?${year}&row.month=2025-03`,
      'no records': '/reports/top-doctors/records?row.doctor_id=D-none',
      'no page': '/reports/none',
    });
    await lookAs('stranger', { 'to a stranger': '/reports/top-doctors' });
    await lookAs('patient', { 'to a patient': '/reports' });
    expect(wrong.join('\n')).equal('');
  });

  it(title('WEB-4: the home, and the page of operations'), async () => {
    await lookAs('manager', {
      home: `/overview?${year}`,
      'home without figures': '/overview?period=today&region=West',
      'home of nobody': '/overview?doctor=nobody',
      notices: '/my/notices',
    });
    await lookAs('admin', { operations: '/operations', 'home of an admin': '/overview' });
    expect(wrong.join('\n')).equal('');
  });

  it(title('AUTH-8: who has read a record, and the trail'), async () => {
    const path = '/account/accesses';
    await lookAs('patient', { 'nobody has read it': path, 'who has read it': path });
    await lookAs('admin', {
      'the trail': '/operations/trail',
      'the trail, filtered': '/operations/trail?action=patient.accesses&outcome=success&from=2020-01-01',
      'an empty trail': '/operations/trail?user=U-none',
      'the trail, refused': '/operations/trail?from=yesterday',
    });
    expect(wrong.join('\n')).equal('');
  });

  it(title('REP-14, REP-10: what is saved, shared and held to a target'), async () => {
    const of = `/reports/monthly-appointments-trend?${year}`;
    await lookAs('manager', {
      'no targets': '/reports/targets',
      'no links': '/reports/links',
      'nothing saved': '/reports/saved',
    });
    const send = async (action: string, fields: Record<string, string>) =>
      expect((await who.manager!.submit(await who.manager!.get(of), action, fields)).to).equal(action);
    await send('/reports/targets', { figure: 'completed', direction: 'at_least', goal: '4' });
    await send('/reports/links', { days: '7' });
    await send('/reports/saved', { name: 'A year', every: 'week-1', time: '07:30', format: 'pdf' });
    const [, shared] = /\/shared\/([^"]+)"/.exec((await who.manager!.get('/reports/links')).text)!;
    await lookAs('manager', {
      ...{ targets: '/reports/targets', links: '/reports/links', 'saved reports': '/reports/saved' },
      'a report with a target': of,
    });
    await lookSent('a target, refused', of, 'Set target');
    await lookSent('saving, refused', of, 'Save report');
    await lookAs('stranger', { 'a shared report': `/shared/${shared}`, 'a wrong link': '/shared/none' });
    expect(wrong.join('\n')).equal('');
  });

  it(title('SUP-9, WEB-4: webhooks'), async () => {
    const visitor = who.manager!;
    await lookAs('manager', { 'no webhooks': '/webhooks', 'no such webhook': '/webhooks/none' });
    await lookSent('a webhook, refused', '/webhooks', 'Add webhook');
    const list = await visitor.get('/webhooks');
    await visitor.submit(list, '/webhooks', { url: `${receiver.url}/${'long'.repeat(60)}` });
    const [, one] = /href="(\/webhooks\/[^"]+)"/.exec((await visitor.get('/webhooks')).text)!;
    receiver.respond = answer(500);
    for (let n = 0; n < 25; n += 1) await visitor.submit(await visitor.get(one!), `${one}/test`);
    await poll(async () => !words(await visitor.get(one!)).includes('Waiting'), 60_000);
    await lookAs('manager', {
      ...{ webhooks: '/webhooks', 'a webhook': one!, 'what never arrived': `${one}?status=failed` },
    });
    await lookSent('a secret', one!, 'New secret');
    expect(wrong.join('\n')).equal('');
  });

  it(`WEB-1: comes to the end of each page with fewer than ${mostStops} stops of the keyboard`, () => {
    const table = Object.entries(stops).map(([name, count]) => `${String(count).padStart(8)}  ${name}`);
    console.log(['   stops to the end of the page', ...table].join('\n'));
    expect(Object.entries(stops).filter(([, count]) => count >= mostStops)).deep.equal([]);
  });
});
