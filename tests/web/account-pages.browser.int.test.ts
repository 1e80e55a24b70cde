import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { chromium, type Browser, type Page } from 'playwright-core';
import { totpCode } from '../../src/domains/identity/accounts/totp.js';
import { linkOf } from '../identity/accounts/letters.js';
import { startApi, type TestApi } from '../support/api.js';
import { needCommand } from '../support/commands.js';
import { testPassword } from '../support/make.js';

const run = promisify(execFile);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Controls that are less than 44 pixels high. */
const smallTargets = `[...document.querySelectorAll('button, select, summary, .button, .who, input:not([type="hidden"], [type="checkbox"])')]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
  .map(({ outerHTML }) => outerHTML)`;

describe('the pages of accounts', function () {
  this.timeout(240_000);
  let api: TestApi;
  let browser: Browser;
  let page: Page;
  before(async () => {
    await needCommand('chromium');
    api = await startApi({ OAUTH_GITHUB_CLIENT_ID: 'x', OAUTH_GITHUB_CLIENT_SECRET: 'y' });
    const { stdout } = await run('bash', ['-c', 'command -v chromium']);
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    browser = await chromium.launch({ executablePath: stdout.trim(), args });
    // A colour that is still changing when axe looks has too little contrast.
    const context = await browser.newContext({
      viewport: { width: 390, height: 800 },
      bypassCSP: true,
      reducedMotion: 'reduce',
    });
    page = await context.newPage();
  });
  after(async () => {
    await browser?.close();
    await api?.stop();
  });
  afterEach(() => api.clock.set(undefined));

  async function check(state: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe);
      const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
        'axe.run()',
      );
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
      expect(found, `${state}, ${colorScheme}`).to.deep.equal([]);
    }
    expect(await page.evaluate(smallTargets), state).to.deep.equal([]);
    const isWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
    expect(await page.evaluate(isWide), `${state} scrolls sideways`).to.equal(false);
  }
  const open = (path: string) => page.goto(api.url + path);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const failed = () => page.getByRole('alert').waitFor();

  it('AUTH-12, WEB-1: forgot and reset, in every state, as axe and a small screen see them', async () => {
    const { email } = await api.make.account('manager');
    await open('/sign-in');
    await check('sign in');
    await page.getByText('Forgot your password?').click();
    await check('forgot');
    await press('Send the link');
    await failed();
    await check('forgot, refused');
    await page.fill('#email', email);
    await press('Send the link');
    await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    await check('sent');
    await open(`/reset?token=${await linkOf(api, email, 'reset')}`);
    await check('reset');
    await page.fill('#password', 'Hospital2026');
    await press('Change the password');
    await failed();
    await check('reset, refused');
    await page.fill('#password', 'Otter-Lantern-Vivid-4');
    await press('Change the password');
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
    await check('reset, done');
  });

  it('AUTH-9, AUTH-10, AUTH-11, WEB-1: account, sessions, users and second factor too', async () => {
    const { email, user_id } = await api.make.account('admin');
    await open('/sign-in');
    await page.fill('#email', email);
    await page.fill('#password', testPassword);
    await press('Sign in');
    await page.waitForURL('**/overview');
    await open('/account');
    await check('account');
    await press('Add the address');
    await failed();
    await check('account, refused');
    await open('/account/sessions');
    await check('sessions');
    await open('/users');
    await check('users');
    await open(`/users/${user_id}`);
    await check('a user');
    await page.selectOption('#role', 'doctor');
    await press('Change the role');
    await failed();
    await check('a user, refused');

    await open('/my/second-factor');
    await check('second factor');
    await page.fill('#password', testPassword);
    await press('Set it up');
    const key = await page.locator('code').first().textContent();
    await check('set up');
    await page.fill('#code', 'abcdef');
    await press('Turn it on');
    await failed();
    await check('set up, refused');
    await page.fill('#code', totpCode(key!.replaceAll(' ', ''), api.clock.now()));
    await press('Turn it on');
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    await check('recovery codes');
    await open('/my/second-factor');
    await check('second factor, on');
    await open('/my/code');
    await check('a code again');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await open('/sign-in');
    await page.fill('#email', email);
    await page.fill('#password', testPassword);
    await press('Sign in');
    await page.getByRole('heading', { name: 'Enter a code' }).waitFor();
    await check('enter a code');
    await page.fill('#code', 'abcdef');
    await press('Sign in');
    await failed();
    await check('enter a code, refused');
  });
});
