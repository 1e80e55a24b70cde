import type { Sought } from '../../domains/reports/engine/index.js';
import { eitherText, valuesIn } from '../../lib/either-of.js';
import { html, type Content, type Html } from '../../lib/html.js';
import { selectField, textField, type Mistake } from '../parts.js';
import type { Option } from './report-places.js';
import { placeParameter, placeWords, type Place } from './report-query.js';

/* The filters by place and doctor: of few, each is chosen by itself; of many, one is looked for by its name. */

/** What a filter offers. */
export interface Offer {
  /** All that there is to choose from; where they are looked for by name, those that are chosen. */
  readonly options: readonly Option[];
  readonly isSought: boolean;
}

export interface PlaceFieldView {
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
  /** Only one of each may be asked about. */
  readonly isOne: boolean;
}

const chosenIn = (place: Place, { values }: PlaceFieldView): string[] =>
  valuesIn(values[placeParameter[place]]);

/** A form sends each box that is ticked: together they are the text of the parameter. */
function boxes(place: Place, options: readonly Option[], view: PlaceFieldView): Html[] {
  const name = placeParameter[place];
  const chosen = chosenIn(place, view);
  return options.map(
    ({ id, label }, at) =>
      html`<li class="choice">
        <input
          type="checkbox"
          id="${name}-${at}"
          name="${name}"
          value="${eitherText([id])}"
          ${chosen.includes(id) && html`checked`}
        />
        <label for="${name}-${at}">${label}</label>
      </li>`,
  );
}

/** `All hospitals`, the name of the one, `3 hospitals` */
function saidOf(place: Place, options: readonly Option[], view: PlaceFieldView): string {
  const chosen = chosenIn(place, view);
  const { many } = placeWords[place];
  if (chosen.length === 0) return `All ${many}`;
  if (chosen.length > 1) return `${chosen.length} ${many}`;
  return options.find(({ id }) => id === chosen[0])?.label ?? chosen[0]!;
}

function severalField(place: Place, options: readonly Option[], view: PlaceFieldView): Html {
  const name = placeParameter[place];
  const mistake = view.mistakes.find(({ field }) => field === name)?.message;
  return html`<div class="field">
    ${mistake !== undefined && html`<p class="mistake" id="${name}-mistake">${mistake}</p>`}
    <details class="several" name="places">
      <summary id="${name}" ${mistake !== undefined && html`aria-describedby="${name}-mistake"`}>
        <span class="what">${placeWords[place].label}</span>
        <span class="said">${saidOf(place, options, view)}</span>
      </summary>
      <ul class="boxes">
        ${boxes(place, options, view)}
      </ul>
    </details>
  </div>`;
}

function oneField(place: Place, options: readonly Option[], { values, mistakes }: PlaceFieldView): Html {
  const name = placeParameter[place];
  const { label, many } = placeWords[place];
  const listed = options.map((option) => ({ value: eitherText([option.id])!, label: option.label }));
  const value = values[name] ?? '';
  return selectField(name, label, [{ value: '', label: `All ${many}` }, ...listed], { value, mistakes });
}

/** The script puts what it finds among the boxes; without it the words are looked up when the form is sent. */
const soughtField = (kind: Sought, options: readonly Option[], view: PlaceFieldView): Html =>
  html`<div
    class="finder"
    data-kind="${kind}"
    data-name="${placeParameter[kind]}"
    ${view.isOne && html`data-one`}
  >
    ${textField(kind, `${placeWords[kind].label}, by name`, {
      ...{ type: 'search', value: view.values[kind], maxlength: 100, mistakes: view.mistakes },
    })}
    <ul class="boxes" aria-label="Chosen ${placeWords[kind].many}">
      ${boxes(kind, options, view)}
    </ul>
  </div>`;

export function placeField(place: Place, offer: Offer | undefined, view: PlaceFieldView): Content {
  if (!offer) return null;
  if (offer.isSought) return soughtField(place as Sought, offer.options, view);
  return (view.isOne ? oneField : severalField)(place, offer.options, view);
}
