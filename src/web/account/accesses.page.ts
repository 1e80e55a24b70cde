import type { Role } from '../../lib/actor.js';
import { purposes, type Purpose } from '../../lib/audited.js';
import { html, type Html } from '../../lib/html.js';
import { actionWords } from '../action-words.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import { olderOnes, scrolledTable } from '../parts.js';

interface AccessesView {
  readonly accesses: readonly {
    readonly at: Date;
    readonly who: string | null;
    readonly role: Role | null;
    readonly is_own: boolean;
    readonly action: string;
    readonly outcome: 'success' | 'failure';
    readonly purpose: Purpose | null;
  }[];
  readonly zone: string;
  readonly next: string | undefined;
}

type Access = AccessesView['accesses'][number];

const whoOf = ({ who, role, is_own }: Access): string =>
  is_own ? 'You' : who === null ? 'A payment provider' : role === null ? who : `${who}, ${role}`;

const row = (access: Access, zone: string): Html =>
  html`<tr>
    <th scope="row">${stampTag(access.at, zone)}</th>
    <td>${whoOf(access)}</td>
    <td>
      ${actionWords(access.action)}${access.outcome === 'failure' && html` <span class="tag warn">Refused</span>`}
    </td>
    <td>
      ${access.purpose === null ? html`<span class="quiet">Not stated</span>` : purposes[access.purpose]}
    </td>
  </tr>`;

export const accessesPage = ({ accesses, zone, next }: AccessesView): View => ({
  title: 'Who has read my record',
  main: html`<h1>Who has read my record</h1>
    <p class="lead">
      Everybody who has looked at your record or changed it, and who was refused, the newest first. Nobody can
      take an entry out of this list. <span class="quiet">Times are on the clock of ${zone}.</span>
    </p>
    ${
      accesses.length > 0
        ? scrolledTable(
            'Who has read my record',
            ['When', 'Who', 'What', 'Why'],
            accesses.map((access) => row(access, zone)),
          )
        : html`<div class="empty card"><p>Nobody yet.</p></div>`
    }
    ${olderOnes(next, 'Earlier ones')}`,
});
