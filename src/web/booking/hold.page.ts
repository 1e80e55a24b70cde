import type { Money } from '../../lib/money.js';
import { amountOf, clockTag, timeTag, zoneTitle } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path, type Content } from '../../lib/html.js';
import type { View } from '../page.js';
import type { DepartmentCard } from './departments.page.js';
import { errorSummary, facts, formKey, textField, type Mistake } from '../parts.js';

export interface Quote {
  readonly fee: Money;
  /** Percent; null: exempt. */
  readonly gst_rate: string | null;
  readonly gst: Money;
  readonly total_fee: Money;
}

export interface HoldView {
  readonly hold: {
    readonly hold_id: string;
    readonly date: Date;
    readonly slot_end: Date;
    readonly expires_at: Date;
  };
  /** Whether it has run out. */
  readonly isOver: boolean;
  readonly doctor: { readonly doctor_id: string; readonly name: string; readonly specialty: string };
  readonly department: DepartmentCard;
  readonly zone: string;
  readonly quote: Quote;
  readonly currency: string;
  readonly patient_name: string;
  readonly form_key: string;
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
}

/** There is no such hold, or none any more: the time is booked, given back, or somebody else's. */
export const holdGonePage = (): View => ({
  title: 'The time is not held any more',
  main: html`<div class="narrow">
    <h1>The time is not held any more</h1>
    <p class="lead">
      It may be booked already: look among your appointments. If it is not there, choose a time again.
    </p>
    <p class="actions">
      <a class="button" href="/my/appointments">My appointments</a>
      <a class="button second" href="/book">Choose a time</a>
    </p>
  </div>`,
});

/** `$118.00, of it $18.00 tax (18%)` */
export function priceText({ total_fee, gst, gst_rate }: Quote, currency: string): Content {
  if (gst_rate === null) return html`<strong>${amountOf(total_fee, currency)}</strong>, free of tax`;
  return html`<strong>${amountOf(total_fee, currency)}</strong>
    <span class="quiet">with ${amountOf(gst, currency)} tax (${Number(gst_rate)}%)</span>`;
}

export function holdPage(view: HoldView): View {
  const { hold, doctor, department, zone, quote, currency, form_key, values, mistakes } = view;
  const doctorPath = path`/book/doctors/${doctor.doctor_id}`;
  if (view.isOver)
    return {
      title: 'The time is not held any more',
      main: html`<div class="narrow">
        <h1>The time is not held any more</h1>
        <p class="lead">
          ${timeTag(hold.date, zone)} with ${readable(doctor.name)} was held for you until
          ${clockTag(hold.expires_at, zone)}. It may still be free.
        </p>
        <p class="actions"><a class="button" href="${doctorPath}">Choose a time</a></p>
      </div>`,
    };
  return {
    title: mistakes.length > 0 ? 'Error: Confirm your visit' : 'Confirm your visit',
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('The visit is not booked yet', mistakes)}
      <h1>Confirm your visit</h1>
      <p class="notice good">This time is yours until <strong>${clockTag(hold.expires_at, zone)}</strong>.</p>
      <div class="card form">
        ${facts([
          [
            'When',
            html`<strong>${timeTag(hold.date, zone)}</strong> to ${clockTag(hold.slot_end, zone)}<br /><span
                class="quiet"
                >${zoneTitle(hold.date, zone)}</span
              >`,
          ],
          [
            'Doctor',
            html`${readable(doctor.name)}<br /><span class="quiet">${readable(doctor.specialty)}</span>`,
          ],
          [
            'Where',
            html`${readable(department.hospital.name)}<br /><span class="quiet"
                >${department.hospital.address ?? department.hospital.region}</span
              >`,
          ],
          ['For', view.patient_name],
          [
            'Price',
            html`${priceText(quote, currency)}<br /><span class="quiet"
                >You pay after you have booked.</span
              >`,
          ],
        ])}
        <form method="post" action="${path`/book/holds/${hold.hold_id}`}">
          ${formKey(form_key)}
          <input type="hidden" name="doctor_id" value="${doctor.doctor_id}" />
          <input type="hidden" name="start" value="${hold.date.toISOString()}" />
          ${textField('reason', 'What is it about? (optional)', {
            hint: 'A few words for the doctor.',
            value: values['reason'],
            maxlength: 1000,
            mistakes,
          })}
          <p class="actions">
            <button class="button">Book this visit</button>
            <button class="button second" formaction="${path`/book/holds/${hold.hold_id}/release`}">
              Choose another time
            </button>
          </p>
        </form>
      </div>
    </div>`,
  };
}
