import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { needCommand } from '../support/commands.js';

/* Pages as Chromium shows them. What runs in a page is text, for this project knows no DOM. */

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function openChromium(): Promise<Browser> {
  await needCommand('chromium');
  const { stdout } = await promisify(execFile)('bash', ['-c', 'command -v chromium']);
  // Root has no sandbox, and a container little shared memory.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  return chromium.launch({ executablePath: stdout.trim(), args });
}

/** By the debugger, which our content security policy does not hold back. */
export const addAxe = (context: BrowserContext): Promise<unknown> => context.addInitScript(axe);

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds on the page; by these rules alone, where there are any. */
export async function findings(page: Page, rules: readonly string[] = []): Promise<string[]> {
  const options = rules.length > 0 ? { runOnly: rules } : {};
  const script = `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const found = await page.evaluate<Finding[]>(script);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** What does not fit a window of that width: the page itself, and those of `controls` that are less than 44 pixels high. */
export async function misfits(page: Page, width: number, controls: string): Promise<string[]> {
  await page.setViewportSize({ width, height: 800 });
  const needed = await page.evaluate<number>('document.documentElement.scrollWidth');
  const small = await page.evaluate<string[]>(`[...document.querySelectorAll('${controls}')]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
    .map(({ outerHTML }) => outerHTML)`);
  return [...(needed > width ? [`needs ${needed}`] : []), ...small].map((one) => `${width} wide, ${one}`);
}

/** The last control of a page. */
const last = `[...document.querySelectorAll(
  ':is(a[href], button, input, select, summary, [tabindex="0"]):not([tabindex="-1"], [type="hidden"])')]
  .filter((element) => element.checkVisibility()).at(-1)`;

/** How often somebody presses a key to come from the top of the page to its last control, by all the skips that there are. */
export async function tabStops(page: Page): Promise<number> {
  // A skip to where nothing follows that the keyboard reaches would begin the page again.
  const isPast = () =>
    page.evaluate<boolean>(`(({ activeElement: at }) => at.matches('.skip, .skip-past') &&
      (document.querySelector(at.hash).compareDocumentPosition(${last}) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
    )(document)`);
  const isEnd = () => page.evaluate<boolean>(`document.activeElement === ${last}`);
  let stops = 0;
  for (; stops < 400 && !(await isEnd()); stops += 1)
    await page.keyboard.press((await isPast()) ? 'Enter' : 'Tab');
  return stops;
}
