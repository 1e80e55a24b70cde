import type { Money } from '../../lib/money.js';
import { amountOf, clockTag, timeTag, zoneTitle } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { paymentTag, statusTag, type AppointmentLine } from './appointments.page.js';
import type { DepartmentCard } from './departments.page.js';
import { priceText, type Quote } from './hold.page.js';
import { breadcrumbs, errorSummary, facts, formKey, radios, type Mistake } from '../parts.js';

/** A payment of the visit; its papers are at `/my/payments/{transaction_id}/…`. */
export interface PaymentView extends Quote {
  readonly transaction_id: string;
  readonly currency: string;
  readonly payment_method: string;
  /** null while it is pending. */
  readonly invoice_number: string | null;
  readonly receipt_number: string | null;
  readonly is_demo: boolean;
  readonly checkout_path: string | null;
  readonly created_at: Date;
  readonly refunded: Money;
  readonly refunds: readonly {
    readonly refund_id: string;
    readonly amount: Money;
    readonly status: 'pending' | 'posted' | 'rejected';
    readonly credit_note_number: string | null;
  }[];
}

export interface AppointmentView {
  readonly appointment: AppointmentLine & {
    readonly slot_end: Date | null;
    readonly reason: string | null;
    readonly doctor_id: string;
    readonly moved: number;
  };
  readonly department: DepartmentCard | null;
  readonly cancelledBecause: string | null;
  readonly payment: PaymentView | null;
  /** What is to be paid; null when there is nothing to pay, or nobody knows how much. */
  readonly quote: Quote | null;
  /** What else is owed for the visit. */
  readonly bills: { readonly count: number; readonly due: Money };
  readonly currency: string;
  readonly methods: readonly { readonly value: string; readonly label: string }[];
  readonly mayChange: boolean;
  readonly form_key: string;
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
}

const paper = (transaction_id: string, name: string, text: string): Html =>
  html`<li>
    <a class="button second" href="${path`/my/payments/${transaction_id}/${name}`}" download
      >${text} <span class="quiet">PDF</span></a
    >
  </li>`;

function paid(payment: PaymentView, zone: string): Html {
  const { currency, gst_rate } = payment;
  const line = (text: string, amount: string, isSum = false): Html =>
    html`<tr ${isSum && html`class="sum"`}>
      <th scope="row">${text}</th>
      <td>${amount}</td>
    </tr>`;
  return html`<table class="amounts">
      <caption>
        ${payment.invoice_number === null ? 'Begun' : 'Paid'} on ${timeTag(payment.created_at, zone)} by
        ${payment.payment_method}${payment.is_demo && html` <strong>(demo: no money was moved)</strong>`}
      </caption>
      <thead class="unseen">
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        ${line('Consultation', amountOf(payment.fee, currency))}
        ${line(gst_rate === null ? 'Tax (exempt)' : `Tax (${Number(gst_rate)}%)`, amountOf(payment.gst, currency))}
        ${line('Total', amountOf(payment.total_fee, currency), true)}
        ${payment.refunds.map(({ amount, status }) =>
          line(
            { pending: 'Refund, being decided', posted: 'Refund', rejected: 'Refund, not given' }[status],
            status === 'rejected' ? '–' : `−${amountOf(amount, currency)}`,
          ),
        )}
      </tbody>
    </table>
    ${
      payment.checkout_path !== null &&
      html`<p>The payment is not confirmed yet.</p>
        <p class="actions"><a class="button" href="${payment.checkout_path}">Go on to pay</a></p>`
    }
    ${payment.invoice_number !== null && papers(payment)}`;
}

function papers({ transaction_id, refunds, ...payment }: PaymentView): Html {
  return html`<ul class="actions" aria-label="Papers">
    ${paper(transaction_id, 'invoice.pdf', `Invoice ${payment.invoice_number}`)}
    ${paper(transaction_id, 'receipt.pdf', `Receipt ${payment.receipt_number}`)}
    ${refunds.map(
      ({ refund_id, credit_note_number }) =>
        credit_note_number !== null &&
        html`<li>
          <a class="button second" href="${path`/my/refunds/${refund_id}/credit-note.pdf`}" download
            >Credit note ${credit_note_number} <span class="quiet">PDF</span></a
          >
        </li>`,
    )}
  </ul>`;
}

function payForm({ quote, appointment, ...view }: AppointmentView): Html | undefined {
  if (!quote) return undefined;
  return html`<form method="post" action="${path`/my/appointments/${appointment.appointment_id}/pay`}">
    ${formKey(view.form_key)}
    <p>To pay: ${priceText(quote, view.currency)}</p>
    ${radios('payment_method', 'How do you pay?', view.methods, {
      value: view.values['payment_method'],
      mistakes: view.mistakes,
    })}
    <p class="actions"><button class="button">Pay ${amountOf(quote.total_fee, view.currency)}</button></p>
  </form>`;
}

function changes({ mayChange, appointment: { appointment_id } }: AppointmentView): Html | false {
  return (
    mayChange &&
    html`<section aria-labelledby="change">
      <h2 id="change">Change of plans?</h2>
      <p class="actions">
        <a class="button second" href="${path`/my/appointments/${appointment_id}/reschedule`}"
          >Move to another time</a
        >
        <a class="button second" href="${path`/my/appointments/${appointment_id}/cancel`}"
          >Cancel the visit</a
        >
      </p>
    </section>`
  );
}

const moneySection = (view: AppointmentView): Html => {
  const { payment, appointment } = view;
  const { bills } = view;
  const content = payment ? paid(payment, appointment.zone) : payForm(view);
  const owed =
    bills.count > 0 &&
    html`<p>You owe <strong>${amountOf(bills.due, view.currency)}</strong> for this visit.</p>
      <p class="actions"><a class="button second" href="/my/bills">See and pay your bills</a></p>`;
  return html`<section class="card" aria-labelledby="payment">
    <h2 id="payment">Payment</h2>
    ${content ?? (!owed && html`<p class="quiet">There is nothing to pay.</p>`)} ${payment && payForm(view)}
    ${owed}
  </section>`;
};

export function appointmentPage(view: AppointmentView): View {
  const { appointment, department, mistakes } = view;
  const { date, slot_end, zone, doctor_name, status } = appointment;
  const where =
    department &&
    html`${readable(department.hospital.name)}<br /><span class="quiet"
        >${department.hospital.address ?? department.hospital.region}</span
      >`;
  return {
    title: `${mistakes.length > 0 ? 'Error: ' : ''}Your visit to ${readable(doctor_name)}`,
    main: html`${mistakes.length > 0 && errorSummary('That did not work', mistakes)}
      ${breadcrumbs([{ href: '/my/appointments', text: 'My appointments' }])}
      <h1>Your visit to ${readable(doctor_name)}</h1>
      <p class="tags">${statusTag(status)} ${paymentTag(appointment.paid)}</p>
      <div class="beside even">
        <section class="card" aria-labelledby="visit">
          <h2 id="visit">Visit</h2>
          ${facts([
            [
              'When',
              html`<strong>${timeTag(date, zone)}</strong
                >${slot_end && html` to ${clockTag(slot_end, zone)}`}<br /><span class="quiet"
                  >${zoneTitle(date, zone)}</span
                >`,
            ],
            [
              'Doctor',
              html`<a href="${path`/book/doctors/${appointment.doctor_id}`}">${readable(doctor_name)}</a>`,
            ],
            ['Where', where ?? readable(appointment.hospital_name)],
            ...(appointment.reason === null ? [] : [['About', appointment.reason] as const]),
            ...(appointment.moved === 0
              ? []
              : [['Moved', appointment.moved === 1 ? 'once' : `${appointment.moved} times`] as const]),
            ...(view.cancelledBecause === null ? [] : [['Cancelled', view.cancelledBecause] as const]),
            ['Number', html`<span class="id">${appointment.appointment_id}</span>`],
          ])}
        </section>
        ${moneySection(view)}
      </div>
      ${changes(view)}`,
  };
}
