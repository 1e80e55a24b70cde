import { html, type Content, type Html } from '../../lib/html.js';
import { formKey, type Mistake } from '../parts.js';

/** What a form under the figures of a report is about. */
export interface FoldedFormView {
  readonly report: string;
  /** What the address of the report said behind its question mark. */
  readonly asked: string;
  readonly mistakes: readonly Mistake[];
  readonly form_key: string;
}

interface FoldedForm {
  readonly summary: string;
  readonly label: string;
  readonly action: string;
  readonly fields: Content;
  readonly button: string;
}

/** A form under the figures, folded away unless something was wrong. */
export const foldedForm = (
  { report, asked, mistakes, form_key }: FoldedFormView,
  { summary, label, action, fields, button }: FoldedForm,
): Html =>
  html`<details class="help" ${mistakes.length > 0 && html`open`}>
    <summary>${summary}</summary>
    <form method="post" action="${action}" aria-label="${label}">
      ${formKey(form_key)}
      <input type="hidden" name="report" value="${report}" />
      <input type="hidden" name="asked" value="${asked}" />
      <div class="filter-fields">${fields}</div>
      <div class="filter-end"><button class="button">${button}</button></div>
    </form>
  </details>`;
