import { roles, type Role } from '../../lib/actor.js';
import { html, path, type Html } from '../../lib/html.js';
import type { View } from '../page.js';
import { cardList, errorSummary, olderOnes, selectField, textField, type Mistake } from '../parts.js';

interface UserCard {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly active: boolean;
  readonly second_factor: boolean;
}

interface UsersView {
  readonly users: readonly UserCard[];
  readonly search: {
    readonly q?: string | undefined;
    readonly role?: string | undefined;
    readonly active?: string | undefined;
  };
  readonly next: string | undefined;
}

const roleChoices = roles.map((role) => ({ value: role, label: role[0]!.toUpperCase() + role.slice(1) }));

const card = ({ id, name, email, role, active }: UserCard): Html =>
  html`<li class="card link-card">
    <h2><a href="${path`/users/${id}`}">${name}</a></h2>
    <p>${email} <span class="tag ${active ? 'good' : 'bad'}">${active ? role : 'Closed'}</span></p>
  </li>`;

export const usersPage = ({ users, search, next }: UsersView): View => ({
  title: 'Users',
  main: html`<h1>Users</h1>
    <form class="search card" method="get" action="/users" role="search">
      ${textField('q', 'Name or email', { type: 'search', value: search.q, maxlength: 254 })}
      ${selectField('role', 'Role', [{ value: '', label: 'All roles' }, ...roleChoices], { value: search.role ?? '' })}
      ${selectField(
        'active',
        'Accounts',
        [
          { value: '', label: 'Open and closed' },
          { value: 'true', label: 'Open' },
          { value: 'false', label: 'Closed' },
        ],
        { value: search.active ?? '' },
      )}
      <button class="button">Search</button>
    </form>
    ${cardList(users.map(card), 'Nobody found.')} ${olderOnes(next, 'More')}`,
});

const oneButton = (action: string, text: string, kind: 'second' | 'danger'): Html =>
  html`<form class="actions" method="post" action="${action}">
    <button class="button ${kind}">${text}</button>
  </form>`;

export const userPage = (user: UserCard, mistakes: readonly Mistake[]): View => {
  const { id, name, email, role, active, second_factor } = user;
  return {
    title: mistakes.length > 0 ? `Error: ${name}` : name,
    main: html`<div class="narrow">
      ${mistakes.length > 0 && errorSummary('Nothing is changed', mistakes)}
      <p><a href="/users">All users</a></p>
      <h1>${name}</h1>
      <p class="lead">
        ${email}. ${active ? 'May sign in' : 'May not sign in'}${second_factor && ', with a second factor'}.
      </p>
      <form class="card form" method="post" action="${path`/users/${id}/role`}" novalidate>
        ${selectField('role', 'Role', roleChoices, { value: role, mistakes })}
        ${textField('hospital_id', 'Hospital of the desk (for a receptionist)', { maxlength: 64, mistakes })}
        ${textField('doctor_id', 'Record (for a doctor)', { maxlength: 64, mistakes })}
        <button class="button">Change the role</button>
      </form>
      ${
        active
          ? oneButton(path`/users/${id}/close`, 'Close the account', 'danger')
          : oneButton(path`/users/${id}/open`, 'Open the account', 'second')
      }
      ${oneButton(path`/users/${id}/sign-out`, 'Sign out everywhere', 'second')}
      ${second_factor && oneButton(path`/users/${id}/second-factor`, 'Take away the second factor', 'second')}
    </div>`,
  };
};
