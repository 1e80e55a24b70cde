import { html, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { errorSummary, textField, type Mistake } from '../parts.js';
import { passwordHint } from './register.page.js';

interface LinkView {
  readonly token: string;
  readonly mistakes: readonly Mistake[];
}

const tokenField = ({ token }: LinkView): Html => html`<input type="hidden" name="token" value="${token}" />`;

/** `email`: of the account that the link is for. */
export function invitationPage(view: LinkView & { readonly email: string }): View {
  const { mistakes, email } = view;
  return {
    title: mistakes.length > 0 ? 'Error: Accept the invitation' : 'Accept the invitation',
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('The invitation is not accepted', mistakes)}
      <h1>Accept the invitation</h1>
      <p class="lead">Choose a password for ${email}. Nobody else knows it.</p>
      <form class="card form" method="post" action="/invitation" novalidate>
        ${tokenField(view)}
        ${textField('password', 'Password', {
          type: 'password',
          hint: passwordHint,
          autocomplete: 'new-password',
          mistakes,
        })}
        <button class="button">Accept the invitation</button>
      </form>
    </div>`,
  };
}

/** A form, because programs that check emails open their links. */
export const confirmPage = (view: LinkView): View => ({
  title: 'Confirm your email address',
  main: html`<div class="narrow">
    <h1>Confirm your email address</h1>
    <form class="card form" method="post" action="/confirm-email">
      ${tokenField(view)}
      <button class="button">Confirm</button>
    </form>
  </div>`,
});

export const confirmedPage = (home: string): View => ({
  title: 'Your address is confirmed',
  main: html`<div class="narrow">
    <h1>Your address is confirmed</h1>
    <p class="actions"><a class="button" href="${home}">Go on</a></p>
  </div>`,
});
