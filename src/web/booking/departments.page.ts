import { readable } from '../../lib/names.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { selectField, textField } from '../parts.js';

export interface DepartmentCard {
  readonly department_id: string;
  readonly department_name: string;
  /** `HH:MM` */
  readonly operating_start_hour: string;
  readonly operating_end_hour: string;
  readonly hospital: { readonly name: string; readonly region: string; readonly address: string | null };
}

interface DepartmentsView {
  readonly departments: readonly DepartmentCard[];
  readonly regions: readonly string[];
  readonly search: { readonly q?: string | undefined; readonly region?: string | undefined };
  /** Where the next ones are. */
  readonly next: string | undefined;
}

const card = ({ department_id, hospital, ...department }: DepartmentCard): Html =>
  html`<li class="card link-card">
    <h3>
      <a href="${path`/book/departments/${department_id}`}"
        >${readable(department.department_name)}<span class="unseen">, ${readable(hospital.name)}</span></a
      >
    </h3>
    <p class="where">${readable(hospital.name)}</p>
    <p class="quiet">${hospital.address ?? hospital.region}</p>
    <p class="quiet">Open ${department.operating_start_hour} to ${department.operating_end_hour}</p>
  </li>`;

const searchForm = ({ regions, search }: DepartmentsView): Html => {
  const all = { value: '', label: 'All regions' };
  return html`<form class="search card" method="get" action="/book" role="search">
    ${textField('q', 'Department or hospital', { type: 'search', value: search.q, maxlength: 200 })}
    ${selectField('region', 'Region', [all, ...regions.map((region) => ({ value: region, label: region }))], {
      value: search.region ?? '',
    })}
    <button class="button">Search</button>
  </form>`;
};

const none = html`<div class="empty card">
  <h3>Nothing found</h3>
  <p>Try fewer words, or <a href="/book">see all departments</a>.</p>
</div>`;

export function departmentsPage(view: DepartmentsView): View {
  const { departments, search, next } = view;
  const isSearch = search.q !== undefined || search.region !== undefined;
  return {
    title: 'Book a visit',
    main: html`<h1>Book a visit</h1>
      <p class="lead">Choose a department, then a doctor and a time. You pay once the time is yours.</p>
      ${searchForm(view)}
      <section aria-labelledby="found">
        <h2 id="found">${isSearch ? 'Departments found' : 'Departments'}</h2>
        ${
          departments.length > 0
            ? html`<ul class="cards">
                ${departments.map(card)}
              </ul>`
            : none
        }
        ${next && html`<p class="actions"><a class="button second" href="${next}">More departments</a></p>`}
      </section>`,
  };
}
