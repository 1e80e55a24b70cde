import { html, path, type Content, type Html } from '../../lib/html.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import {
  breadcrumbs,
  buttonForm,
  cardList,
  olderOnes,
  selectField,
  textField,
  type Choice,
} from '../parts.js';
import { foldedForm, type FoldedFormView } from './report-folded.page.js';

interface TargetRow {
  readonly target_id: string;
  /** The figure, by its heading. */
  readonly figure: string;
  /** The title of the report, and its page about the places and the period. */
  readonly title: string;
  readonly href: string;
  /** `at most 8.00%` */
  readonly goal: string;
  readonly period: string;
  /** The places and what else was asked, in words. */
  readonly filters: readonly string[];
  readonly recipients: readonly string[];
  readonly isMet: boolean | null;
  readonly since: Date | null;
}

interface TargetsView {
  readonly targets: readonly TargetRow[];
  /** Older ones. */
  readonly next: string | undefined;
  readonly zone: string;
  readonly form_key: string;
  /** Whether there are pages of webhooks to lead to. */
  readonly hasWebhooks: boolean;
}

const standing = ({ isMet, since, recipients }: TargetRow, zone: string): Content => {
  if (recipients.length === 0) return 'Nobody is notified.';
  const known =
    isMet === null
      ? 'Not looked at yet, or there is no figure yet.'
      : html`${isMet ? 'Met' : 'Missed'}${since && html` since ${stampTag(since, zone)}`}.`;
  return html`${known} Notified when that changes: ${recipients.join(', ')}.`;
};

const card = (one: TargetRow, { zone, form_key }: TargetsView): Html =>
  html`<li class="card">
    <h2>${one.figure}: ${one.goal}</h2>
    <p><a href="${one.href}">${one.title}</a>, ${[one.period, ...one.filters].join(' · ')}</p>
    <p class="quiet small">${standing(one, zone)}</p>
    <div class="actions">
      ${buttonForm(path`/reports/targets/${one.target_id}/remove`, 'Remove', `${one.figure} ${one.goal}`, form_key)}
    </div>
  </li>`;

export const targetsPage = (view: TargetsView): View => ({
  title: 'Targets',
  section: 'reports',
  main: html`${breadcrumbs([{ href: '/reports', text: 'Reports' }])}
    <h1>Targets</h1>
    <p class="lead">Goals for the figures of reports. Each is shown beside its figure, and in its chart.</p>
    ${
      view.hasWebhooks &&
      html`<p class="quiet">
        Recipients are notified in the app, by email and through their <a href="/webhooks">webhooks</a>.
      </p>`
    }
    ${cardList(
      view.targets.map((one) => card(one, view)),
      'None yet. Under the figures of a report there is a form to set one.',
    )}
    ${olderOnes(view.next, 'Older targets')}`,
});

export interface TargetFormView extends FoldedFormView {
  readonly figures: readonly Choice[];
  readonly values: Readonly<Record<string, string>>;
}

const directions: readonly Choice[] = [
  { value: 'at_least', label: 'At least' },
  { value: 'at_most', label: 'At most' },
];

export function targetForm({ figures, values, ...view }: TargetFormView): Html {
  const { mistakes } = view;
  return foldedForm(view, {
    ...{
      summary: 'Set a target for this period and place',
      label: 'Set a target',
      action: '/reports/targets',
    },
    fields: [
      selectField('figure', 'Figure', figures, { value: values['figure'] ?? figures[0]?.value, mistakes }),
      selectField('direction', 'Goal', directions, {
        value: values['direction'] ?? 'at_least',
        mistakes,
      }),
      textField('goal', 'Number (8% or 0.08 for a rate)', { value: values['goal'], maxlength: 20, mistakes }),
      textField('tell', 'Notify when it is crossed (email addresses)', {
        ...{ value: values['tell'], maxlength: 4000, mistakes },
      }),
    ],
    button: 'Set target',
  });
}
