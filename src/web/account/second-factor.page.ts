import { stampTag } from '../format.js';
import { html } from '../../lib/html.js';
import { qrMarkup } from '../../lib/qr.js';
import type { View } from '../page.js';
import { errorSummary, textField, type Mistake } from '../parts.js';

const titled = (title: string, mistakes: readonly Mistake[]): string =>
  mistakes.length > 0 ? `Error: ${title}` : title;

const codeField = (mistakes: readonly Mistake[]) =>
  textField('code', 'Code', {
    hint: 'Six digits of your app, or one of your recovery codes.',
    autocomplete: 'one-time-code',
    maxlength: 40,
    mistakes,
  });

interface CodeView {
  readonly challenge_token: string;
  readonly next: string | undefined;
  readonly mistakes: readonly Mistake[];
}

/** The second step of a sign-in. */
export const signInCodePage = ({ challenge_token, next, mistakes }: CodeView): View => ({
  title: titled('Enter a code', mistakes),
  main: html`<div class="narrow">
    ${mistakes.length > 0 && errorSummary('You are not signed in', mistakes)}
    <h1>Enter a code</h1>
    <p class="lead">Your account has a second factor.</p>
    <form class="card form" method="post" action="/sign-in/code" novalidate>
      <input type="hidden" name="challenge_token" value="${challenge_token}" />
      ${next !== undefined && html`<input type="hidden" name="next" value="${next}" />`}
      ${codeField(mistakes)}
      <button class="button">Sign in</button>
    </form>
    <p><a href="/sign-in">Begin again</a></p>
  </div>`,
});

interface BeginView {
  readonly isDemanded: boolean;
  readonly mistakes: readonly Mistake[];
}

export const beginFactorPage = ({ isDemanded, mistakes }: BeginView): View => ({
  title: titled('Second factor', mistakes),
  main: html`<div class="narrow">
    ${mistakes.length > 0 && errorSummary('It is not set up', mistakes)}
    <h1>Second factor</h1>
    <p class="lead">
      ${
        isDemanded
          ? 'Your role needs one: until it is set up you can do nothing else.'
          : 'A sign-in then asks for a code of an app on your telephone, beside the password.'
      }
    </p>
    <form class="card form" method="post" action="/my/second-factor" novalidate>
      ${textField('password', 'Your password', { type: 'password', autocomplete: 'current-password', mistakes })}
      <button class="button">Set it up</button>
    </form>
  </div>`,
});

/** Shown once: `secret` in groups of four, for who cannot scan. */
export const enrolPage = ({ secret, otpauth_uri }: { secret: string; otpauth_uri: string }): View => ({
  title: 'Set up your app',
  main: html`<div class="narrow">
    <h1>Set up your app</h1>
    <p class="lead">Scan this with an authenticator app, or type the key into it. It is not shown again.</p>
    <div class="card">${qrMarkup(otpauth_uri)}</div>
    <p>Key: <code>${secret.replaceAll(/(.{4})(?!$)/g, '$1 ')}</code></p>
    ${confirmForm([])}
  </div>`,
});

const confirmForm = (mistakes: readonly Mistake[]) =>
  html`<form class="card form" method="post" action="/my/second-factor/confirm" novalidate>
    ${textField('code', 'The code that the app shows', { autocomplete: 'one-time-code', maxlength: 40, mistakes })}
    <button class="button">Turn it on</button>
  </form>`;

export const confirmAgainPage = (mistakes: readonly Mistake[]): View => ({
  title: titled('Set up your app', mistakes),
  main: html`<div class="narrow">
    ${errorSummary('It is not turned on', mistakes)}
    <h1>Set up your app</h1>
    ${confirmForm(mistakes)}
    <p><a href="/my/second-factor">Begin again with another key</a></p>
  </div>`,
});

export const recoveryCodesPage = (codes: readonly string[], home: string): View => ({
  title: 'Your recovery codes',
  main: html`<div class="narrow">
    <h1>Your recovery codes</h1>
    <p class="lead">
      Each signs you in once when you do not have your app. Keep them where nobody else looks: they are not
      shown again.
    </p>
    <ul class="card codes">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ul>
    <p class="actions"><a class="button" href="${home}">I have kept them</a></p>
  </div>`,
});

interface FactorView {
  readonly since: Date;
  readonly left: number;
  readonly zone: string;
  readonly mistakes: readonly Mistake[];
}

export const factorPage = ({ since, left, zone, mistakes }: FactorView): View => ({
  title: titled('Second factor', mistakes),
  main: html`<div class="narrow">
    ${mistakes.length > 0 && errorSummary('Nothing is changed', mistakes)}
    <h1>Second factor</h1>
    <p class="lead">On since ${stampTag(since, zone)}. ${left} of your recovery codes are left.</p>
    <form class="card form" method="post" action="/my/second-factor/codes" novalidate>
      <h2>New recovery codes</h2>
      ${textField('renewal_code', 'Code', { hint: 'Those that are left are good no more.', autocomplete: 'one-time-code', mistakes })}
      <button class="button second">Make new ones</button>
    </form>
    <form class="card form" method="post" action="/my/second-factor/off" novalidate>
      <h2>Turn it off</h2>
      ${textField('password', 'Your password', { type: 'password', autocomplete: 'current-password', mistakes })}
      ${codeField(mistakes)}
      <button class="button second">Turn it off</button>
    </form>
  </div>`,
});

interface StepUpView {
  readonly next: string | undefined;
  readonly mistakes: readonly Mistake[];
}

/** Proves anew who sits there. */
export const stepUpPage = ({ next, mistakes }: StepUpView): View => ({
  title: titled('Is it you?', mistakes),
  main: html`<div class="narrow">
    ${mistakes.length > 0 && errorSummary('That was not it', mistakes)}
    <h1>Is it you?</h1>
    <p class="lead">What you are about to do asks for a code again. It counts for ten minutes.</p>
    <form class="card form" method="post" action="/my/code" novalidate>
      ${next !== undefined && html`<input type="hidden" name="next" value="${next}" />`}
      ${codeField(mistakes)}
      <button class="button">Go on</button>
    </form>
  </div>`,
});
