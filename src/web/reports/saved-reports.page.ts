import { html, path, type Content, type Html } from '../../lib/html.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import {
  breadcrumbs,
  buttonForm,
  cardList,
  errorSummary,
  formKey,
  selectField,
  textField,
  type Mistake,
} from '../parts.js';

interface SavedRow {
  readonly saved_report_id: string;
  readonly name: string;
  /** The title of the report. */
  readonly report: string;
  /** Of the report as it was saved. */
  readonly href: string;
  /** `every Monday at 08:00` */
  readonly schedule: string | null;
  readonly format: string;
  /** The addresses of who is sent it too. */
  readonly recipients: readonly string[];
  readonly next_due_at: Date | null;
}

interface DeliveryRow {
  readonly delivery_id: string;
  readonly name: string;
  readonly status: 'waiting' | 'done' | 'failed';
  readonly failure: string | null;
  readonly format: string;
  readonly created_at: Date;
}

interface SavedReportsView {
  readonly saved: readonly SavedRow[];
  /** Those of others that the one who looks is sent. */
  readonly others: readonly SavedRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly zone: string;
  readonly form_key: string;
}

const sending = ({ format, schedule, next_due_at, recipients }: SavedRow, zone: string): Html =>
  html`<p>
      ${
        schedule === null
          ? 'Not sent by itself.'
          : html`Sent ${schedule} as
            ${format.toUpperCase()}${next_due_at && html`, next on ${stampTag(next_due_at, zone)}`}.`
      }
    </p>
    ${recipients.length > 0 && html`<p class="quiet small">Also to ${recipients.join(', ')}.</p>`}`;

const othersCard = (one: SavedRow, { zone, form_key }: SavedReportsView): Html =>
  html`<li class="card">
    <h3><a href="${one.href}">${one.name}</a></h3>
    <p class="quiet">${one.report}</p>
    ${sending({ ...one, recipients: [] }, zone)}
    <div class="actions">
      ${buttonForm(path`/reports/saved/${one.saved_report_id}/leave`, 'Stop sending it to me', one.name, form_key)}
    </div>
  </li>`;

function savedCard(one: SavedRow, { zone, form_key }: SavedReportsView): Html {
  const { saved_report_id: id, name } = one;
  return html`<li class="card">
    <h2><a href="${one.href}">${name}</a></h2>
    <p class="quiet">${one.report}</p>
    ${sending(one, zone)}
    <div class="actions">
      ${buttonForm(path`/reports/saved/${id}/deliver`, 'Send now', name, form_key)}
      ${buttonForm(path`/reports/saved/${id}/remove`, 'Remove', name, form_key)}
    </div>
  </li>`;
}

function outcome({ status, failure, delivery_id, format, name }: DeliveryRow): Content {
  if (status === 'waiting') return html`<span class="tag">Being made</span>`;
  if (status === 'failed') return html`<span class="tag bad">Not delivered</span> ${failure}`;
  return html`<a href="${path`/reports/deliveries/${delivery_id}`}"
    >Download ${format.toUpperCase()}<span class="unseen">: ${name}</span></a
  >`;
}

const deliveryItem = (one: DeliveryRow, zone: string): Html =>
  html`<li class="card">
    <h3>${one.name}</h3>
    <p class="apart">
      <span class="quiet">${stampTag(one.created_at, zone)}</span> <span>${outcome(one)}</span>
    </p>
  </li>`;

export const savedReportsPage = (view: SavedReportsView): View => ({
  title: 'Saved reports',
  section: 'reports',
  main: html`${breadcrumbs([{ href: '/reports', text: 'Reports' }])}
    <h1>Saved reports</h1>
    ${cardList(
      view.saved.map((one) => savedCard(one, view)),
      'Nothing yet. Under the figures of a report there is a form to save it and to have it sent.',
    )}
    ${
      view.others.length > 0 &&
      html`<section aria-labelledby="others">
        <h2 id="others">From others</h2>
        <ul class="rows">
          ${view.others.map((one) => othersCard(one, view))}
        </ul>
      </section>`
    }
    ${
      view.deliveries.length > 0 &&
      html`<section aria-labelledby="sent">
        <h2 id="sent">Sent to you</h2>
        <ul class="rows">
          ${view.deliveries.map((one) => deliveryItem(one, view.zone))}
        </ul>
      </section>`
    }`,
});

interface SaveFormView {
  /** Of the report. */
  readonly report: string;
  /** What the address of the report said behind its question mark. */
  readonly asked: string;
  /** Whether it may be sent to others too. */
  readonly canShare: boolean;
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
  readonly form_key: string;
}

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** `week-1` is every Monday. */
export const paces: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'never', label: 'Do not send it' },
  { value: 'day', label: 'Every day' },
  ...weekdays.map((day, at) => ({ value: `week-${at + 1}`, label: `Every ${day}` })),
  { value: 'month-1', label: 'On the first of each month' },
  { value: 'month-31', label: 'On the last of each month' },
];

const fields = ({ report, asked, canShare, values, mistakes, form_key }: SaveFormView): Html =>
  html`<form method="post" action="/reports/saved" aria-label="Save this report">
    ${formKey(form_key)}
    <input type="hidden" name="report" value="${report}" />
    <input type="hidden" name="asked" value="${asked}" />
    <div class="filter-fields">
      ${textField('name', 'Name', { value: values['name'], maxlength: 120, mistakes })}
      ${selectField('every', 'Send it to me', paces, { value: values['every'] ?? 'never', mistakes })}
      ${textField('time', 'At what time (HH:MM)', { value: values['time'] ?? '08:00', maxlength: 5, mistakes })}
      ${selectField(
        'format',
        'As',
        [
          { value: 'pdf', label: 'PDF' },
          { value: 'csv', label: 'CSV' },
          { value: 'xlsx', label: 'Excel' },
        ],
        { value: values['format'] ?? 'pdf', mistakes },
      )}
      ${
        canShare &&
        textField('recipients', 'Also to (email addresses)', {
          value: values['recipients'],
          maxlength: 4000,
          mistakes,
        })
      }
    </div>
    <div class="filter-end"><button class="button">Save report</button></div>
  </form>`;

/** Under the figures, folded away. */
export const saveForm = (view: SaveFormView): Html =>
  html`<details class="help">
    <summary>Save this report, or have it sent</summary>
    ${fields(view)}
  </details>`;

/** The form by itself, with what was wrong. */
export const saveAgain = (view: SaveFormView): AgainView => ({
  ...{ what: 'Save', failed: 'The report is not saved', mistakes: view.mistakes, form: fields(view) },
});

export interface AgainView {
  /** What one does with the report. */
  readonly what: string;
  readonly failed: string;
  readonly mistakes: readonly Mistake[];
  readonly form: Content;
}

/** A form that stands under the figures of the report `title`, after it was refused. */
export const againPage = (view: AgainView, title: string, back: string): View => ({
  title: `Error: ${view.what} a report`,
  section: 'reports',
  main: html`${breadcrumbs([
      { href: '/reports', text: 'Reports' },
      { href: back, text: title },
    ])}
    ${errorSummary(view.failed, view.mistakes)}
    <h1>${view.what} “${title}”</h1>
    <section class="card">${view.form}</section>`,
});
