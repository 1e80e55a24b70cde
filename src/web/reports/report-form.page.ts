import { html, type Content, type Html } from '../../lib/html.js';
import { periodNames, type PeriodName } from './report-periods.js';
import type { Option } from './report-places.js';
import type { Sought } from '../../domains/reports/engine/index.js';
import { worded, type OwnField } from './report-query.js';
import { selectField, textField, type Choice, type Mistake } from '../parts.js';

/** Something that the figures are held to, and the address without it. */
export interface Chip {
  readonly text: string;
  readonly href: string;
}

export interface ReportFormView {
  readonly action: string;
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
  readonly period: PeriodName;
  readonly own: readonly OwnField[];
  readonly regions: readonly string[];
  /** Of each: what there is to choose from, or null where it is looked for by name; left out where it is not to be chosen. */
  readonly choices: Readonly<Partial<Record<Sought, readonly Option[] | null>>>;
  readonly canCompare: boolean;
  readonly isOpen: boolean;
}

const placeNames: Readonly<Record<Sought, { readonly label: string; readonly all: string }>> = {
  hospital: { label: 'Hospital', all: 'All hospitals' },
  department: { label: 'Department', all: 'All departments' },
  doctor: { label: 'Doctor', all: 'All doctors' },
};

function periodFields({ values, mistakes, period }: ReportFormView): Content {
  const choices = Object.entries(periodNames).map(([value, label]) => ({ value, label }));
  return [
    selectField('period', 'Period', choices, { value: period, mistakes }),
    html`<div class="dates">
      ${textField('from', 'First day', { type: 'date', value: values['from'], mistakes })}
      ${textField('through', 'Last day', { type: 'date', value: values['through'], mistakes })}
    </div>`,
  ];
}

function ownField(field: OwnField, { values, mistakes }: ReportFormView): Html {
  const { name, label, choices, standard, hint } = field;
  const value = values[name] ?? standard;
  const options = { value, mistakes, ...(hint === undefined ? {} : { hint }) };
  if (!choices) return textField(name, label, { ...options, maxlength: 100 });
  const words = (choice: string): string =>
    choice === 'true' ? 'Yes' : choice === 'false' ? 'No' : worded(choice);
  const all: readonly Choice[] = standard === undefined ? [{ value: '', label: 'All' }] : [];
  const listed = [...all, ...choices.map((choice) => ({ value: choice, label: words(choice) }))];
  return selectField(name, label, listed, options);
}

function placeField(kind: Sought, { values, mistakes, choices }: ReportFormView): Content {
  const options = choices[kind];
  if (options === undefined) return null;
  const { label, all } = placeNames[kind];
  const id = `${kind}_id`;
  if (options) {
    const listed = options.map((option) => ({ value: option.id, label: option.label }));
    return selectField(id, label, [{ value: '', label: all }, ...listed], {
      value: values[id] ?? '',
      mistakes,
    });
  }
  const kept = values[id];
  return [
    kept !== undefined && html`<input type="hidden" name="${id}" value="${kept}" />`,
    textField(kind, `${label}, by name`, { type: 'search', value: values[kind], maxlength: 100, mistakes }),
  ];
}

function regionField({ values, mistakes, regions }: ReportFormView): Html {
  const listed = regions.map((region) => ({ value: region, label: region }));
  const all = { value: '', label: 'All regions' };
  return selectField('region', 'Region', [all, ...listed], { value: values['region'] ?? '', mistakes });
}

/** The question as a form: what it says becomes the address. On a small screen it is folded away. */
export const reportForm = (view: ReportFormView): Html =>
  html`<details class="filters card" ${view.isOpen && html`open`}>
    <summary>Period and filters</summary>
    <form method="get" action="${view.action}" aria-label="Period and filters">
      <div class="filter-fields">
        ${periodFields(view)} ${view.own.map((field) => ownField(field, view))} ${regionField(view)}
        ${(['hospital', 'department', 'doctor'] as const).map((kind) => placeField(kind, view))}
      </div>
      <div class="filter-end">
        ${
          view.canCompare &&
          html`<div class="choice">
            <input
              type="checkbox"
              id="compare"
              name="compare"
              value="before"
              ${view.values['compare'] === 'before' && html`checked`}
            />
            <label for="compare">Compare with the previous period</label>
          </div>`
        }
        <button class="button">Show figures</button>
      </div>
    </form>
  </details>`;

/** What the figures are held to, each with a way out. */
export const chipList = (chips: readonly Chip[], clear: string): Content =>
  chips.length > 0 &&
  html`<ul class="chips" aria-label="Filters in use">
    ${chips.map(
      ({ text, href }) =>
        html`<li>
          <a class="chip" href="${href}"
            ><span class="unseen">Remove filter: </span>${text}<span class="x" aria-hidden="true">×</span></a
          >
        </li>`,
    )}
    ${chips.length > 1 && html`<li><a class="clear" href="${clear}">Remove all</a></li>`}
  </ul>`;
