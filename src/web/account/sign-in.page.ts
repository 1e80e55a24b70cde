import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { errorSummary, textField, type Mistake } from '../parts.js';

export interface EntryView {
  /** As they were typed; a password never comes back. */
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
  /** Where to go on. */
  readonly next: string | undefined;
}

export const titled = (title: string, { mistakes }: EntryView): string =>
  mistakes.length > 0 ? `Error: ${title}` : title;

export const nextField = ({ next }: EntryView) =>
  next !== undefined && html`<input type="hidden" name="next" value="${next}" />`;

export const elsewhere = (page: '/sign-in' | '/register', { next }: EntryView): string =>
  next === undefined ? page : page + path`?next=${next}`;

interface Provider {
  readonly id: string;
  readonly name: string;
}

const providerLink = ({ id, name }: Provider, { next }: EntryView): Html =>
  html`<a
    class="button second"
    href="${path`/sign-in/with/${id}` + (next === undefined ? '' : path`?next=${next}`)}"
    >Sign in with ${name}</a
  >`;

/** `mayRegister`: there is a page to make an account on. */
export function signInPage(view: EntryView, mayRegister: boolean, providers: readonly Provider[]): View {
  const { values, mistakes } = view;
  return {
    title: titled('Sign in', view),
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('You are not signed in', mistakes)}
      <h1>Sign in</h1>
      ${
        view.next !== undefined &&
        html`<p class="lead">
          ${view.next.startsWith('/reports') ? 'Sign in to see the reports.' : 'Sign in to go on with your visit.'}
        </p>`
      }
      <form class="card form" method="post" action="/sign-in" novalidate>
        ${nextField(view)}
        ${textField('email', 'Email', { type: 'email', value: values['email'], autocomplete: 'username', mistakes })}
        ${textField('password', 'Password', { type: 'password', autocomplete: 'current-password', mistakes })}
        <button class="button">Sign in</button>
      </form>
      ${
        providers.length > 0 &&
        html`<p class="actions">${providers.map((one) => providerLink(one, view))}</p>`
      }
      <p><a href="/forgot">Forgot your password?</a></p>
      ${mayRegister && html`<p>New here? <a href="${elsewhere('/register', view)}">Make an account</a></p>`}
    </div>`,
  };
}
