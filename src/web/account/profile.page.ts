import { notificationKinds, type NotificationKind } from '../../contracts/notifications.js';
import { html, path, type Html } from '../../lib/html.js';
import { stampTag } from '../format.js';
import type { View } from '../page.js';
import { errorSummary, olderOnes, textField, type Mistake } from '../parts.js';
import { passwordHint } from './register.page.js';

interface Address {
  readonly address_id: string;
  readonly label: string;
  readonly recipient: string;
  readonly line1: string;
  readonly line2?: string | null | undefined;
  readonly city: string;
  readonly region?: string | null | undefined;
  readonly postal_code: string;
  readonly country: string;
  readonly is_default: boolean;
}

interface AccountView {
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly addresses: readonly Address[];
  readonly notifications: { readonly email: boolean; readonly muted_kinds: readonly NotificationKind[] };
  /** What was typed, where a form comes back. */
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
}

/** The field of a kind of notice in the form. */
export const fieldOfKind = (kind: NotificationKind): string => kind.replace('.', '_');

const checkbox = (name: string, label: string, isChecked: boolean): Html =>
  html`<div class="choice">
    <input type="checkbox" id="${name}" name="${name}" value="on" ${isChecked && html`checked`} />
    <label for="${name}">${label}</label>
  </div>`;

const inWords = (kind: NotificationKind): string => {
  const text = kind.replaceAll(/[._]/g, ' ');
  return text[0]!.toUpperCase() + text.slice(1);
};

const addressItem = ({ address_id, label, is_default, ...one }: Address): Html =>
  html`<li class="card">
    <h3>${label}${is_default && html` <span class="tag good">Default</span>`}</h3>
    <p>
      ${[one.recipient, one.line1, one.line2, `${one.postal_code} ${one.city}`, one.region, one.country].filter(Boolean).join(', ')}
    </p>
    <div class="actions">
      ${
        !is_default &&
        html`<form method="post" action="${path`/account/addresses/${address_id}/default`}">
          <button class="button second">Make it the default<span class="unseen">: ${label}</span></button>
        </form>`
      }
      <form method="post" action="${path`/account/addresses/${address_id}/remove`}">
        <button class="button second">Remove<span class="unseen">: ${label}</span></button>
      </form>
    </div>
  </li>`;

const addressForm = ({ values, mistakes }: AccountView): Html =>
  html`<form class="card form" method="post" action="/account/addresses" novalidate>
    <h3>Add an address</h3>
    ${textField('label', 'What you call it', { value: values['label'], maxlength: 60, mistakes })}
    ${textField('recipient', 'For whom', { value: values['recipient'], autocomplete: 'name', mistakes })}
    ${textField('line1', 'Street and number', { value: values['line1'], autocomplete: 'address-line1', mistakes })}
    ${textField('city', 'City', { value: values['city'], autocomplete: 'address-level2', mistakes })}
    ${textField('region', 'Region (if it has one)', { value: values['region'], autocomplete: 'address-level1', mistakes })}
    ${textField('postal_code', 'Postal code', { value: values['postal_code'], autocomplete: 'postal-code', mistakes })}
    ${textField('country', 'Country, two letters', { value: values['country'], autocomplete: 'country', maxlength: 2, mistakes })}
    <button class="button">Add the address</button>
  </form>`;

const passwordForm = ({ mistakes }: AccountView): Html =>
  html`<form class="card form" method="post" action="/account/password" novalidate>
    ${textField('current_password', 'Your password now', { type: 'password', autocomplete: 'current-password', mistakes })}
    ${textField('password', 'New password', { type: 'password', hint: passwordHint, autocomplete: 'new-password', mistakes })}
    <button class="button">Change the password</button>
  </form>`;

const noticesForm = ({ notifications: { email, muted_kinds } }: AccountView): Html =>
  html`<form class="card form" method="post" action="/account/notices">
    <fieldset>
      <legend>By email too (the app keeps all of them)</legend>
      <div class="choices">
        ${checkbox('email_notices', 'Emails at all', email)}
        ${notificationKinds.map((kind) => checkbox(fieldOfKind(kind), inWords(kind), !muted_kinds.includes(kind)))}
      </div>
    </fieldset>
    <button class="button">Keep this</button>
  </form>`;

export function accountPage(view: AccountView): View {
  const { name, email, phone, addresses, values, mistakes } = view;
  return {
    title: mistakes.length > 0 ? 'Error: Your account' : 'Your account',
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('Nothing is changed', mistakes)}
      <h1>Your account</h1>
      <p class="lead">${email}</p>
      <p class="actions">
        <a class="button second" href="/my/second-factor">Second factor</a>
        <a class="button second" href="/account/sessions">Where you are signed in</a>
      </p>
      <h2>Contact</h2>
      <form class="card form" method="post" action="/account" novalidate>
        ${textField('name', 'Full name', { value: values['name'] ?? name, autocomplete: 'name', mistakes })}
        ${textField('phone', 'Telephone', { value: values['phone'] ?? phone ?? '', autocomplete: 'tel', mistakes })}
        <button class="button">Keep this</button>
      </form>
      <h2>Addresses</h2>
      ${
        addresses.length > 0 &&
        html`<ul class="rows">
          ${addresses.map(addressItem)}
        </ul>`
      }
      ${addressForm(view)}
      <h2>Notices</h2>
      ${noticesForm(view)}
      <h2>Password</h2>
      ${passwordForm(view)}
    </div>`,
  };
}

interface SessionItem {
  readonly id: string;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly user_agent: string | null;
  readonly address: string | null;
  readonly current: boolean;
}

const sessionItem = (one: SessionItem, zone: string): Html =>
  html`<li class="card">
    <h2>
      ${one.user_agent ?? 'An unknown program'}${one.current && html` <span class="tag good">This one</span>`}
    </h2>
    <p>
      From ${one.address ?? 'an unknown address'}, since ${stampTag(one.created_at, zone)}, last used
      ${stampTag(one.last_used_at, zone)}.
    </p>
    ${
      !one.current &&
      html`<form class="actions" method="post" action="${path`/account/sessions/${one.id}/end`}">
        <button class="button second">Sign it out</button>
      </form>`
    }
  </li>`;

export const sessionsPage = (view: {
  readonly sessions: readonly SessionItem[];
  readonly next: string | undefined;
  readonly zone: string;
}): View => ({
  title: 'Where you are signed in',
  main: html`<h1>Where you are signed in</h1>
    <p class="lead">
      One that you do not know? Sign it out, then <a href="/account">choose another password</a>.
    </p>
    <ul class="rows">
      ${view.sessions.map((one) => sessionItem(one, view.zone))}
    </ul>
    ${olderOnes(view.next)}`,
});
