import type { Money } from '../../lib/money.js';
import { fromCents, toCents } from '../../lib/money.js';
import { html, path, type Html } from '../../lib/html.js';
import { amountOf, datedTag, plural } from '../format.js';
import type { View } from '../page.js';
import { breadcrumbs, errorSummary, formKey, type Mistake } from '../parts.js';

export interface BillLine {
  readonly id: string;
  readonly kind: 'consultation' | 'prescription';
  readonly created_at: Date;
  readonly appointment_id: string | null;
  readonly owed: Money;
  readonly due: Money;
}

export interface BillsView {
  readonly bills: readonly BillLine[];
  readonly balance: { readonly bills: number; readonly owed: Money; readonly due: Money };
  readonly currency: string;
  /** Whether cards are taken here. */
  readonly takesCards: boolean;
  readonly zone: string;
  readonly form_key: string;
  readonly mistakes: readonly Mistake[];
}

const kinds = { consultation: 'Consultation', prescription: 'Medicines' } as const;

const payButton = ({ id, due }: BillLine, { currency, form_key, takesCards }: BillsView): Html =>
  takesCards
    ? html`<form method="post" action="${path`/my/bills/${id}/pay`}">
        ${formKey(form_key)}
        <button class="button second">Pay ${amountOf(due, currency)}</button>
      </form>`
    : html`At the desk`;

const row = (bill: BillLine, view: BillsView): Html => {
  const { currency, zone } = view;
  const tax = fromCents(toCents(bill.due) - toCents(bill.owed));
  const when = datedTag(bill.created_at, zone);
  const visit = bill.appointment_id;
  return html`<tr>
    <th scope="row">
      ${visit === null ? when : html`<a href="${path`/my/appointments/${visit}`}">${when}</a>`}
    </th>
    <td>${kinds[bill.kind]}</td>
    <td>${amountOf(bill.owed, currency)}</td>
    <td>${amountOf(tax, currency)}</td>
    <td>${payButton(bill, view)}</td>
  </tr>`;
};

function table(view: BillsView): Html {
  const { bills, balance, currency } = view;
  const tax = fromCents(toCents(balance.due) - toCents(balance.owed));
  return html`<p>
      You owe <strong>${amountOf(balance.due, currency)}</strong> for ${plural(balance.bills, 'charge')}. Cash
      and bank transfers are taken at the desk of the hospital.
    </p>
    <div class="scroll">
      <table class="list">
        <caption class="unseen">
          Charges that are not paid, the oldest first
        </caption>
        <thead>
          <tr>
            <th scope="col">Charged</th>
            <th scope="col">For</th>
            <th scope="col">Amount</th>
            <th scope="col">Tax</th>
            <th scope="col">To pay</th>
          </tr>
        </thead>
        <tbody>
          ${bills.map((bill) => row(bill, view))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colspan="2">Total</th>
            <td>${amountOf(balance.owed, currency)}</td>
            <td>${amountOf(tax, currency)}</td>
            <td>${amountOf(balance.due, currency)}</td>
          </tr>
        </tfoot>
      </table>
    </div>`;
}

/** BILL-8: everything that the patient owes. */
export function billsPage(view: BillsView): View {
  const { bills, mistakes } = view;
  return {
    title: `${mistakes.length > 0 ? 'Error: ' : ''}My bills`,
    main: html`${mistakes.length > 0 && errorSummary('That did not work', mistakes)}
      <h1>My bills</h1>
      ${bills.length === 0 ? html`<p class="quiet">You owe nothing.</p>` : table(view)}`,
  };
}

export interface CardView {
  readonly transaction_id: string;
  readonly total_fee: Money;
  readonly currency: string;
  readonly status: string;
  readonly back: string;
  readonly form_key: string;
}

/** BILL-7: the demo provider's page. It stands for the one of a real provider, and says that it is not. */
export function demoCardPage(view: CardView): View {
  const { transaction_id, total_fee, currency, status, back } = view;
  const button = (decision: string, text: string, style: string): Html =>
    html`<form method="post" action="${path`/my/payments/${transaction_id}/card/${decision}`}">
      ${formKey(view.form_key)}
      <button class="button ${style}">${text}</button>
    </form>`;
  const choice =
    status === 'pending'
      ? html`<div class="actions">
          ${button('pay', `Pay ${amountOf(total_fee, currency)}`, '')}
          ${button('decline', 'Decline the card', 'second')}
        </div>`
      : html`<p>This payment is ${status}.</p>`;
  return {
    title: 'Card payment (demo)',
    main: html`${breadcrumbs([{ href: back, text: 'Back' }])}
      <h1>Card payment</h1>
      <p class="notice">
        <strong>This is a demo: no card is charged and no money is moved.</strong> The buttons say what a
        payment provider would say.
      </p>
      ${choice}`,
  };
}
