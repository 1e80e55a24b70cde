import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';

interface ReportCard {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** CSV, Excel, chart. */
  readonly has: readonly string[];
}

const card = ({ id, title, question, has }: ReportCard): Html =>
  html`<li class="card link-card report-card">
    <h2><a href="${path`/reports/${id}`}">${title}</a></h2>
    <p>${question}</p>
    <p class="quiet small">${has.join(' · ')}</p>
  </li>`;

interface ReportsView {
  readonly reports: readonly ReportCard[];
  /** For a doctor: the figures are their own. */
  readonly areOwn: boolean;
  /** Whether reports can be saved. */
  readonly canSave: boolean;
  /** Whether they can be shown to others. */
  readonly canShare: boolean;
}

export const reportsPage = ({ reports, areOwn, canSave, canShare }: ReportsView): View => ({
  title: 'Reports',
  section: 'reports',
  main: html`<h1>Reports</h1>
    <p class="lead">
      ${
        areOwn
          ? 'Your own figures: visits, patients and prescriptions that name you.'
          : 'Every figure comes from the hospital’s own records, says when it held, and leads to the records behind it.'
      }
    </p>
    ${
      (canSave || canShare) &&
      html`<p class="actions">
        ${canSave && html`<a class="button second" href="/reports/saved">Saved reports</a>`}
        ${
          canShare &&
          html`<a class="button second" href="/reports/links">Links to reports</a>
            <a class="button second" href="/reports/targets">Targets</a>`
        }
      </p>`
    }
    <ul class="cards report-cards">
      ${reports.map(card)}
    </ul>`,
});
