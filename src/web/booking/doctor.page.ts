import type { Money } from '../../lib/money.js';
import { amountOf, clockTag, timeTag } from '../format.js';
import { readable } from '../../lib/names.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { calendar, refusalOf, type CalendarView } from './calendar.page.js';
import type { DepartmentCard } from './departments.page.js';
import { breadcrumbs, facts, formKey, portrait } from '../parts.js';

interface ShownDoctor {
  readonly doctor_id: string;
  readonly name: string;
  readonly specialty: string;
  readonly consultation_fee: Money;
  readonly slot_minutes: number;
}

export interface HeldTime {
  readonly hold_id: string;
  readonly doctor_name: string;
  readonly date: Date;
  readonly expires_at: Date;
  readonly zone: string;
}

interface DoctorView {
  readonly doctor: ShownDoctor;
  readonly department: DepartmentCard;
  readonly currency: string;
  readonly calendar: CalendarView;
  /** The time that somebody chose before signing in. */
  readonly chosen: Date | undefined;
  /** What is held for anyone who looks, with any doctor. */
  readonly holds: readonly HeldTime[];
  /** Whether one can ask to be told when a time of the shown day is free. */
  readonly mayWait: boolean;
}

const about = ({ doctor, department, currency }: DoctorView): Html =>
  html`<aside class="card" aria-label="About the visit">
    ${facts([
      [
        'Where',
        html`${readable(department.hospital.name)}<br />${department.hospital.address ?? department.hospital.region}`,
      ],
      [
        'Department',
        html`<a href="${path`/book/departments/${department.department_id}`}"
          >${readable(department.department_name)}</a
        >`,
      ],
      ['Fee', html`${amountOf(doctor.consultation_fee, currency)} <span class="quiet">before tax</span>`],
      ['Length', `${doctor.slot_minutes} minutes`],
    ])}
  </aside>`;

const held = ({ holds }: DoctorView): Html[] =>
  holds.map(
    ({ hold_id, doctor_name, date, expires_at, zone }) =>
      html`<div class="notice">
        <h2>You are holding ${timeTag(date, zone)}</h2>
        <p>With ${readable(doctor_name)}. It is yours until ${clockTag(expires_at, zone)}.</p>
        <p class="actions"><a class="button" href="${path`/book/holds/${hold_id}`}">Continue</a></p>
      </div>`,
  );

const chosenNotice = ({ chosen, calendar: { action, form_key, zone } }: DoctorView): Html | false =>
  chosen !== undefined &&
  action !== null &&
  html`<form class="notice" method="post" action="${action}">
    ${formKey(form_key)}
    <h2>You chose ${timeTag(chosen, zone)}</h2>
    <p class="actions">
      <button class="button" name="start" value="${chosen.toISOString()}">Continue with this time</button>
    </p>
  </form>`;

const waitForm = ({ doctor, mayWait, calendar: { day, form_key } }: DoctorView): Html | false =>
  mayWait &&
  html`<form method="post" action="${path`/book/doctors/${doctor.doctor_id}/wait`}">
    ${formKey(form_key)}
    <button class="button second" name="day" value="${day}">Tell me when a time is free</button>
  </form>`;

export function doctorPage(view: DoctorView): View {
  const { doctor, department } = view;
  const crumbs = [
    { href: '/book', text: 'Departments' },
    { href: path`/book/departments/${department.department_id}`, text: readable(department.department_name) },
  ];
  return {
    title: `${view.calendar.refusal ? 'Error: ' : ''}${readable(doctor.name)}, free times`,
    main: html`${refusalOf(view.calendar)} ${breadcrumbs(crumbs)}
      <div class="titled">
        ${portrait(doctor.name)}
        <div>
          <h1>${readable(doctor.name)}</h1>
          <p class="lead">${readable(doctor.specialty)}</p>
        </div>
      </div>
      ${held(view)} ${chosenNotice(view)}
      <div class="beside">${calendar(view.calendar, waitForm(view))} ${about(view)}</div>`,
  };
}
