import type { Role } from '../../lib/actor.js';
import { html } from '../../lib/html.js';
import type { View } from '../page.js';

interface HomeView {
  readonly name: string;
  readonly role: Role;
  /** Whether departments and doctors have pages. */
  readonly showsDoctors: boolean;
}

const action = (href: string, text: string, about: string) =>
  html`<li class="card">
    <h2><a href="${href}">${text}</a></h2>
    <p>${about}</p>
  </li>`;

/** Of a role without pages for its work: what its account can do now. */
export const homePage = ({ name, role, showsDoctors }: HomeView): View => ({
  title: 'Home',
  main: html`<h1>Home</h1>
    <p class="lead">${name}, you are signed in as a ${role}. This is what your account can do now:</p>
    <ul class="rows">
      ${action('/my/notices', 'Read your notices', 'What we have written to you, here and by email.')}
      ${
        showsDoctors &&
        action(
          '/book',
          'Look at departments and doctors',
          'Who works where, and when. Visits are booked by patients.',
        )
      }
      ${action('/docs', 'Use the API', 'Each request says which roles may send it.')}
    </ul>`,
});
