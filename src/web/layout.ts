import { icon, stylesheet } from './assets.js';
import { html, toText, type Html } from '../lib/html.js';
import type { View, Viewer } from './page.js';

export interface Frame {
  /** null: nobody is signed in. */
  readonly viewer: Viewer | null;
  /** Of the page that is shown, to mark it in the navigation. */
  readonly path: string;
}

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect width="32" height="32" rx="9" />
  <path d="M16 8.5v15M8.5 16h15" />
</svg>`;

function link(
  href: string,
  text: string,
  { path }: Frame,
  { badge = 0, apart = false }: { badge?: number; apart?: boolean } = {},
): Html {
  const isHere = path === href || path.startsWith(`${href}/`);
  return html`<li ${apart && html`class="apart"`}>
    <a href="${href}" ${isHere && html`aria-current="${path === href ? 'page' : 'true'}"`}
      >${text}${badge > 0 && html` <span class="badge">${badge}<span class="unseen"> new</span></span>`}</a
    >
  </li>`;
}

const signOut = ({ name }: Viewer): Html =>
  html`<form class="account" method="post" action="/sign-out">
    <span class="who"><span class="unseen">Signed in as </span>${name}</span>
    <button class="plain">Sign out</button>
  </form>`;

const header = (frame: Frame): Html =>
  html`<header class="top">
    <div class="wrap">
      <a class="brand" href="/book">${mark}<span>Smart Healthcare</span></a>
      <nav aria-label="Main">
        <ul>
          ${link('/book', 'Book a visit', frame)}
          ${
            frame.viewer && [
              link('/my/appointments', 'Appointments', frame),
              link('/my/notices', 'Notices', frame, { badge: frame.viewer.unread }),
            ]
          }
          ${!frame.viewer && link('/sign-in', 'Sign in', frame, { apart: true })}
        </ul>
      </nav>
      ${frame.viewer && signOut(frame.viewer)}
    </div>
  </header>`;

const footer = html`<footer class="foot">
  <div class="wrap">
    <p>
      <strong>In an emergency, call your local emergency number.</strong> Do not book here for what can not
      wait.
    </p>
    <p>Times are on the clock of the hospital.</p>
  </div>
</footer>`;

/** The whole document. It works without a script, and has none. */
export function renderPage({ title, main }: View, frame: Frame): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} – Smart Healthcare</title>
      <link rel="stylesheet" href="${stylesheet.path}" />
      <link rel="icon" href="${icon.path}" type="image/svg+xml" />
    </head>
    <body>
      <a class="skip" href="#main">Skip to the content</a>
      ${header(frame)}
      <main id="main" class="wrap" tabindex="-1">${main}</main>
      ${footer}
    </body>
  </html>`;
  return `<!doctype html>\n${toText(page)}\n`;
}
