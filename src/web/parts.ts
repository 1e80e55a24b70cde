import { html, type Content, type Html } from '../lib/html.js';

/* What several pages are made of. */

/** What is wrong with a field of a form, in words for the one who filled it in. */
export interface Mistake {
  /** The field's name, which is its id too; null: the form as a whole. */
  readonly field: string | null;
  readonly message: string;
}

/**
 * What went wrong, first on the page and focused when it opens: a screen reader begins with it, and the links lead to
 * the fields.
 */
export function errorSummary(title: string, mistakes: readonly Mistake[], more?: Content): Html {
  const item = ({ field, message }: Mistake): Html =>
    html`<li>${field === null ? message : html`<a href="#${field}">${message}</a>`}</li>`;
  return html`<div class="notice bad" role="alert" tabindex="-1" autofocus>
    <h2>${title}</h2>
    ${
      mistakes.length > 0 &&
      html`<ul>
        ${mistakes.map(item)}
      </ul>`
    }
    ${more}
  </div>`;
}

interface FieldOptions {
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'search';
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly autocomplete?: string;
  readonly mistakes?: readonly Mistake[];
  readonly maxlength?: number;
}

const mistakeOf = (name: string, { mistakes = [] }: FieldOptions): string | undefined =>
  mistakes.find(({ field }) => field === name)?.message;

/** What stands above a control, and what the control says of it: its hint and its mistake. */
function describe(name: string, options: FieldOptions): { about: Html; attributes: Html } {
  const mistake = mistakeOf(name, options);
  const { hint } = options;
  const ids = [hint !== undefined && `${name}-hint`, mistake !== undefined && `${name}-mistake`].filter(
    Boolean,
  );
  return {
    about: html`${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${mistake !== undefined && html`<p class="mistake" id="${name}-mistake">${mistake}</p>`}`,
    attributes: html`${ids.length > 0 && html`aria-describedby="${ids.join(' ')}"`}
    ${mistake !== undefined && html`aria-invalid="true"`}`,
  };
}

/** A control of one line with its label. Nothing is `required`: we say better than a browser what is missing. */
export function textField(name: string, label: string, options: FieldOptions = {}): Html {
  const { type = 'text', value, autocomplete, maxlength } = options;
  const { about, attributes } = describe(name, options);
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${about}
    <input
      id="${name}"
      name="${name}"
      type="${type}"
      ${value !== undefined && html`value="${value}"`}
      ${autocomplete && html`autocomplete="${autocomplete}"`}
      ${maxlength && html`maxlength="${maxlength}"`}
      ${attributes}
    />
  </div>`;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export function selectField(
  name: string,
  label: string,
  choices: readonly Choice[],
  options: FieldOptions = {},
): Html {
  const { about, attributes } = describe(name, options);
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${about}
    <select id="${name}" name="${name}" ${attributes}>
      ${choices.map(
        ({ value, label: text }) =>
          html`<option value="${value}" ${value === options.value && html`selected`}>${text}</option>`,
      )}
    </select>
  </div>`;
}

/** One of a few, all to be seen. The first has the group's name as its id, for the link of the error summary. */
export function radios(
  name: string,
  legend: string,
  choices: readonly Choice[],
  options: FieldOptions = {},
): Html {
  const { about, attributes } = describe(name, options);
  const radio = ({ value, label }: Choice, index: number): Html => {
    const id = index === 0 ? name : `${name}-${value}`;
    return html`<div class="choice">
      <input
        type="radio"
        id="${id}"
        name="${name}"
        value="${value}"
        ${value === options.value && html`checked`}
      />
      <label for="${id}">${label}</label>
    </div>`;
  };
  return html`<fieldset ${attributes}>
    <legend>${legend}</legend>
    ${about}
    <div class="choices">${choices.map(radio)}</div>
  </fieldset>`;
}

interface CheckboxOptions {
  readonly hint: string;
  /** Of the form: a field that is there is ticked. */
  readonly values: Readonly<Record<string, string>>;
}

/** Any of a few, each a field of its own: the value of a choice is its name. */
export const checkboxes = (
  legend: string,
  choices: readonly Choice[],
  { hint, values }: CheckboxOptions,
): Html =>
  html`<fieldset>
    <legend>${legend}</legend>
    <p class="hint">${hint}</p>
    <div class="choices">
      ${choices.map(
        ({ value: name, label }) =>
          html`<div class="choice">
            <input
              type="checkbox"
              id="${name}"
              name="${name}"
              value="yes"
              ${name in values && html`checked`}
            />
            <label for="${name}">${label}</label>
          </div>`,
      )}
    </div>
  </fieldset>`;

/** Makes a form's sending one of a kind: see `PageInput.once`. */
export const formKey = (key: string): Html => html`<input type="hidden" name="form_key" value="${key}" />`;

/** A button that does one thing, about what it does it said to those who do not see where it stands. */
export const buttonForm = (action: string, text: string, about: string, form_key: string): Html =>
  html`<form method="post" action="${action}">
    ${formKey(form_key)}
    <button class="button second">${text}<span class="unseen">: ${about}</span></button>
  </form>`;

/** Cards one below the other, or why there are none. */
export const cardList = (cards: readonly Html[], empty: string): Html =>
  cards.length > 0
    ? html`<ul class="rows">
        ${cards}
      </ul>`
    : html`<div class="card empty"><p>${empty}</p></div>`;

/** A table that scrolls in its own frame where it is wider than the screen. */
export const scrolledTable = (label: string, titles: readonly string[], rows: readonly Html[]): Html =>
  html`<div class="table-scroll" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${titles.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;

/** The way to the next page of a list, where it has one. */
export const olderOnes = (next: string | undefined, text = 'Older ones'): Content =>
  next !== undefined && html`<p class="actions"><a class="button second" href="${next}">${text}</a></p>`;

interface Crumb {
  readonly href: string;
  readonly text: string;
}

/** The way back up, above the heading. */
export const breadcrumbs = (crumbs: readonly Crumb[]): Html =>
  html`<nav class="crumbs" aria-label="Breadcrumb">
    <ol>
      ${crumbs.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}
    </ol>
  </nav>`;

/** Pairs of what and which. */
export const facts = (pairs: readonly (readonly [string, Content])[]): Html =>
  html`<dl class="facts">
    ${pairs.map(
      ([term, value]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

/** First letters of the name without titles, for a picture that says nothing more. */
function initials(name: string): string {
  const words = name.replace(/^(dr|prof)\.?\s+/i, '').match(/\p{L}+/gu) ?? [];
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => word?.[0] ?? '')
    .join('')
    .toUpperCase();
}

export const portrait = (name: string): Html =>
  html`<span class="portrait" aria-hidden="true">${initials(name)}</span>`;
