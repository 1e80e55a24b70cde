import type { AppointmentStatus } from '../../domains/clinical/appointments/index.js';
import { datedTag, dayTag, shortTimeTag, timeTag } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { formKey, olderOnes, portrait } from '../parts.js';

export interface AppointmentLine {
  readonly appointment_id: string;
  readonly date: Date;
  readonly zone: string;
  readonly status: AppointmentStatus;
  readonly doctor_name: string;
  readonly hospital_name: string;
  /** null: nothing was paid. */
  readonly paid: keyof typeof payments | null;
}

interface WaitingLine {
  readonly waiting_id: string;
  readonly day: string;
  readonly doctor_id: string;
  readonly doctor_name: string;
  /** A time that is kept for them. */
  readonly offer: { readonly hold_id: string; readonly date: Date; readonly expires_at: Date } | null;
  readonly zone: string;
}

interface AppointmentsView {
  readonly upcoming: readonly AppointmentLine[];
  readonly past: readonly AppointmentLine[];
  readonly waiting: readonly WaitingLine[];
  readonly form_key: string;
  /** Where older ones are. */
  readonly next: string | undefined;
}

const words: Readonly<Record<AppointmentStatus, { readonly text: string; readonly tone: string }>> = {
  scheduled: { text: 'Booked', tone: 'good' },
  checked_in: { text: 'Checked in', tone: 'good' },
  completed: { text: 'Completed', tone: 'calm' },
  cancelled: { text: 'Cancelled', tone: 'bad' },
  no_show: { text: 'Missed', tone: 'warn' },
};

/** Said in words; the colour only repeats it. */
export const statusTag = (status: AppointmentStatus): Html =>
  html`<span class="tag ${words[status].tone}">${words[status].text}</span>`;

const payments = {
  paid: 'Paid',
  partially_refunded: 'Partly refunded',
  pending: 'Payment not confirmed',
  failed: 'Not paid',
  refunded: 'Refunded',
  voided: 'Payment voided',
} as const;

export const paymentTag = (paid: AppointmentLine['paid']): Html =>
  html`<span class="tag ${paid === 'paid' ? 'good' : 'calm'}"
    >${paid === null ? 'Not paid' : payments[paid]}</span
  >`;

const card = (line: AppointmentLine): Html =>
  html`<li class="card doctor link-card">
    ${portrait(line.doctor_name)}
    <div class="who">
      <h3><a href="${path`/my/appointments/${line.appointment_id}`}">${timeTag(line.date, line.zone)}</a></h3>
      <p class="quiet">${readable(line.doctor_name)}, ${readable(line.hospital_name)}</p>
    </div>
    <p class="next">${statusTag(line.status)} ${paymentTag(line.paid)}</p>
  </li>`;

const row = (line: AppointmentLine): Html =>
  html`<tr>
    <th scope="row">
      <a href="${path`/my/appointments/${line.appointment_id}`}">${datedTag(line.date, line.zone)}</a>
    </th>
    <td>${readable(line.doctor_name)}</td>
    <td>${statusTag(line.status)}</td>
  </tr>`;

const waiting = (line: WaitingLine, key: string): Html =>
  html`<li class="card">
    <p>
      <a href="${path`/book/doctors/${line.doctor_id}?day=${line.day}`}">${readable(line.doctor_name)}</a>,
      ${dayTag(line.day, 'cccc d MMMM')}
    </p>
    ${
      line.offer
        ? html`<p>
              <strong>${timeTag(line.offer.date, line.zone)}</strong> is kept for you until
              ${shortTimeTag(line.offer.expires_at, line.zone)}.
            </p>
            <p class="actions">
              <a class="button" href="${path`/book/holds/${line.offer.hold_id}`}">Book it</a>
            </p>`
        : html`<form method="post" action="${path`/my/waiting/${line.waiting_id}/leave`}">
            ${formKey(key)}
            <p class="quiet">We will notify you as soon as a time is free.</p>
            <button class="button second">Stop waiting</button>
          </form>`
    }
  </li>`;

export function appointmentsPage({ upcoming, past, waiting: lines, form_key, next }: AppointmentsView): View {
  return {
    title: 'My appointments',
    main: html`<h1>My appointments</h1>
      <section aria-labelledby="upcoming">
        <h2 id="upcoming">Upcoming</h2>
        ${
          upcoming.length > 0
            ? html`<ul class="rows">
                ${upcoming.map(card)}
              </ul>`
            : html`<div class="empty card">
                <p>You have no visit ahead of you.</p>
                <p class="actions"><a class="button" href="/book">Book a visit</a></p>
              </div>`
        }
      </section>
      ${
        lines.length > 0 &&
        html`<section aria-labelledby="waiting">
          <h2 id="waiting">Waiting list</h2>
          <ul class="cards">
            ${lines.map((line) => waiting(line, form_key))}
          </ul>
        </section>`
      }
      ${
        past.length > 0 &&
        html`<section aria-labelledby="past">
          <h2 id="past">Earlier and cancelled</h2>
          <div class="card">
            <table>
              <caption class="unseen">
                Appointments that are over or cancelled, the newest first
              </caption>
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Doctor</th>
                  <th scope="col">Status</th>
                </tr>
              </thead>
              <tbody>
                ${past.map(row)}
              </tbody>
            </table>
          </div>
          ${olderOnes(next)}
        </section>`
      }`,
  };
}
