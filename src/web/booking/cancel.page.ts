import type { Money } from '../../lib/money.js';
import { amountOf, timeTag } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { breadcrumbs, errorSummary, formKey, radios, type Choice, type Mistake } from '../parts.js';

export interface CancelView {
  readonly appointment_id: string;
  readonly date: Date;
  readonly zone: string;
  readonly doctor_name: string;
  /** null: nothing was paid. */
  readonly refund: { readonly paid: Money; readonly back: Money; readonly percent: number } | null;
  /** What comes back of a payment, by how long before the visit it is cancelled. */
  readonly policy: readonly { readonly hours: number; readonly percent: number }[];
  readonly currency: string;
  readonly reasons: readonly Choice[];
  readonly form_key: string;
  readonly mistakes: readonly Mistake[];
}

function refundNotice({ refund, currency }: CancelView): Html {
  if (!refund) return html`<p class="notice">You have not paid, so there is nothing to give back.</p>`;
  const { paid, back, percent } = refund;
  if (percent === 0)
    return html`<p class="notice warn">
      <strong>You get nothing back</strong> of the ${amountOf(paid, currency)} that you paid: it is too late
      for a refund.
    </p>`;
  return html`<p class="notice ${percent === 100 ? 'good' : 'warn'}">
    <strong>You get ${amountOf(back, currency)} back</strong> of the ${amountOf(paid, currency)} that you paid
    (${percent}%).
  </p>`;
}

const rules = ({ policy }: CancelView): Html =>
  html`<details>
    <summary>What you get back, and when</summary>
    <ul>
      ${policy.map(({ hours, percent }) => html`<li>${hours} hours or more before the visit: ${percent}%</li>`)}
      <li>Later: nothing</li>
      <li>If the doctor or the hospital cancels: all of it</li>
    </ul>
  </details>`;

export function cancelPage(view: CancelView): View {
  const { appointment_id, date, zone, doctor_name, mistakes } = view;
  const back = path`/my/appointments/${appointment_id}`;
  return {
    title: mistakes.length > 0 ? 'Error: Cancel the visit' : 'Cancel the visit',
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('The visit is not cancelled', mistakes)}
      ${breadcrumbs([
        { href: '/my/appointments', text: 'My appointments' },
        { href: back, text: 'Your visit' },
      ])}
      <h1>Cancel the visit</h1>
      <p class="lead">${timeTag(date, zone)} with ${readable(doctor_name)}</p>
      ${refundNotice(view)}
      <form class="card form" method="post" action="${path`/my/appointments/${appointment_id}/cancel`}">
        ${formKey(view.form_key)}
        ${radios('cancellation_reason', 'Why do you cancel?', view.reasons, { mistakes })}
        <p class="actions">
          <button class="button danger">Cancel the visit</button>
          <a class="button second" href="${back}">Keep it</a>
        </p>
      </form>
      ${rules(view)}
      <p>
        <a href="${path`/my/appointments/${appointment_id}/reschedule`}">Move it to another time instead</a>
      </p>
    </div>`,
  };
}
