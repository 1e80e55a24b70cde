import { html } from '../../lib/html.js';
import type { View } from '../page.js';
import { errorSummary, textField, type Mistake } from '../parts.js';
import { passwordHint } from './register.page.js';
import { titled, type EntryView } from './sign-in.page.js';

export function forgotPage(view: EntryView): View {
  const { values, mistakes } = view;
  return {
    title: titled('Forgot your password', view),
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('No link was sent', mistakes)}
      <h1>Forgot your password</h1>
      <p class="lead">We send you a link to choose a new one.</p>
      <form class="card form" method="post" action="/forgot" novalidate>
        ${textField('email', 'Email', { type: 'email', value: values['email'], autocomplete: 'username', mistakes })}
        <button class="button">Send the link</button>
      </form>
      <p>You know it after all? <a href="/sign-in">Sign in</a></p>
    </div>`,
  };
}

/** The same for everybody: who has an account is told by the email alone. */
export const linkSentPage = (email: string): View => ({
  title: 'Look into your mailbox',
  main: html`<div class="narrow">
    <h1>Look into your mailbox</h1>
    <p class="lead">
      If there is an account with the address ${email}, a link is on its way to it. It works once, within half
      an hour.
    </p>
    <p>Nothing came? Wait a minute, look among the spam, then <a href="/forgot">ask for another one</a>.</p>
  </div>`,
});

interface ResetView {
  readonly token: string;
  readonly email: string;
  readonly mistakes: readonly Mistake[];
}

export const resetPage = ({ token, email, mistakes }: ResetView): View => ({
  title: mistakes.length > 0 ? 'Error: Choose a new password' : 'Choose a new password',
  main: html`<div class="narrow">
    ${mistakes.length > 0 && errorSummary('The password is not changed', mistakes)}
    <h1>Choose a new password</h1>
    <p class="lead">For ${email}. You are signed out everywhere, and sign in with it.</p>
    <form class="card form" method="post" action="/reset" novalidate>
      <input type="hidden" name="token" value="${token}" />
      ${textField('password', 'New password', {
        type: 'password',
        hint: passwordHint,
        autocomplete: 'new-password',
        mistakes,
      })}
      <button class="button">Change the password</button>
    </form>
  </div>`,
});

export const resetDonePage: View = {
  title: 'Your password is changed',
  main: html`<div class="narrow">
    <h1>Your password is changed</h1>
    <p class="actions"><a class="button" href="/sign-in">Sign in</a></p>
  </div>`,
};
