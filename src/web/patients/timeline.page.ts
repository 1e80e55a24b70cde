import type { EventKind, TimelineEvent } from '../../domains/clinical/timeline/timeline.types.js';
import { html, path, type Content, type Html } from '../../lib/html.js';
import { amountOf, stampTag } from '../format.js';
import type { View } from '../page.js';
import { cardList, errorSummary, formKey, olderOnes, textField, type Mistake } from '../parts.js';

const titles: Readonly<Record<EventKind, string>> = {
  'appointment.booked': 'Visit booked',
  'appointment.rescheduled': 'Visit moved',
  'appointment.checked_in': 'Came to a visit',
  'appointment.completed': 'Visit over',
  'appointment.cancelled': 'Visit cancelled',
  'appointment.no_show': 'Visit missed',
  'prescription.written': 'Prescription',
  'emergency_access.opened': 'Record opened in an emergency',
  'bill.charged': 'Charge',
  'payment.paid': 'Payment',
  'payment.failed': 'Payment that failed',
  'refund.posted': 'Refund',
};

interface TimelineView {
  readonly heading: string;
  readonly events: readonly TimelineEvent[];
  readonly currency: string;
  readonly zone: string;
  readonly next: string | undefined;
  /** Whether visits have pages to lead to: to the patient they do. */
  readonly linksVisits: boolean;
}

function about(event: TimelineEvent, { zone, currency, linksVisits }: TimelineView): Content {
  const { date, drug, amount, appointment_id } = event;
  const when = date && html`for ${stampTag(date, zone)}`;
  const visit =
    linksVisits &&
    appointment_id !== null &&
    html` <a href="${path`/my/appointments/${appointment_id}`}"
      >See the visit<span class="unseen"> of ${event.event_id}</span></a
    >`;
  return html`${drug} ${when} ${amount !== null && amountOf(amount, currency)}${visit}`;
}

const card = (event: TimelineEvent, view: TimelineView): Html =>
  html`<li class="card">
    <h2>${titles[event.kind]}</h2>
    <p>${about(event, view)}</p>
    <p class="quiet">${stampTag(event.at, view.zone)}</p>
  </li>`;

/** PAT-3 */
export const timelinePage = (view: TimelineView): View => ({
  title: view.heading,
  main: html`<h1>${view.heading}</h1>
    ${cardList(
      view.events.map((event) => card(event, view)),
      'Nothing has happened yet.',
    )}
    ${olderOnes(view.next)}`,
});

interface GlassView {
  readonly patient_id: string;
  readonly form_key: string;
  readonly reason?: string | undefined;
  readonly mistakes: readonly Mistake[];
}

/** PAT-8: a doctor who does not treat the patient says why the record is to be opened all the same. */
export const glassPage = ({ patient_id, form_key, reason, mistakes }: GlassView): View => ({
  title: `${mistakes.length > 0 ? 'Error: ' : ''}Open a record in an emergency`,
  main: html`${mistakes.length > 0 && errorSummary('That did not work', mistakes)}
    <h1>Open a record in an emergency</h1>
    <p class="lead">
      You do not treat ${patient_id}, nor do you work in the patient’s department. If you must see the record
      now, say why.
    </p>
    <p>It opens for an hour. The patient sees that you opened it, and an admin reviews your reason.</p>
    <form class="card" method="post" action="${path`/patients/${patient_id}/timeline`}">
      ${formKey(form_key)}
      ${textField('reason', 'Why', {
        ...{ mistakes, maxlength: 500, ...(reason === undefined ? {} : { value: reason }) },
        hint: 'For example: unconscious in the emergency room; allergies unknown.',
      })}
      <button class="button danger">Open the record</button>
    </form>`,
});
