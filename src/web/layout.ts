import { mayUse } from '../lib/permissions.js';
import type { Features } from '../lib/features.js';
import { finder, icon, reportsStylesheet, stylesheet } from './assets.js';
import { html, toText, type Content, type Html } from '../lib/html.js';
import { homeOf } from './home.js';
import type { View, Viewer } from './page.js';

interface Frame {
  /** null: nobody is signed in. */
  readonly viewer: Viewer | null;
  /** Of the page that is shown, to mark it in the navigation. */
  readonly path: string;
  readonly features: Features;
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
    <a class="who" href="/account"><span class="unseen">Signed in as </span>${name}</a>
    <button class="plain">Sign out</button>
  </form>`;

/** What the one who looks may open, and nothing else. */
function links(frame: Frame): Content {
  const { viewer, features } = frame;
  const book = features.booking_pages && link('/book', 'Book a visit', frame);
  if (!viewer) return [book, link('/sign-in', 'Sign in', frame, { apart: true })];
  const notices = link('/my/notices', 'Notices', frame, { badge: viewer.unread });
  if (mayUse(viewer.role, 'reports:read'))
    return [
      homeOf(viewer.role, features) === '/overview' && link('/overview', 'Home', frame),
      features.report_pages && link('/reports', 'Reports', frame),
      mayUse(viewer.role, 'users:manage') && link('/users', 'Users', frame),
      mayUse(viewer.role, 'emergency-accesses:review') && link('/emergency-accesses', 'Privacy', frame),
      mayUse(viewer.role, 'operations:read') && link('/operations', 'Operations', frame),
      notices,
    ];
  if (viewer.role === 'patient')
    return [
      book,
      features.booking_pages && link('/my/appointments', 'Appointments', frame),
      features.booking_pages && link('/my/bills', 'Bills', frame),
      link('/my/timeline', 'Timeline', frame),
      notices,
      link('/account/accesses', 'My record', frame),
    ];
  return [link('/home', 'Home', frame), notices];
}

const header = (frame: Frame): Html =>
  html`<header class="top">
    <div class="wrap">
      <a class="brand" href="${homeOf(frame.viewer?.role, frame.features)}"
        >${mark}<span>Smart Healthcare</span></a
      >
      <nav aria-label="Main">
        <ul>
          ${links(frame)}
        </ul>
      </nav>
      ${frame.viewer && signOut(frame.viewer)}
    </div>
  </header>`;

const footer = html`<footer class="foot">
  <div class="wrap">
    <p>
      <strong>In an emergency, call your local emergency number.</strong> Do not book here for what cannot
      wait.
    </p>
    <p>Times are on the clock of the hospital.</p>
  </div>
</footer>`;

const reportsFooter = html`<footer class="foot">
  <div class="wrap">
    <p>For those whom the hospital lets see them: figures, and the records behind them, are confidential.</p>
  </div>
</footer>`;

/** The whole document. It works without a script, also where it has one. */
export function renderPage({ title, main, section, script }: View, frame: Frame): string {
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} – Smart Healthcare</title>
      <link rel="stylesheet" href="${stylesheet.path}" />
      ${section && html`<link rel="stylesheet" href="${reportsStylesheet.path}" />`}
      ${script && html`<script type="module" src="${finder.path}"></script>`}
      <link rel="icon" href="${icon.path}" type="image/svg+xml" />
    </head>
    <body ${section && html`class="${section}"`}>
      <a class="skip" href="#main">Skip to the content</a>
      ${header(frame)}
      <main id="main" class="wrap" tabindex="-1">${main}</main>
      ${section ? reportsFooter : footer}
    </body>
  </html>`;
  return `<!doctype html>\n${toText(page)}\n`;
}
