import type { EmergencyAccess } from '../../domains/clinical/emergency-access/emergency-access.types.js';
import { html, path, type Content, type Html } from '../../lib/html.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import {
  cardList,
  errorSummary,
  facts,
  formKey,
  olderOnes,
  radios,
  textField,
  type Mistake,
} from '../parts.js';

interface QueueView {
  readonly accesses: readonly EmergencyAccess[];
  readonly isReviewed: boolean;
  readonly next: string | undefined;
  readonly zone: string;
}

const words = { justified: 'Justified', not_justified: 'Not justified' } as const;

const said = ({ review }: EmergencyAccess): Content =>
  review === null
    ? html`<span class="tag">Waits for a review</span>`
    : html`<span class="tag ${review.finding === 'justified' ? 'good' : 'bad'}"
        >${words[review.finding]}</span
      >`;

const card = (access: EmergencyAccess, zone: string): Html =>
  html`<li class="card link-card">
    <h2>
      <a href="${path`/emergency-accesses/${access.emergency_access_id}`}"
        >${access.doctor_id ?? access.user_id} opened ${access.patient_id}</a
      >
    </h2>
    <p class="prose">${access.reason}</p>
    <p class="apart"><span class="quiet">${stampTag(access.opened_at, zone)}</span> ${said(access)}</p>
  </li>`;

/** PAT-8: the queue of the records that were opened in an emergency. */
export const queuePage = ({ accesses, isReviewed, next, zone }: QueueView): View => ({
  title: 'Records opened in an emergency',
  main: html`<h1>Records opened in an emergency</h1>
    <p>
      ${
        isReviewed
          ? html`<a href="/emergency-accesses">Those that wait for a review</a>`
          : html`<a href="/emergency-accesses?reviewed=true">Those that were reviewed</a>`
      }
    </p>
    ${cardList(
      accesses.map((access) => card(access, zone)),
      isReviewed ? 'None was reviewed yet.' : 'Nothing waits for a review.',
    )}
    ${olderOnes(next)}`,
});

interface AccessView {
  readonly access: EmergencyAccess;
  readonly zone: string;
  /** Nobody reviews what they did themselves. */
  readonly mayReview: boolean;
  readonly form_key: string;
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
}

const reviewForm = ({ access, form_key, values, mistakes }: AccessView): Html =>
  html`<form
    class="card"
    method="post"
    action="${path`/emergency-accesses/${access.emergency_access_id}/review`}"
  >
    ${formKey(form_key)}
    ${radios(
      'finding',
      'Was the reason good enough to open the record?',
      [
        { value: 'justified', label: 'Yes, it was justified' },
        { value: 'not_justified', label: 'No, it was not' },
      ],
      { mistakes, value: values['finding'] },
    )}
    ${textField('note', 'Note', { mistakes, maxlength: 1_000, value: values['note'] ?? '' })}
    <button class="button">Save the review</button>
  </form>`;

export function accessPage(view: AccessView): View {
  const { access, zone, mayReview, mistakes } = view;
  const { review, opened_at, expires_at } = access;
  return {
    title: `${mistakes.length > 0 ? 'Error: ' : ''}A record opened in an emergency`,
    main: html`${mistakes.length > 0 && errorSummary('That did not work', mistakes)}
      <h1>A record opened in an emergency</h1>
      ${facts([
        ['Whose record', access.patient_id],
        ['Opened by', access.doctor_id ?? access.user_id],
        ['Why', access.reason],
        ['From', stampTag(opened_at, zone)],
        ['Until', stampTag(expires_at, zone)],
        ['Review', said(access)],
        ...(review
          ? ([
              ['Note', review.note ?? '–'],
              ['Reviewed', stampTag(review.at, zone)],
            ] as const)
          : []),
      ])}
      ${review === null && (mayReview ? reviewForm(view) : html`<p>Somebody else reviews what you opened yourself.</p>`)}
      <p><a href="/emergency-accesses">Back to the queue</a></p>`,
  };
}
