import type { AuditEvent } from '../../domains/identity/audit/index.js';
import { recordActions } from '../../lib/audited.js';
import { html, type Html } from '../../lib/html.js';
import { actionWords } from '../action-words.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import { breadcrumbs, olderOnes, scrolledTable, selectField, textField } from '../parts.js';

type Given = Readonly<Record<string, string | undefined>>;

interface TrailView {
  readonly events: readonly AuditEvent[];
  readonly given: Given;
  readonly zone: string;
  readonly next: string | undefined;
}

const any = { value: '', label: 'Any' };

const form = (given: Given): Html =>
  html`<form class="card" method="get" action="/operations/trail">
    ${textField('patient', 'Whose record', { value: given['patient'], hint: 'The id of a patient' })}
    ${textField('user', 'Who', { value: given['user'], hint: 'The id of a user' })}
    ${selectField(
      'action',
      'What',
      [
        any,
        { value: 'auth.login', label: 'Signed in' },
        ...recordActions.map((value) => ({ value, label: actionWords(value) })),
      ],
      { value: given['action'] },
    )}
    ${selectField(
      'outcome',
      'How it ended',
      [any, { value: 'success', label: 'Done' }, { value: 'failure', label: 'Refused' }],
      { value: given['outcome'] },
    )}
    ${textField('from', 'From', { type: 'date', value: given['from'] })}
    ${textField('to', 'Before', { type: 'date', value: given['to'] })}
    <button class="button">Search</button>
  </form>`;

const row = (event: AuditEvent, zone: string): Html =>
  html`<tr>
    <th scope="row">${stampTag(event.at, zone)}</th>
    <td>${event.actor_user_id ?? 'Nobody known'}${event.role !== null && html`, ${event.role}`}</td>
    <td>
      ${actionWords(event.action)}${event.outcome === 'failure' && html` <span class="tag warn">Refused</span>`}
    </td>
    <td>${event.patient_ids.join(', ')}</td>
    <td>${event.purpose}</td>
    <td>${event.address}</td>
    <td>${event.seq === undefined ? 'Not yet' : 'Yes'}</td>
  </tr>`;

export const trailPage = ({ events, given, zone, next }: TrailView): View => ({
  title: 'The trail',
  main: html`${breadcrumbs([{ href: '/operations', text: 'Operations' }])}
    <h1>Who has read which record</h1>
    <p class="lead">
      Every sign-in, and every look at a patient’s record, change of it and refusal, the newest first. Type
      <code>npm run audit -- verify</code> to prove that nothing of it was changed or removed.
      <span class="quiet">Times are on the clock of ${zone}.</span>
    </p>
    ${form(given)}
    ${
      events.length > 0
        ? scrolledTable(
            'The trail',
            ['When', 'Who', 'What', 'Whose', 'Why', 'From where', 'Sealed'],
            events.map((event) => row(event, zone)),
          )
        : html`<div class="empty card"><p>There is nothing like that.</p></div>`
    }
    ${olderOnes(next, 'Earlier ones')}`,
});
