import { html } from '../../lib/html.js';
import type { View } from '../page.js';
import { errorSummary, radios, textField } from '../parts.js';
import { elsewhere, nextField, titled, type EntryView } from './sign-in.page.js';

const sexes = [
  { value: 'female', label: 'Female' },
  { value: 'male', label: 'Male' },
  { value: 'other', label: 'Other' },
  { value: 'unknown', label: 'Rather not say' },
];

export const passwordHint =
  '12 characters or more, or 8 with three of these: lower case, upper case, digits, other signs.';

export function registerPage(view: EntryView): View {
  const { values, mistakes } = view;
  return {
    title: titled('Make an account', view),
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('The account was not made', mistakes)}
      <h1>Make an account</h1>
      <p class="lead">For patients. Your doctor sees your name, date of birth and sex.</p>
      <form class="card form" method="post" action="/register" novalidate>
        ${nextField(view)}
        ${textField('name', 'Full name', { value: values['name'], autocomplete: 'name', mistakes })}
        ${textField('date_of_birth', 'Date of birth', {
          type: 'date',
          value: values['date_of_birth'],
          autocomplete: 'bday',
          mistakes,
        })}
        ${radios('sex', 'Sex', sexes, { value: values['sex'], mistakes })}
        ${textField('email', 'Email', { type: 'email', value: values['email'], autocomplete: 'email', mistakes })}
        ${textField('password', 'Password', {
          type: 'password',
          hint: passwordHint,
          autocomplete: 'new-password',
          mistakes,
        })}
        <button class="button">Make an account</button>
      </form>
      <p>You have one already? <a href="${elsewhere('/sign-in', view)}">Sign in</a></p>
    </div>`,
  };
}
