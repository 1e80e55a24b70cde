import type { Money } from '../../lib/money.js';
import { amountOf, shortTimeTag } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import type { DepartmentCard } from './departments.page.js';
import { breadcrumbs, portrait } from '../parts.js';

export interface DoctorCard {
  readonly doctor_id: string;
  readonly name: string;
  readonly specialty: string;
  readonly consultation_fee: Money;
  /** null: none that can be booked. */
  readonly next_free: Date | null;
}

interface DepartmentView {
  readonly department: DepartmentCard;
  readonly doctors: readonly DoctorCard[];
  readonly zone: string;
  readonly currency: string;
  readonly next: string | undefined;
}

const card = (doctor: DoctorCard, { zone, currency }: DepartmentView): Html =>
  html`<li class="card doctor link-card">
    ${portrait(doctor.name)}
    <div class="who">
      <h2><a href="${path`/book/doctors/${doctor.doctor_id}`}">${readable(doctor.name)}</a></h2>
      <p class="quiet">${readable(doctor.specialty)}</p>
    </div>
    <p class="price"><span class="quiet">Fee</span> ${amountOf(doctor.consultation_fee, currency)}</p>
    <p class="next">
      ${
        doctor.next_free
          ? html`<span class="quiet">Next free</span>
              <strong>${shortTimeTag(doctor.next_free, zone)}</strong>`
          : html`<span class="quiet">No free time at the moment</span>`
      }
    </p>
  </li>`;

export function departmentPage(view: DepartmentView): View {
  const { department, doctors, next } = view;
  const { hospital } = department;
  const name = readable(department.department_name);
  return {
    title: `${name}, ${readable(hospital.name)}`,
    main: html`${breadcrumbs([{ href: '/book', text: 'Departments' }])}
      <h1>${name}</h1>
      <p class="lead">
        ${readable(hospital.name)}, ${hospital.address ?? hospital.region}<br />Open
        ${department.operating_start_hour} to ${department.operating_end_hour}
      </p>
      ${
        doctors.length > 0
          ? html`<ul class="rows" aria-label="Doctors">
              ${doctors.map((doctor) => card(doctor, view))}
            </ul>`
          : html`<div class="empty card"><p>No doctor of this department can be booked here.</p></div>`
      }
      ${next && html`<p class="actions"><a class="button second" href="${next}">More doctors</a></p>`}`,
  };
}
